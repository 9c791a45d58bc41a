/** What seals cost by themselves: an item that is written is sealed, one that is read is checked; a list checks a summary per row. */
import { randomBytes } from 'node:crypto';
import { createVault } from '../src/shared/crypto.ts';
import { createSeals } from '../src/shared/dynamo/seals.ts';
import type { WireItem } from '../src/shared/dynamo/wire.ts';

const ROUNDS = 5000;
const ATTRIBUTES = 40;

/** Lines to print: microseconds of processor per item with 40 attributes. */
export function sealCosts(): readonly string[] {
  const seals = createSeals({ vault: createVault(randomBytes(32).toString('base64')), required: true });
  const fields = Array.from({ length: ATTRIBUTES }, (_, n) => [`field_${n}`, { S: `a value of field ${n}` }] as const);
  const summary = { M: Object.fromEntries(fields.slice(0, 12)) };
  const item: WireItem = { ...Object.fromEntries(fields), id: { S: 'item_1' }, summary };
  const secret: WireItem = { ...item, creditor: { M: { iban: { S: 'NL91ABNA0417164300' } } } };
  const [stored, locked] = [seals.protect('purchase_orders', item), seals.protect('payments', secret)];
  const costs: readonly (readonly [string, () => unknown])[] = [
    ['seal, per item written', () => seals.protect('purchase_orders', item)],
    ['check, per item read', () => seals.reveal('purchase_orders', stored)],
    ['seal and encrypt, per payment written', () => seals.protect('payments', secret)],
    ['check and decrypt, per payment read', () => seals.reveal('payments', locked)],
    ['check of a summary, per row of a list', () => seals.checkSummary('purchase_orders', stored)],
  ];
  return costs.map(([name, run]) => `${name}: ${microseconds(run).toFixed(0)} us`);
}

function microseconds(run: () => unknown): number {
  for (let n = 0; n < ROUNDS / 5; n += 1) run();
  const before = process.cpuUsage();
  for (let n = 0; n < ROUNDS; n += 1) run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / ROUNDS;
}
