/** What is open and payable of invoices, and what batches sum up, beside what payments and credits say. Pure. */
import type { Invoice } from '../../modules/invoices/index.ts';
import { balanceStatus } from '../../modules/invoices/index.ts';
import type { Batch } from '../../modules/payment-batches/index.ts';
import { OPEN_STATUSES, type Payment } from '../../modules/payments/index.ts';
import { add, amount, compare, type Decimal, isNegative, subtract } from '../../shared/money.ts';
import type { Finding } from './finding.ts';

export interface MoneyBook {
  invoice(invoice: Invoice): void;
  payment(payment: Payment): void;
  /** `running`: a step of it goes on, so that its sums are on their way. */
  batch(batch: Batch, running: boolean): void;
  findings(): readonly Finding[];
}

type Covered = Pick<Payment, 'id' | 'status' | 'invoice_id' | 'batch_id' | 'payment_amount' | 'discount_taken'>;

/** Those whose members and sums stand still. */
const SUMMED = ['draft', 'pending_approval', 'approved', 'generated', 'sent', 'partially_accepted', 'completed'];

export function createMoneyBook(): MoneyBook {
  const invoices = new Map<string, Invoice>();
  const batches = new Map<string, { readonly batch: Batch; readonly running: boolean }>();
  const byInvoice = new Map<string, Covered[]>();
  const byBatch = new Map<string, Covered[]>();
  return {
    invoice: (invoice) => void invoices.set(invoice.id, invoice),
    payment(payment) {
      const { id, status, invoice_id, batch_id, payment_amount, discount_taken } = payment;
      const covered = { id, status, invoice_id, batch_id, payment_amount, discount_taken };
      byInvoice.set(invoice_id, [...(byInvoice.get(invoice_id) ?? []), covered]);
      if (batch_id !== null) byBatch.set(batch_id, [...(byBatch.get(batch_id) ?? []), covered]);
    },
    batch: (batch, running) => void batches.set(batch.id, { batch, running }),
    findings: () => [
      ...[...byInvoice].flatMap(([id, payments]) =>
        invoices.has(id) ? [] : payments.map((payment) => lost(payment, `Its invoice ${id} is not there.`)),
      ),
      ...[...byBatch].flatMap(([id, payments]) =>
        batches.has(id) ? [] : payments.map((payment) => lost(payment, `Its batch ${id} is not there.`)),
      ),
      ...[...invoices.values()].flatMap((invoice) => balanceFinding(invoice, byInvoice.get(invoice.id) ?? [])),
      ...[...batches.values()].flatMap(({ batch, running }) =>
        running || !SUMMED.includes(batch.status) ? [] : sumFinding(batch, byBatch.get(batch.id) ?? []),
      ),
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
  const owner = { entity: 'invoice', id: invoice.id, version: invoice.version } as const;
  return [{ ...finding, mend: { owner, change: { ...should, status } } }];
}

/** Taken back before anything was paid. */
const NOTHING_OWED: ReadonlySet<string> = new Set(['rejected', 'voided']);

const difference = (what: string, is: Decimal, should: Decimal): readonly string[] =>
  compare(is, should) === 0 ? [] : [`${what} is ${is}, payments and credits say ${should}`];

const ANSWERS = ['accepted', 'settled', 'failed', 'returned'] as const;

/** A payment that failed or came back, and was voided then, still counts as what the bank said of it. */
function answersOf(payments: readonly Covered[], { answers: told }: Batch): Batch['answers'] {
  const of = (wanted: string): number => payments.filter(({ status }) => status === wanted).length;
  const [failed, returned, voided] = [of('failed'), of('returned'), of('voided')];
  const wasReturned = Math.min(voided, Math.max(0, told.returned - returned));
  const counted = { failed: failed + voided - wasReturned, returned: returned + wasReturned };
  return { accepted: of('accepted'), settled: of('settled'), ...counted };
}

function sumFinding(batch: Batch, payments: readonly Covered[]): readonly Finding[] {
  const count = payments.length;
  const control_sum = amount(add(...payments.map(({ payment_amount }) => payment_amount)), batch.currency);
  const answers = answersOf(payments, batch);
  const answered = ANSWERS.every((answer) => answers[answer] === batch.answers[answer]);
  const differences = [
    ...(count === batch.count ? [] : [`it counts ${batch.count} members, ${count} payments name it`]),
    ...difference('control_sum', batch.control_sum, control_sum),
    ...(answered ? [] : ["its members' answers are others than it counts"]),
  ];
  if (differences.length === 0) return [];
  const finding = { kind: 'batch', id: batch.id, message: `${differences.join('; ')}.` } as const;
  // What the bank was given stands: only people can tell which of the two is right.
  if (batch.files.length > 0 && (count !== batch.count || compare(control_sum, batch.control_sum) !== 0))
    return [finding];
  const owner = { entity: 'payment_batch', id: batch.id, version: batch.version } as const;
  return [{ ...finding, mend: { owner, change: { count, control_sum, answers } } }];
}
