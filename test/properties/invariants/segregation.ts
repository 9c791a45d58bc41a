/** Nobody decides on what they made: told by the events of the whole history, whatever was disputed, amended or withdrawn since. */
import { chainOf, changed, type Invariant, isBefore, type State, type Told } from '../state.ts';

const OPEN_PAYMENT = ['pending_approval', 'approved', 'batched', 'accepted'];

const actorsOf = (chain: readonly Told[], actions: readonly string[]): ReadonlySet<string> =>
  new Set(chain.filter(({ action }) => actions.includes(action)).map(({ actor }) => actor));

/** Events before one in its chain. */
const before = (chain: readonly Told[], event: Told): readonly Told[] => chain.filter(({ seq }) => seq < event.seq);

const breach = (event: Told, why: string): string =>
  `${event.actor} took ${event.action} on ${event.entity_id}, but ${why}`;

/** Of one chain: these actions, by nobody who took those before. */
const apart =
  (
    chains: (state: State) => readonly { readonly id: string }[],
    deciding: readonly string[],
    making: readonly string[],
  ) =>
  (state: State): readonly string[] =>
    chains(state).flatMap(({ id }) => {
      const chain = chainOf(state, id);
      return chain
        .filter((event) => deciding.includes(event.action) && actorsOf(before(chain, event), making).has(event.actor))
        .map((event) => breach(event, `took ${making.join(' or ')} before`));
    });

const vendors = apart((state) => state.vendors, ['approve'], ['created', 'updated']);
const accounts = apart((state) => state.accounts, ['approve'], ['proposed']);
const orders = apart((state) => state.orders, ['approve'], ['created', 'updated', 'submit', 'amend']);
const invoices = apart((state) => state.invoices, ['approve', 'override'], ['created', 'updated', 'override']);
const payments = apart((state) => state.payments, ['approve', 'settle', 'fail', 'return'], ['created']);
const batches = apart((state) => state.batches, ['approve'], ['created', 'submit']);

/** The steps of an invoice's policy are different people's, in every round. */
const steps = (state: State): readonly string[] =>
  state.invoices.flatMap(({ id, approvals }) => {
    const people: string[] = approvals.map(({ approved_by }: { approved_by: string }) => approved_by);
    return new Set(people).size < people.length ? [`one person took two steps of ${id}`] : [];
  });

/** Who approved or overrode the invoice in any round, surely before the payment was decided. */
function decidersOf(state: State, invoiceId: string, event: Told): ReadonlySet<string> {
  const earlier = chainOf(state, invoiceId).filter((decision) => isBefore(decision, event));
  return actorsOf(earlier, ['approve', 'override']);
}

const paymentsOfInvoices = (state: State): readonly string[] =>
  state.payments.flatMap(({ id, invoice_id, made_by_batch, creditor }) =>
    [...chainOf(state, id), ...chainOf(state, made_by_batch ?? '')]
      .filter((event) => event.action === 'approve')
      .flatMap((event) => {
        const breaches: string[] = [];
        if (decidersOf(state, invoice_id, event).has(event.actor))
          breaches.push(breach(event, `approved or overrode ${invoice_id}, which it pays`));
        const proposed = actorsOf(chainOf(state, creditor.bank_account_id), ['proposed']);
        if (event.entity === 'payment' && proposed.has(event.actor))
          breaches.push(breach(event, `proposed the account it goes to`));
        return breaches;
      }),
  );

/** Who made a payment that was open to the vendor approves no account of it. */
const accountsOfPayments = (state: State): readonly string[] =>
  state.accounts.flatMap(({ id, vendor_id }) =>
    chainOf(state, id)
      .filter(({ action }) => action === 'approve')
      .flatMap((event) =>
        state.payments
          .filter((payment) => payment.vendor_id === vendor_id && payment.created_by === event.actor)
          .filter((payment) => wasOpen(chainOf(state, payment.id), event))
          .map((payment) => breach(event, `made ${payment.id}, which was open to its vendor`)),
      ),
  );

function wasOpen(chain: readonly Told[], event: Told): boolean {
  let status: unknown;
  for (const told of chain) {
    if (isBefore(told, event)) status = changed(told, 'status') ?? status;
    else if (!isBefore(event, told)) return false;
  }
  return OPEN_PAYMENT.includes(String(status));
}

/** The second half of a cancellation is another person's. */
const cancellations = (state: State): readonly string[] =>
  state.batches.flatMap(({ id }) => {
    const chain = chainOf(state, id);
    return chain.flatMap((event) => {
      const asked = before(chain, event).findLast((told) => changed(told, 'cancellation') !== undefined);
      const confirms = event.action === 'cancel' && changed(event, 'status') === 'cancelling' && asked !== undefined;
      return confirms && asked.actor === event.actor && changed(asked, 'cancellation') !== null
        ? [breach(event, 'asked for it')]
        : [];
    });
  });

const RULES = [
  vendors,
  accounts,
  orders,
  invoices,
  payments,
  batches,
  steps,
  paymentsOfInvoices,
  accountsOfPayments,
  cancellations,
];

export const segregation: Invariant = (state) => RULES.flatMap((rule) => rule(state));
