/** What the tables say is what the events tell, and what each entity says of the others. */
import { add, equal, plain, subtract } from '../../../src/shared/money.ts';
import type { Loose } from '../../support/api.ts';
import { chainOf, fold, type Invariant, type State } from '../state.ts';
import { coveredBy, creditsOn, sum } from './balances.ts';

const RESERVING = ['pending_approval', 'approved', 'batched', 'accepted'];

const entitiesOf = (state: State): readonly Loose[] => [
  ...state.vendors,
  ...state.accounts,
  ...state.orders,
  ...state.receipts,
  ...state.invoices,
  ...state.payments,
  ...state.batches,
];

/** Every field as the last event left it, one event a version, and the head that of the last. */
export const foldedEvents: Invariant = (state) =>
  entitiesOf(state).flatMap((entity) => {
    const chain = chainOf(state, entity.id);
    const told = Object.entries(fold(chain))
      .filter(([field, value]) => !isSealed(value) && comparable(value) !== comparable(entity[field]))
      .map(
        ([field, value]) =>
          `${entity.id}: ${field} is ${comparable(entity[field])}, its events say ${comparable(value)}`,
      );
    const books = Number(entity.version) !== chain.length || entity.audit?.hash !== chain.at(-1)?.hash;
    return [
      ...told,
      ...listed(entity),
      ...(books ? [`${entity.id}: version ${entity.version} of ${chain.length} events`] : []),
    ];
  });

const isSealed = (value: unknown): boolean => typeof value === 'string' && value.startsWith('sealed:');

/** What lists show is what the entity says; of accounts they show numbers masked. */
const listed = (entity: Loose): readonly string[] =>
  Object.entries(entity.id.startsWith('acc_') ? {} : (entity.summary ?? {}))
    .filter(([field, value]) => field in entity && comparable(value) !== comparable(entity[field]))
    .map(([field]) => `${entity.id}: a list shows another ${field}`);

/** The tables keep numbers without trailing zeros, and nothing for what is null. */
const comparable = (value: unknown): string => JSON.stringify(normal(value) ?? null);

function normal(value: unknown): unknown {
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string') return /^-?\d{1,15}(\.\d{1,6})?$/.test(value) ? plain(value) : value;
  if (Array.isArray(value)) return value.map(normal);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).filter(([, member]) => member !== null && member !== undefined);
  return Object.fromEntries(
    members.sort(([one], [other]) => (one < other ? -1 : 1)).map(([name, member]) => [name, normal(member)]),
  );
}

/** What is open on an invoice is what its payments and credits left of it. */
export const openAmounts: Invariant = ({ invoices, payments }) =>
  invoices.flatMap((invoice) => {
    const over = invoice.status === 'rejected' || invoice.status === 'voided';
    const of = (statuses: readonly string[]): string =>
      sum(
        payments.filter(({ invoice_id, status }) => invoice_id === invoice.id && statuses.includes(status)),
        coveredBy,
      );
    const open = over ? '0' : plain(subtract(invoice.amount_due, of(['settled']), creditsOn(invoice)));
    const payable = over ? '0' : plain(subtract(open, of(RESERVING)));
    return equal(open, invoice.open_amount) && equal(payable, invoice.payable_amount)
      ? []
      : [
          `${invoice.id}: ${invoice.open_amount} open and ${invoice.payable_amount} payable, should be ${open} and ${payable}`,
        ];
  });

/** What is counted on the lines of an order is what its receipts and invoices say, one by one. */
export const counters: Invariant = (state) =>
  state.orders.flatMap((order) => {
    const lines = state.counters.get(order.id) ?? {};
    const receipts = state.receipts.filter(({ po_id, status }) => po_id === order.id && status !== 'reversed');
    const invoices = state.invoices.filter(({ po_id }) => po_id === order.id);
    return order.line_items.flatMap(({ line_number }: Loose) => {
      const of = (list: readonly Loose[], items: string, number: string, value: string): string =>
        sum(
          list.flatMap((entry) => entry[items]).filter((line: Loose) => Number(line[number]) === Number(line_number)),
          (line) => line[value],
        );
      const counted = lines[line_number] ?? {};
      // What a credit note gives back of it depends on what was overridden by then.
      const credited = invoices.some(({ type, takes }) => type === 'credit_note' && takes.length > 0);
      const expected: Readonly<Record<string, string>> = {
        received_quantity: of(receipts, 'line_items', 'line_number', 'accepted_quantity'),
        returned_quantity: of(receipts, 'line_items', 'line_number', 'returned_quantity'),
        invoiced_quantity: of(invoices, 'takes', 'po_line_number', 'quantity'),
        ...(credited ? {} : { override_quantity: of(invoices, 'takes', 'po_line_number', 'override_quantity') }),
      };
      return Object.entries(expected)
        .filter(([name, value]) => !equal(value, counted[name] ?? '0'))
        .map(
          ([name, value]) => `${order.id} line ${line_number}: ${name} is ${counted[name] ?? '0'}, should be ${value}`,
        );
    });
  });

/** A batch counts and sums its members. */
export const batchSums: Invariant = ({ batches, payments }) =>
  batches.flatMap((batch) => {
    if (['building', 'generating', 'cancelling', 'cancelled', 'rejected'].includes(batch.status)) return [];
    const members = payments.filter(({ batch_id }) => batch_id === batch.id);
    const total = plain(add(...members.map(({ payment_amount }) => payment_amount)));
    return members.length === Number(batch.count) && equal(total, batch.control_sum)
      ? []
      : [
          `${batch.id} (${batch.status}) says ${batch.count} of ${batch.control_sum}, its members are ${members.length} of ${total}`,
        ];
  });
