/** The credits that a payment is less by, frozen with it, so that its file can name them whatever happens to them later. Pure. */
import { add, amount, type Decimal, equal, sumAmounts } from '../../shared/money.ts';
import type { Pay } from './discount.ts';
import type { NettedCredit } from './payment.schema.ts';

/** A remittance has room for fewer; the amounts of the others are one sum. */
const MOST_NAMED = 20;

interface CreditedInvoice {
  readonly currency: string;
  readonly payable_amount: Decimal;
  readonly credits: readonly {
    readonly invoice_id: string;
    readonly invoice_number?: string | undefined;
    readonly amount: Decimal;
  }[];
}

/** Those of its invoice, for the payment that clears what is payable: a part names none, so that no credit is told twice. */
export function nettedCredits({ currency, payable_amount, credits }: CreditedInvoice, pay: Pay): NettedCredit[] {
  if (!equal(add(pay.payment_amount, pay.discount_taken), payable_amount)) return [];
  const notes = new Map<string, NettedCredit>();
  for (const { invoice_id, invoice_number, amount: part } of credits) {
    const sum = amount(add(notes.get(invoice_id)?.amount ?? '0', part), currency);
    notes.set(invoice_id, { ...(invoice_number === undefined ? {} : { invoice_number }), amount: sum });
  }
  const all = [...notes.values()];
  if (all.length <= MOST_NAMED) return all;
  const others = all.slice(MOST_NAMED - 1).map((credit) => credit.amount);
  return [...all.slice(0, MOST_NAMED - 1), { amount: sumAmounts(others, currency) }];
}
