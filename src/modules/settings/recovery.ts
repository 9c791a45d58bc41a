/** What a restored service may do, and who lets it do more. Pure. */
import type { Draft } from '../../shared/dynamo/entity-store.ts';
import { conflictError, DomainError } from '../../shared/errors.ts';
import type { Recovery } from './recovery.schema.ts';

export interface RestoredFrom {
  readonly from: string;
  readonly by: string;
  readonly at: Date;
}

/** Where every restore begins. */
export const restored = ({ from, by, at }: RestoredFrom): Draft<Recovery> => ({
  id: 'recovery',
  status: 'read_only',
  restored_from: from,
  restored_at: at.toISOString(),
  opened_by: null,
  released_by: null,
  created_by: by,
});

/** Commands are taken again, so that what was paid in the lost time can be held. @throws DomainError 409 */
export function opened(recovery: Recovery, actorId: string): Draft<Recovery> {
  requireStatus(recovery, 'read_only', 'open');
  return { ...recovery, status: 'payments_held', opened_by: actorId };
}

/** Files go to the bank again. @throws DomainError 409 */
export function released(recovery: Recovery, actorId: string): Draft<Recovery> {
  requireStatus(recovery, 'payments_held', 'release');
  return { ...recovery, status: 'released', released_by: actorId };
}

function requireStatus(recovery: Recovery, status: Recovery['status'], action: string): void {
  if (recovery.status === status) return;
  throw conflictError(
    'recovery.wrong-status',
    `The service is ${recovery.status.replaceAll('_', ' ')}; ${action} takes one that is ${status.replaceAll('_', ' ')}.`,
  );
}

export const nothingRestored = (): DomainError =>
  conflictError('recovery.wrong-status', 'Nothing was restored here: there is nothing to open or release.');

export const readOnly = (): DomainError =>
  new DomainError(
    'unavailable',
    'service.read-only',
    'The data was restored lately, so that the service only reads until an administrator or a treasurer opens it.',
    { retryAfter: 60 },
  );

export const paymentsHeld = (): DomainError =>
  conflictError(
    'payment_batch.held-after-restore',
    'The data was restored lately: no batch is generated or sent until a treasurer has compared it with what the bank has and released the payments.',
  );
