/** What is paid, about to be paid and credited never exceeds what is due, and no discount is taken twice. */
import { add, compare, type Num, plain } from '../../../src/shared/money.ts';
import type { Loose } from '../../support/api.ts';
import type { Invariant, State } from '../state.ts';

const MOVING = ['pending_approval', 'approved', 'batched', 'accepted', 'settled'];
/** Neither owed nor owing. */
const OVER = ['rejected', 'voided'];
/** Credit notes that give money back. */
const DECIDED = ['approved', 'partially_applied', 'applied'];

export const sum = (list: readonly Loose[], of: (entry: Loose) => Num): string => plain(add(...list.map(of)));

export const dueOn = (invoice: Loose): string => (OVER.includes(invoice.status) ? '0' : invoice.amount_due);

export const coveredBy = ({ payment_amount, discount_taken }: Loose): Num => add(payment_amount, discount_taken);

export const creditsOn = (invoice: Loose): string => sum(invoice.credits, ({ amount }) => amount);

export const balances: Invariant = ({ invoices, payments }) =>
  invoices.flatMap((invoice) => {
    const moving = payments.filter(({ invoice_id, status }) => invoice_id === invoice.id && MOVING.includes(status));
    const covered = sum(moving, coveredBy);
    const used = plain(add(covered, creditsOn(invoice)));
    const discounts = sum(moving, ({ discount_taken }) => discount_taken);
    const breaches: string[] = [];
    if (compare(used, dueOn(invoice)) > 0)
      breaches.push(
        `${invoice.type} ${invoice.id} (${invoice.status}) has ${used} paid or credited of ${dueOn(invoice)}`,
      );
    if (compare(discounts, invoice.discount_amount ?? '0') > 0)
      breaches.push(`${invoice.id} has discounts of ${discounts}, granted are ${invoice.discount_amount ?? '0'}`);
    return breaches;
  });

/** The credit notes that name an invoice credit at most what is due on it. */
export const creditNotes: Invariant = ({ invoices }: State) =>
  invoices
    .filter(({ type }) => type === 'invoice')
    .flatMap((invoice) => {
      const live = invoices.filter(
        ({ credited_invoice_id, status }) => credited_invoice_id === invoice.id && DECIDED.includes(status),
      );
      const credited = sum(live, ({ amount_due }) => amount_due);
      return compare(credited, dueOn(invoice)) > 0
        ? [`credit notes of ${credited} name ${invoice.id} (${invoice.status}), on which ${dueOn(invoice)} is due`]
        : [];
    });
