/** What is open and payable of invoices, beside what payments and credits say. Pure. */
import type { Invoice } from '../../modules/invoices/index.ts';
import { balanceStatus, creditedBy as creditedInvoice, withCreditNote } from '../../modules/invoices/index.ts';
import { OPEN_STATUSES, type Payment } from '../../modules/payments/index.ts';
import { add, amount, compare, type Decimal, isNegative, plain, subtract } from '../../shared/money.ts';
import type { Finding } from './finding.ts';

export interface MoneyBook {
  invoice(invoice: Invoice): void;
  payment(payment: Payment): void;
  /** `gone`: payments that are given up by another finding, and with them what they reserve. */
  findings(gone: ReadonlySet<string>): readonly Finding[];
}

type Covered = Pick<Payment, 'id' | 'status' | 'payment_amount' | 'discount_taken'>;

export function createMoneyBook(): MoneyBook {
  const invoices = new Map<string, Invoice>();
  const notes = new Map<string, Invoice[]>();
  const byInvoice = new Map<string, Covered[]>();
  return {
    invoice(invoice) {
      invoices.set(invoice.id, invoice);
      const credited = creditedInvoice(invoice);
      if (credited !== undefined) notes.set(credited, [...(notes.get(credited) ?? []), invoice]);
    },
    payment({ id, status, invoice_id, payment_amount, discount_taken }) {
      const covered = { id, status, payment_amount, discount_taken };
      byInvoice.set(invoice_id, [...(byInvoice.get(invoice_id) ?? []), covered]);
    },
    findings: (gone) => [
      ...[...byInvoice].flatMap(([id, payments]) =>
        invoices.has(id) ? [] : payments.map((payment) => lost(payment, `Its invoice ${id} is not there.`)),
      ),
      ...[...invoices.values()].flatMap((invoice) => {
        const payments = (byInvoice.get(invoice.id) ?? []).filter(({ id }) => !gone.has(id));
        return [...balanceFinding(invoice, payments), ...discountFinding(invoice, payments)];
      }),
      ...[...invoices.values()].flatMap((invoice) => creditNotesFinding(invoice, notes.get(invoice.id) ?? [])),
      ...[...invoices.values()].flatMap((invoice) => creditFindings(invoice, invoices)),
    ],
  };
}

const lost = ({ id }: Covered, message: string): Finding => ({ kind: 'reservation', id, message });

const cover = (payments: readonly Covered[]) =>
  add(...payments.flatMap(({ payment_amount, discount_taken }) => [payment_amount, discount_taken]));

function balanceFinding(invoice: Invoice, payments: readonly Covered[]): readonly Finding[] {
  const settled = cover(payments.filter(({ status }) => status === 'settled'));
  const reserved = cover(payments.filter(({ status }) => OPEN_STATUSES.includes(status)));
  const credited = add(...invoice.credits.map((credit) => credit.amount));
  const due = NOTHING_OWED.has(invoice.status) ? '0' : invoice.amount_due;
  const open = subtract(due, settled, credited);
  const payable = subtract(open, reserved);
  const should = { open_amount: amount(open, invoice.currency), payable_amount: amount(payable, invoice.currency) };
  const status = balanceStatus({ ...invoice, ...should });
  const differences = [
    ...difference('open', invoice.open_amount, should.open_amount),
    ...difference('payable', invoice.payable_amount, should.payable_amount),
    ...(status === invoice.status ? [] : [`it is ${invoice.status}, its open amount says ${status}`]),
  ];
  if (differences.length === 0) return [];
  const finding = { kind: 'reservation', id: invoice.id, message: `${differences.join('; ')}.` } as const;
  const paidTooMuch = isNegative(payable) || compare(open, invoice.amount_due) > 0;
  if (paidTooMuch) return [{ ...finding, message: `${finding.message} More was paid or reserved than is owed.` }];
  return [{ ...finding, mend: mendOf(invoice, { ...should, status }) }];
}

const mendOf = ({ id, version }: Invoice, change: Readonly<Record<string, unknown>>) => ({
  owner: { entity: 'invoice', id, version } as const,
  change,
});

/** Absent where it was not kept yet. */
function discountFinding(invoice: Invoice, payments: readonly Covered[]): readonly Finding[] {
  const { id, discount_taken, currency } = invoice;
  if (discount_taken === undefined) return [];
  const moving = payments.filter(({ status }) => status === 'settled' || OPEN_STATUSES.includes(status));
  const should = amount(add(...moving.map((payment) => payment.discount_taken)), currency);
  if (compare(discount_taken, should) === 0) return [];
  const message = `The discounts of its payments are ${should}, and ${discount_taken} is kept.`;
  return [{ kind: 'reservation', id, message, mend: mendOf(invoice, { discount_taken: should }) }];
}

/** What may be credited of an invoice follows from the live credit notes that name it. Absent where they were not kept yet. */
function creditNotesFinding(invoice: Invoice, live: readonly Invoice[]): readonly Finding[] {
  const { id, credit_notes } = invoice;
  if (credit_notes === undefined) return [];
  const should = live.flatMap((note) => withCreditNote([], note, true));
  const kept = new Map(credit_notes.map((note) => [note.id, note]));
  const same = should.every((note) => {
    const known = kept.get(note.id);
    return known !== undefined && compare(known.amount, note.amount) === 0;
  });
  if (same && kept.size === should.length) return [];
  const message = `It keeps ${kept.size} live credit notes, and ${should.length} name it, or their amounts differ.`;
  return [{ kind: 'reservation', id, message, mend: mendOf(invoice, { credit_notes: should }) }];
}

/** Taken back before anything was paid. */
const NOTHING_OWED: ReadonlySet<string> = new Set(['rejected', 'voided']);

/** An applied credit stands on both documents; which of them is right where it does not, people know. */
function creditFindings(invoice: Invoice, invoices: ReadonlyMap<string, Invoice>): readonly Finding[] {
  return [...new Set(invoice.credits.map(({ invoice_id }) => invoice_id))].flatMap((otherId): Finding[] => {
    const [here, there] = [creditedBy(invoice, otherId), creditedBy(invoices.get(otherId), invoice.id)];
    if (compare(here, there) === 0) return [];
    const message = `Of the credit with ${otherId} it has ${plain(here)}, that one ${plain(there)}.`;
    return [{ kind: 'reservation', id: invoice.id, message }];
  });
}

const creditedBy = (invoice: Invoice | undefined, otherId: string) =>
  add(
    '0',
    ...(invoice?.credits ?? []).flatMap(({ invoice_id, amount: part }) => (invoice_id === otherId ? [part] : [])),
  );

const difference = (what: string, is: Decimal, should: Decimal): readonly string[] =>
  compare(is, should) === 0 ? [] : [`${what} is ${is}, payments and credits say ${should}`];
