/** What a batch's header says to an act on one of its members, in the transaction of that act. */
import { conflictError } from '../../shared/errors.ts';
import type { MemberGate } from '../payments/index.ts';
import type { BatchRepository } from './payment-batch.repository.ts';
import type { Batch, BatchStatus } from './payment-batch.schema.ts';
import { answeredBatch, BEFORE_FILE, WITH_FILE, withoutMember } from './payment-batch.ts';

/** Held, released and cancelled while no file names it; settled, failed and returned once one does. */
export function createMemberGate({ batches }: BatchRepository): MemberGate {
  return {
    async memberWrites(command, member, { action, after }) {
      if (member.batch_id === null || action === 'void') return [];
      const batch = await batches.require(member.batch_id);
      switch (action) {
        case 'hold':
        case 'release':
          requireStatus(batch, action, BEFORE_FILE);
          return [batches.check(batch.id, { kind: 'equals', attribute: 'version', value: batch.version })];
        case 'cancel':
          requireStatus(batch, action, BEFORE_FILE);
          return batches.update(command, batch, withoutMember(batch, member), { action: 'member_cancelled' }).writes;
        default:
          requireStatus(batch, action, WITH_FILE);
          return batches.update(command, batch, answeredBatch(batch, member.status, after.status), {
            action: `member_${after.status}`,
          }).writes;
      }
    },
  };
}

function requireStatus(batch: Batch, action: string, allowed: readonly BatchStatus[]): void {
  if (allowed.includes(batch.status)) return;
  throw conflictError(
    'payment.in-batch',
    `The payment is in batch ${batch.id}, which is ${batch.status}; for ${action} the batch must be ${allowed.join(' or ')}.`,
  );
}
