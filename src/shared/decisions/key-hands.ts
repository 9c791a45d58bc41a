/**
 * What an API key does is its owner's, and also its maker's where another person made it (docs/rules.md#api-keys). Each object keeps whose
 * keys acted on it, so that this holds after the key was revoked. Pure.
 */
import type { Actor } from '../command.ts';
import { DomainError } from '../errors.ts';
import { everyoneIn, type Handled } from './history.ts';

/** A key that `made_by` made acted on the object in the name of `by`. */
export interface KeyHand {
  readonly by: string;
  readonly made_by: string;
}

interface Kept {
  readonly key_hands?: readonly KeyHand[];
}

type KeyActor = Pick<Actor, 'id' | 'key_maker'>;

/** Each pair once: bounded by the people there are. */
export function keyHandsAfter(
  before: Kept | undefined,
  { id, key_maker }: KeyActor,
): { key_hands?: readonly KeyHand[] } {
  const known = before?.key_hands;
  if (key_maker === undefined || known?.some(({ by, made_by }) => by === id && made_by === key_maker))
    return known === undefined ? {} : { key_hands: known };
  return { key_hands: [...(known ?? []), { by: id, made_by: key_maker }] };
}

/** Acts for which another person is asked. */
const SECOND_PERSON = ['approve', 'override', 'reopen', 'settle', 'fail', 'return', 'correct', 'failure_dismissed'];

/** A key decides nothing that its maker had a hand in. @throws DomainError 403 */
export function refuseKeyMaker(entity: string, { key_maker }: KeyActor, before: object, action: string): void {
  if (key_maker === undefined) return;
  const { cancellation } = before as { readonly cancellation?: { readonly requested_by: string } | null };
  const barred =
    action === 'cancel'
      ? cancellation?.requested_by === key_maker
      : SECOND_PERSON.includes(action) && everyoneIn(before as Handled).has(key_maker);
  if (!barred) return;
  throw new DomainError(
    'forbidden',
    `${entity}.segregation-of-duties`,
    'Whoever made this API key had a hand in it. Another person decides, by signing in or by a key of their own.',
  );
}
