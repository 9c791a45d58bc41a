/** A change that waits for a second person: kept beside what stands until somebody else approves it. */
import { type TSchema, Type } from '@sinclair/typebox';
import { DomainError } from './errors.ts';
import { Id, Nullable, Timestamp } from './http/schemas.ts';

export interface Proposal<Changes> {
  readonly changes: Changes;
  readonly proposed_by: string;
  readonly proposed_at: string;
}

export const ProposalOf = <T extends TSchema>(changes: T) =>
  Nullable(
    Type.Object(
      { changes, proposed_by: Id('user'), proposed_at: Timestamp },
      { description: 'What waits for a second administrator; null where nothing does' },
    ),
  );

export const proposal = <Changes>(changes: Changes, actorId: string, now: Date): Proposal<Changes> => ({
  changes,
  proposed_by: actorId,
  proposed_at: now.toISOString(),
});

/** @throws DomainError 403 where the one who approves has had a hand in it. */
export function refuseOwnHand(entity: string, hands: readonly string[], actorId: string): void {
  if (!hands.includes(actorId)) return;
  throw new DomainError(
    'forbidden',
    `${entity}.segregation-of-duties`,
    'You proposed this change, or it is about you; another administrator approves it.',
  );
}
