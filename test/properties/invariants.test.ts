/** Each invariant sees what breaks it: a state that holds is spoilt in one place, as no command could. */
import t from 'tap';
import { type Loose, testApi } from '../support/api.ts';
import { ORDINARY } from './examples.ts';
import { live } from './history.ts';
import { INVARIANTS, type InvariantName } from './invariants/index.ts';
import { readState, type State } from './state.ts';
import { foundCompany, newWorld } from './world.ts';

const api = await testApi(t);
const company = await foundCompany(api);
const world = newWorld(api, company);
await live(world, ORDINARY);
const state = await readState(api, world);

const first = (list: readonly Loose[]): Loose => list[0];
const event = (spoilt: State, id: string, action: string): Loose =>
  spoilt.chains.get(id)?.find((told) => told.action === action);

/** [invariant, what is spoilt]. */
const SPOILT: readonly (readonly [InvariantName, string, (spoilt: State) => void])[] = [
  [
    'balances',
    'a second payment of the whole',
    ({ payments }) => {
      Object.assign(first(payments), { status: 'settled', payment_amount: '1000' });
    },
  ],
  [
    'credit_notes',
    'a credit note of more',
    ({ invoices }) => {
      const { id } = first(invoices);
      const note = {
        ...first(invoices),
        id: `${id}x`,
        type: 'credit_note',
        credited_invoice_id: id,
        amount_due: '1000',
      };
      (invoices as Loose[]).push(note);
    },
  ],
  [
    'billing',
    'a receipt that is reversed',
    ({ receipts }) => void Object.assign(first(receipts), { status: 'reversed' }),
  ],
  [
    'billed_prices',
    'a credit note at another price',
    ({ invoices }) => {
      const [line] = first(invoices).line_items;
      const line_items = [{ ...line, unit_price: '9' }];
      (invoices as Loose[]).push({ ...first(invoices), type: 'credit_note', line_items });
    },
  ],
  [
    'open_orders',
    'an order that is cancelled',
    ({ orders }) => void Object.assign(first(orders), { status: 'cancelled' }),
  ],
  [
    'segregation',
    'an approval by the maker',
    (spoilt) => {
      const { id, created_by } = first(spoilt.orders);
      event(spoilt, id, 'approve').actor = created_by;
    },
  ],
  [
    'folded_events',
    'a field that no event changed',
    ({ invoices }) => void Object.assign(first(invoices), { total_amount: '1' }),
  ],
  [
    'open_amounts',
    'an amount that nothing opened',
    ({ invoices }) => void Object.assign(first(invoices), { open_amount: '1' }),
  ],
  [
    'counters',
    'a count of nothing',
    ({ counters, orders }) => {
      counters.get(first(orders).id)['1'].received_quantity = '99';
    },
  ],
  [
    'batch_sums',
    'a batch without its members',
    ({ batches }) => {
      (batches as Loose[]).push({ id: 'bat_', status: 'draft', count: '1', control_sum: '1' });
    },
  ],
  ['no_failure', 'a reply of 500', ({ world }) => void Object.assign(first(world.exchanges), { status: 500 })],
  [
    'dry_runs',
    'an event of a dry run',
    ({ world }) => {
      for (const exchange of world.exchanges) Object.assign(exchange, { dryRun: true });
    },
  ],
  [
    'repeats',
    'another reply under the key',
    ({ world }) => {
      const given = world.exchanges.find(({ status }) => status === 201);
      world.exchanges.push({ ...given, key: 'k' } as Loose, { ...given, key: 'k', status: 409 } as Loose);
    },
  ],
];

/** What the invariants read of the world is cloned; its functions are not. */
function spoiltBy(spoil: (spoilt: State) => void): State {
  const { world, ...rest } = state;
  const { exchanges, ...functions } = world;
  const spoilt = { ...structuredClone(rest), world: { ...functions, exchanges: structuredClone(exchanges) } };
  spoil(spoilt);
  return spoilt;
}

for (const [name, what, spoil] of SPOILT)
  t.test(`${name}: ${what} is seen`, async (t) => {
    const [, holds] = INVARIANTS[name];
    t.strictSame(await holds(spoiltBy(() => undefined)), []);
    t.not((await holds(spoiltBy(spoil))).length, 0);
  });
