/** What a batch's header says to an act on one of its members, in the transaction of that act. */
import type { Command } from '../../shared/command.ts';
import type { PendingWrite } from '../../shared/dynamo/unit-of-work.ts';
import { conflictError } from '../../shared/errors.ts';
import { countedStatus, lastAnswer, type MemberAct, type MemberGate, type Payment } from '../payments/index.ts';
import { bookingWrites, unbookingWrites } from './booking.ts';
import type { BatchRepository } from './payment-batch.repository.ts';
import type { Batch, BatchStatus } from './payment-batch.schema.ts';
import { answeredBatch, BEFORE_FILE, leftAt, WITH_FILE, withoutMember } from './payment-batch.ts';

export interface MemberGateDeps {
  readonly repository: BatchRepository;
  /** The company's calendar day. */
  readonly today: (now: Date) => Promise<string>;
}

/** Held, released and cancelled while no file names it; what the bank did is recorded once the bank can have the file. */
export function createMemberGate(deps: MemberGateDeps): MemberGate {
  const { batches } = deps.repository;
  return {
    async memberWrites(command, member, act) {
      const { action } = act;
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
          requireWithBank(batch, action);
          return answerWrites(deps, command, batch, member, act);
      }
    },
  };
}

async function answerWrites(
  deps: MemberGateDeps,
  command: Command,
  batch: Batch,
  member: Payment,
  { action, after }: MemberAct,
): Promise<readonly PendingWrite[]> {
  const counted = answeredBatch(batch, countedStatus(member), after.status, command.now);
  const event = action === 'correct' ? 'member_corrected' : `member_${after.status}`;
  const { writes } = deps.repository.batches.update(command, batch, counted, { action: event });
  if (action === 'settle') return [...writes, ...(await bookingWrites(deps, command.now, batch, after))];
  if (action === 'correct' && lastAnswer(member)?.action === 'settle')
    return [...writes, ...(await unbookingWrites(deps, batch, member))];
  return writes;
}

function requireStatus(batch: Batch, action: string, allowed: readonly BatchStatus[]): void {
  if (allowed.includes(batch.status)) return;
  throw conflictError(
    'payment.in-batch',
    `The payment is in batch ${batch.id}, which is ${batch.status}; for ${action} the batch must be ${allowed.join(' or ')}.`,
  );
}

/** docs/rules.md#payments: the bank's answers count once the file was downloaded or sent. */
function requireWithBank(batch: Batch, action: string): void {
  requireStatus(batch, action, WITH_FILE);
  if (leftAt(batch) !== undefined) return;
  throw conflictError(
    'payment.file-not-with-bank',
    `The file of batch ${batch.id} was neither downloaded nor sent, so the bank cannot have answered. Record send first if the bank has the file.`,
  );
}
