/**
 * That what a decision on money has read is the newest version: somebody who puts an older one back, with its valid seal, cannot make the event
 * that followed it go away. The transaction is held to it, so that nothing is asked besides.
 */
import type { ReadHead } from './read-set.ts';
import type { TableName } from './tables.ts';
import type { PendingWrite } from './unit-of-work.ts';

/** What says who is paid. */
export const WHO_IS_PAID: ReadonlySet<TableName> = new Set(['vendors', 'bank_accounts', 'settings']);
const MONEY: ReadonlySet<TableName> = new Set(['payments', 'payment_batches']);
/** Of the settings the accounts that pay; the others are read by every decision. */
const DECIDES = /^(ven|acc|deb)_/;

/** @param room how many writes the transaction has left: a chunk of a run has none, and is approved and generated under these checks */
export function newestChecks(
  writes: readonly PendingWrite[],
  heads: readonly ReadHead[],
  room: number,
): readonly PendingWrite[] {
  if (!writes.some(({ table, action }) => MONEY.has(table) && action === 'put')) return [];
  const written = new Set(writes.flatMap(({ table, key }) => (table === 'audit_log' ? [key['entity_id']] : [])));
  return heads
    .filter(({ id }) => DECIDES.test(id) && !written.has(id))
    .slice(0, room)
    .map(({ id, seq }) => ({
      action: 'check',
      table: 'audit_log',
      key: { entity_id: id, seq: seq + 1 },
      condition: { kind: 'absent' },
    }));
}
