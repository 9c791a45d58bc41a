/** A change that waits for a second person: kept beside what stands until somebody else approves it. */
import { type TSchema, Type } from '@sinclair/typebox';
import { DomainError } from './errors.ts';
import { Id, Nullable, Timestamp } from './http/schemas.ts';

export interface Proposal<Changes> {
  readonly changes: Changes;
  readonly proposed_by: string;
  readonly proposed_at: string;
  /** Who proposed what this replaced. */
  readonly also_proposed_by?: readonly string[] | undefined;
}

export const ProposalOf = <T extends TSchema>(changes: T) =>
  Nullable(
    Type.Object(
      {
        changes,
        proposed_by: Id('user'),
        proposed_at: Timestamp,
        also_proposed_by: Type.Optional(
          Type.Array(Id('user'), { description: 'Who proposed what this replaced: none of them approves it either' }),
        ),
      },
      { description: 'The change that is pending a second administrator; null where there is none' },
    ),
  );

/** A later proposal replaces the one that waits, and not what it bars its proposer from. */
export function proposal<Changes>(
  changes: Changes,
  actorId: string,
  now: Date,
  replaced: Proposal<unknown> | null,
): Proposal<Changes> & { also_proposed_by?: string[] } {
  const others = replaced === null ? [] : proposersOf(replaced).filter((by) => by !== actorId);
  const proposed = { changes, proposed_by: actorId, proposed_at: now.toISOString() };
  return others.length === 0 ? proposed : { ...proposed, also_proposed_by: others };
}

/** None of them approves it. */
export const proposersOf = ({ proposed_by, also_proposed_by = [] }: Proposal<unknown>): readonly string[] => [
  ...new Set([proposed_by, ...also_proposed_by]),
];

/** @throws DomainError 403 where the one who approves has had a hand in it. */
export function refuseOwnHand(entity: string, hands: readonly string[], actorId: string): void {
  if (!hands.includes(actorId)) return;
  throw new DomainError(
    'forbidden',
    `${entity}.segregation-of-duties`,
    'You proposed this change, or it is about you; another administrator approves it.',
  );
}
