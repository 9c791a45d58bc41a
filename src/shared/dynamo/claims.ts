/** Uniqueness as an item of its own in `keys`, written in the transaction of what it names. */
import { conflictError, type DomainError } from '../errors.ts';
import type { Item } from './codec.ts';
import type { PendingWrite } from './unit-of-work.ts';

export interface Claim {
  /** `po_number#...`, `invoice#vendor#kind#number`, ... */
  readonly key: string;
  /** The entity that holds it. */
  readonly owner: string;
}

/** Takes a key; a second taker gets `refuse` with the first one's id. */
export const takeClaim = (claim: Claim, refuse: (holder: string) => DomainError): PendingWrite => ({
  action: 'put',
  table: 'keys',
  key: { id: claim.key },
  item: { id: claim.key, owner: claim.owner },
  condition: { kind: 'absent' },
  refuse: (existing: Item | undefined) => refuse(String(existing?.['owner'])),
});

/** Gives a key back; only its owner's is deleted. */
export const releaseClaim = (claim: Claim): PendingWrite => ({
  action: 'delete',
  table: 'keys',
  key: { id: claim.key },
  condition: { kind: 'equals', attribute: 'owner', value: claim.owner },
});

/** The 409 of most claims. */
export const taken = (code: string, what: string, pointer: string) => (holder: string) =>
  conflictError(code, `${what} is taken by ${holder}.`, [{ pointer, detail: `is taken by ${holder}` }]);

/** Case and white space do not make another key. */
export const claimText = (text: string): string => text.normalize('NFKC').trim().replaceAll(/\s+/g, ' ').toUpperCase();
