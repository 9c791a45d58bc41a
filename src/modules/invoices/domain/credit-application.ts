/** A credit note lowers what is owed on an invoice: both open amounts move together, by the same amount. */
import { type ErrorItem, refuseIfAny } from '../../../shared/errors.ts';
import { amount, compare, type Decimal, fitsCurrency, isPositive, smaller, subtract } from '../../../shared/money.ts';
import type { InvoiceType } from './invoice-number.ts';
import {
  type Balance,
  type CreditStatus,
  creditStatus,
  moved,
  type PayableStatus,
  payableStatus,
  tooFine,
} from './open-amount.ts';

/** What an application of a credit looks at, of the credit note and of the invoice. */
export interface CreditParty extends Balance {
  readonly type: InvoiceType;
  readonly vendor_id: string;
  readonly status: string;
}

export interface CreditApplication {
  readonly amount: Decimal;
  readonly credit_note: Balance & { readonly status: CreditStatus };
  readonly invoice: Balance & { readonly status: PayableStatus };
}

/**
 * Applies a credit note to an invoice of the same vendor and currency: by default as much as both allow. What live payments have reserved
 * of the invoice is not there to be credited.
 * @throws DomainError 422 with all that stands against it.
 */
export function applyCredit(creditNote: CreditParty, invoice: CreditParty, wanted?: Decimal): CreditApplication {
  const applied = wanted ?? amount(smaller(creditNote.open_amount, invoice.payable_amount), invoice.currency);
  const findings = [...partyFindings(creditNote, invoice), ...amountFindings(creditNote, invoice, applied)];
  refuseIfAny('invoice.credit-not-applicable', 'The credit note cannot be applied to this invoice.', findings);
  const less = subtract('0', applied);
  return applicationOf(amount(applied, invoice.currency), moved(creditNote, less, less), moved(invoice, less, less));
}

/** Takes an application back: both documents have the amount open again. */
export const unapplyCredit = (creditNote: Balance, invoice: Balance, applied: Decimal): CreditApplication =>
  applicationOf(applied, moved(creditNote, applied, applied), moved(invoice, applied, applied));

const applicationOf = (applied: Decimal, creditNote: Balance, invoice: Balance): CreditApplication => ({
  amount: applied,
  credit_note: { ...creditNote, status: creditStatus(creditNote) },
  invoice: { ...invoice, status: payableStatus(invoice) },
});

function partyFindings(creditNote: CreditParty, invoice: CreditParty): readonly ErrorItem[] {
  const findings: ErrorItem[] = [];
  const mustBe = (holds: boolean, pointer: string, detail: string) => {
    if (!holds) findings.push({ pointer, detail });
  };
  mustBe(creditNote.type === 'credit_note', '', 'Only a credit note can be applied.');
  mustBe(invoice.type === 'invoice', '/invoice_id', 'A credit note is applied to an invoice.');
  mustBe(
    creditNote.status === 'approved' || creditNote.status === 'partially_applied',
    '',
    `The credit note is ${creditNote.status}; only an approved one with something open can be applied.`,
  );
  mustBe(
    invoice.status === 'approved' || invoice.status === 'partially_paid',
    '/invoice_id',
    `The invoice is ${invoice.status}; only an approved one with something open takes a credit.`,
  );
  mustBe(creditNote.vendor_id === invoice.vendor_id, '/invoice_id', 'The invoice is of another vendor.');
  mustBe(
    creditNote.currency === invoice.currency,
    '/invoice_id',
    `The invoice is in ${invoice.currency}, the credit note in ${creditNote.currency}.`,
  );
  return findings;
}

function amountFindings(creditNote: CreditParty, invoice: CreditParty, applied: Decimal): readonly ErrorItem[] {
  const pointer = '/amount';
  const findings: ErrorItem[] = [];
  if (!isPositive(applied))
    findings.push({ pointer, detail: 'There is nothing to apply: the amount must be more than 0.' });
  if (!fitsCurrency(applied, invoice.currency)) findings.push(tooFine(pointer, invoice.currency));
  if (compare(applied, creditNote.open_amount) > 0) {
    findings.push({ pointer, detail: `Only ${creditNote.open_amount} of the credit note is open.` });
  }
  if (compare(applied, invoice.payable_amount) > 0) {
    findings.push({
      pointer,
      detail: `Only ${invoice.payable_amount} of the invoice can be credited; the rest is paid, credited or reserved by payments.`,
    });
  }
  return findings;
}
