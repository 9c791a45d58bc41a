/** What a history left: every entity as the tables have it, every chain of events, and which request each event is of. */
import { type AuditEvent, eventFromItem } from '../../src/shared/audit/event.ts';
import { isSealed } from '../../src/shared/dynamo/seals.ts';
import type { TableName } from '../../src/shared/dynamo/tables.ts';
import { fromWire, scanWire } from '../../src/shared/dynamo/wire.ts';
import type { Loose, TestApi } from '../support/api.ts';
import type { Exchange, World } from './world.ts';

/** An event with the request that made it; events of runs that go on after their reply have none. */
export interface Told extends AuditEvent {
  readonly exchange: Exchange | undefined;
}

export interface State {
  readonly world: World;
  readonly vendors: readonly Loose[];
  readonly accounts: readonly Loose[];
  readonly orders: readonly Loose[];
  /** By order: what the order's counters say of each line. */
  readonly counters: ReadonlyMap<string, Loose>;
  readonly receipts: readonly Loose[];
  readonly invoices: readonly Loose[];
  readonly payments: readonly Loose[];
  readonly batches: readonly Loose[];
  /** By entity, oldest first. */
  readonly chains: ReadonlyMap<string, readonly Told[]>;
}

/** An invariant gives a sentence for every breach. */
export type Invariant = (state: State) => readonly string[] | Promise<readonly string[]>;

const COUNTERS = '#counters';

export async function readState(api: TestApi, world: World): Promise<State> {
  const all = async (table: TableName): Promise<Loose[]> => {
    const items: Loose[] = [];
    const { seals } = api.dependencies;
    for await (const item of scanWire(api.client, api.infrastructure.tableNames[table]))
      items.push(fromWire(isSealed(table) ? seals.reveal(table, item) : item));
    return items;
  };
  /** What belongs to an entity stands beside it: counters, what a match was given, the task of a run. */
  const isEntity = ({ id }: Loose): boolean => !String(id).includes('#');
  const [vendors, accounts, purchases, receipts, invoices, payments, batches, events] = await Promise.all([
    all('vendors'),
    all('bank_accounts'),
    all('purchase_orders'),
    all('goods_receipts'),
    all('invoices'),
    all('payments'),
    all('payment_batches'),
    all('audit_log'),
  ]);
  const isCounters = ({ id }: Loose): boolean => String(id).endsWith(COUNTERS);
  return {
    world,
    vendors: vendors.filter(isEntity),
    accounts: accounts.filter(isEntity),
    orders: purchases.filter(isEntity),
    counters: new Map(purchases.filter(isCounters).map((item) => [item.id.slice(0, -COUNTERS.length), item.lines])),
    receipts: receipts.filter(isEntity),
    invoices: invoices.filter(isEntity),
    payments: payments.filter(isEntity),
    batches: batches.filter(isEntity),
    chains: chainsOf(events, world),
  };
}

function chainsOf(items: readonly Loose[], { exchanges }: World): ReadonlyMap<string, readonly Told[]> {
  const requests = new Map(exchanges.map((exchange) => [exchange.request_id, exchange]));
  const chains = new Map<string, Told[]>();
  const events = items.map(eventFromItem).sort((one, other) => one.seq - other.seq);
  for (const event of events) {
    const chain = chains.get(event.entity_id) ?? [];
    chain.push({ ...event, exchange: requests.get(event.request_id) });
    chains.set(event.entity_id, chain);
  }
  return chains;
}

export const chainOf = ({ chains }: State, id: string): readonly Told[] => chains.get(id) ?? [];

/** The value that an event gave a field, or undefined where it left it. */
export const changed = (event: Told, field: string): unknown =>
  event.changes.find((change) => change.field === field)?.after;

/** The fields as each event of a chain left them. */
export function fold(events: readonly Told[]): Loose {
  const fields: Loose = {};
  for (const { changes } of events) for (const { field, after } of changes) fields[field] = after;
  return fields;
}

/** Whether the request of one was answered before that of the other was sent. */
export const isBefore = (one: Told, other: Told): boolean =>
  one.exchange !== undefined && other.exchange !== undefined && one.exchange.ended < other.exchange.began;
