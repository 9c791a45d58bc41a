/** A random history: how it is drawn, and how it is lived. */
import fc from 'fast-check';
import { verified } from '../support/verified.ts';
import { COMMANDS, type CommandName } from './commands/index.ts';
import type { World } from './world.ts';

export interface Act {
  readonly command: CommandName;
  readonly who: number;
  readonly target: number;
  readonly how: number;
  readonly much: number;
  readonly dryRun: boolean;
  readonly repeat: boolean;
  /** So many people try the same at once. */
  readonly times: number;
}

/** What happens in parallel. */
export type Step = readonly Act[];

const names = Object.keys(COMMANDS) as CommandName[];
const once = fc.constant(1);
const rarely = (weight: number) =>
  fc.oneof({ weight: 100 - weight, arbitrary: fc.constant(false) }, { weight, arbitrary: fc.constant(true) });

/** Mostly one of those who may everything: a refusal for want of a permission is soon tried enough. */
const somebody = fc.oneof({ weight: 4, arbitrary: fc.nat(2) }, { weight: 1, arbitrary: fc.nat(5) });

const anAct: fc.Arbitrary<Act> = fc.record({
  command: fc.oneof(...names.map((name) => ({ weight: COMMANDS[name][1], arbitrary: fc.constant(name) }))),
  who: somebody,
  target: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 3, arbitrary: fc.nat(2) }, fc.nat(20)),
  how: fc.nat(59),
  much: fc.nat(59),
  dryRun: rarely(3),
  repeat: rarely(6),
  times: fc.oneof({ weight: 14, arbitrary: once }, fc.constantFrom(2, 3, 6)),
});

const aStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.array(anAct, { minLength: 1, maxLength: 1 }) },
  { weight: 1, arbitrary: fc.array(anAct, { minLength: 2, maxLength: 4 }) },
);

/** Invoices that are entered and go their way, some as far as the bank, before anybody disturbs anything. */
const aLife: fc.Arbitrary<readonly Step[]> = fc
  .record({ who: fc.nat(5), how: fc.nat(59), much: fc.nat(59), far: fc.integer({ min: 2, max: 11 }) })
  .map(({ far, ...choice }) => {
    const plainly = { ...choice, target: 0, dryRun: false, repeat: false, times: 1 };
    return [[{ ...plainly, command: 'enterInvoice' }], [{ ...plainly, command: 'driveInvoice', much: far }]];
  });

export const historyOf = (steps: number): fc.Arbitrary<readonly Step[]> =>
  fc
    .tuple(
      fc.array(aLife, { minLength: 1, maxLength: 3 }),
      fc.array(aStep, { minLength: Math.ceil(steps / 2), maxLength: steps, size: 'max' }),
    )
    .map(([lives, steps]) => [...lives.flat(), ...steps]);

/** So that most histories have something to bill and to pay: a vendor with an account, and an order that was sent and received. */
async function opening(world: World): Promise<void> {
  const [first, second] = world.people;
  if (first === undefined || second === undefined) throw new Error('a company without people');
  const done = async (person: typeof first, path: string, body: object = {}, version?: number) => {
    const reply = await world.send(person, 'POST', path, body, { version });
    if (reply.status >= 300) throw new Error(`${path}: ${JSON.stringify(reply.body)}`);
    return reply.body;
  };
  const name = `Northwind Paper ${world.unique()} BV`;
  const address = { line1: 'Keizersgracht 1', city: 'Amsterdam', postal_code: '1015 CJ', country: 'NL' };
  const vendor = await done(first, '/vendors', {
    name,
    address,
    email: 'billing@northwind.example',
    payment_terms: 'NET 30',
    currency: 'EUR',
  });
  await done(second, `/vendors/${vendor.id}/approve`, {}, vendor.version);
  const accounts = `/vendors/${vendor.id}/bank-accounts`;
  const account = await done(first, accounts, { holder_name: name, iban: 'NL91ABNA0417164300' });
  await done(second, `${accounts}/${account.id}/approve`, verified('NL91ABNA0417164300'), account.version);
  const line = { description: 'Copy paper A4', quantity: '100', unit: 'EA', unit_price: '2.50', tax_rate: '21' };
  const order = await done(first, '/purchase-orders', { vendor_id: vendor.id, currency: 'EUR', line_items: [line] });
  const path = `/purchase-orders/${order.id}`;
  const { version } = await done(first, `${path}/submit`);
  await done(second, `${path}/approve`, {}, version);
  await done(first, `${path}/send`);
  await done(first, `${path}/receipts`, { line_items: [{ line_number: 1, quantity: '100' }] });
}

export async function live(world: World, history: readonly Step[]): Promise<void> {
  await opening(world);
  for (const step of history)
    await Promise.all(
      step.flatMap(({ times, ...act }) =>
        Array.from({ length: times }, (_, turn) => COMMANDS[act.command][0](world, { ...act, who: act.who + turn })),
      ),
    );
}
