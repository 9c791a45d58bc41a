/** Whether a payment or invoice goes with a batch, and what it is while it does and when it leaves. Pure. */
import { barredFrom, withKeyMakers } from '../../shared/decisions/history.ts';
import type { Draft } from '../../shared/dynamo/entity-store.ts';
import { amount, compare, type Decimal, isPositive, isZero } from '../../shared/money.ts';
import type { Invoice } from '../invoices/index.ts';
import {
  lapses,
  type NoFormat,
  type Obstacle,
  obstacles,
  ownDate,
  type Payee,
  type Payment,
} from '../payments/index.ts';
import {
  checkPaymentFile,
  type FilePayment,
  isSepa,
  PAIN_001_VERSIONS,
  type Pain001Version,
  type PaymentFile,
} from './formats/index.ts';
import type { Batch, Fixed } from './payment-batch.schema.ts';
import { type Remitted, remittanceOf } from './remittance.ts';

type Account = Pick<Payment['creditor'], 'holder_name' | 'iban' | 'bic' | 'address'>;
type Terms = Pick<Batch, 'id' | 'currency' | 'execution_date' | 'minimum_amount' | 'created_by' | 'creditor_address'>;

/** Until more formats exist only EUR to IBAN accounts goes into a file (docs/rules.md#payment-batches). */
export function formatObstacle(
  payment: Pick<Payment, 'payment_amount' | 'currency' | 'reference_number'> & { readonly creditor: Account },
  version: Pain001Version,
  form?: Batch['creditor_address'],
): Obstacle | undefined {
  const noFormat = (reason: string): Obstacle => ({ code: 'no_format', reason });
  if (!isSepa(payment.currency)) return noFormat(`No file format carries ${payment.currency} yet; only EUR.`);
  if (payment.creditor.iban === null) return noFormat('No file format carries an account without an IBAN yet.');
  const probe = fileOf({ ...PROBE, creditor_address: form }, PROBE_FIXED, [
    filePayment({ ...payment, ...PROBE_PAYMENT }, form),
  ]);
  const found = checkPaymentFile(probe, { version, today: PROBE.execution_date }).filter((item) => item.payment_id);
  return found.length === 0 ? undefined : noFormat(found.map(({ detail }) => detail).join(' '));
}

/** The reason of the default version where no version carries it: the bank of a payment is known only in its batch. */
export const noFormat: NoFormat = (payment) => {
  const found = PAIN_001_VERSIONS.map((version) => formatObstacle(payment, version));
  return found.every((obstacle) => obstacle !== undefined) ? found[0] : undefined;
};

const PROBE = { message_id: 'PROBE', execution_date: '2026-01-02', currency: 'EUR' };
const PROBE_PAYMENT = { id: 'probe', invoice_number: '', discount_taken: '0.00', netted_credits: [] };
const PROBE_FIXED: Fixed = {
  created_at: '2026-01-02T00:00:00Z',
  generated_on: '2026-01-02',
  initiating_party: 'Probe',
  debtor: { name: 'Probe', iban: 'NL91ABNA0417164300', bic: null, country: 'NL' },
};

/** Only what was fixed with the batch and frozen with the payment: the same bytes whatever changes meanwhile. */
export const filePayment = (
  payment: Pick<Payment, 'id' | 'reference_number'> & Remitted & { readonly creditor: Account },
  form: Batch['creditor_address'],
): FilePayment => ({
  payment_id: payment.id,
  end_to_end_id: payment.reference_number,
  amount: payment.payment_amount,
  creditor: {
    name: payment.creditor.holder_name,
    iban: payment.creditor.iban ?? '',
    bic: payment.creditor.bic ?? undefined,
    address: form === undefined || form === 'none' ? undefined : (payment.creditor.address ?? undefined),
  },
  remittance: remittanceOf(payment),
});

export const fileOf = (
  batch: Pick<Batch, 'message_id' | 'execution_date' | 'currency'> & {
    readonly creditor_address?: Batch['creditor_address'] | undefined;
  },
  { created_at, initiating_party, debtor }: Fixed,
  payments: readonly FilePayment[],
): PaymentFile => ({
  message_id: batch.message_id ?? '',
  created_at,
  initiating_party: { name: initiating_party },
  payment_information_id: batch.message_id ?? '',
  execution_date: batch.execution_date,
  debtor: { ...debtor, bic: debtor.bic ?? undefined },
  method: 'bank_transfer',
  currency: batch.currency,
  address_form: batch.creditor_address === 'hybrid' ? 'hybrid' : 'structured',
  payments,
});

/** The first thing that keeps an approved payment out of the batch. */
export function joinObstacle(
  batch: Terms,
  payment: Payment,
  parties: Payee & { readonly invoice: Invoice },
  now: Date,
  version: Pain001Version,
): Obstacle | undefined {
  if (payment.batch_id !== null || payment.status === 'batched' || payment.status === 'accepted')
    return { code: 'already_in_run', reason: `It is in batch ${payment.batch_id ?? ''} already.` };
  if (payment.status !== 'approved')
    return { code: 'not_approved', reason: `The payment is ${payment.status}; only an approved one goes into a run.` };
  return (
    memberObstacle(payment, parties, now) ??
    dueObstacle(payment.payment_date, batch) ??
    minimumObstacle(payment.payment_amount, batch) ??
    formatObstacle(payment, version, batch.creditor_address)
  );
}

/** What keeps a member out of the file, read again when it is generated. */
export function memberObstacle(
  payment: Payment,
  parties: Payee & { readonly invoice: Invoice },
  now: Date,
): Obstacle | undefined {
  if (payment.hold !== null) return { code: 'held', reason: `The payment is on hold: ${payment.hold.reason}` };
  return obstacles({ ...parties, now })[0];
}

const dueObstacle = (paymentDate: string, batch: Terms): Obstacle | undefined =>
  paymentDate <= batch.execution_date
    ? undefined
    : { code: 'not_due', reason: `It is to be paid on ${paymentDate}, after ${batch.execution_date}.` };

const minimumObstacle = (value: Decimal, batch: Terms): Obstacle | undefined =>
  batch.minimum_amount === null || compare(value, batch.minimum_amount) >= 0
    ? undefined
    : { code: 'below_minimum', reason: `${value} is less than the minimum of ${batch.minimum_amount}.` };

/** The payment as a member. A discount that the execution date comes too late for is not taken (docs/rules.md#money-out). */
export function joined(batch: Terms, payment: Payment): { payment: Draft<Payment>; lapsed?: Decimal } {
  const member = {
    ...payment,
    status: 'batched' as const,
    batch_id: batch.id,
    payment_date: batch.execution_date,
    own_payment_date: payment.payment_date,
  };
  if (isZero(payment.discount_taken) || !lapses(payment, batch.execution_date)) return { payment: member };
  return {
    payment: { ...member, discount_taken: amount('0', payment.currency) },
    lapsed: payment.discount_taken,
  };
}

/** The first thing that keeps the batch from making a payment of an invoice, whatever the amount. */
export function makeObstacle(batch: Terms, invoice: Invoice, payee: Payee, now: Date): Obstacle | undefined {
  const found = obstacles({ ...payee, invoice, now })[0];
  if (found !== undefined) return found;
  if (invoice.currency !== batch.currency)
    return { code: 'no_format', reason: `The batch is in ${batch.currency}, the invoice in ${invoice.currency}.` };
  const approvers = barredFrom('approve_payment_of_invoice', invoice);
  if (withKeyMakers(batch, [batch.created_by]).some((maker) => approvers.has(maker)))
    return { code: 'approved_by_releaser', reason: 'Who makes this run approved the invoice.' };
  if (!isPositive(invoice.payable_amount))
    return { code: 'already_in_run', reason: 'Payments that are made already cover the invoice.' };
  return undefined;
}

/** What is left to pay after credits may be nothing, or too little to be worth a transfer. */
export function amountObstacle(batch: Terms, value: Decimal): Obstacle | undefined {
  if (!isPositive(value))
    return { code: 'credit_exceeds', reason: 'Credit notes of the vendor cover all that is due.' };
  return minimumObstacle(value, batch);
}

/** A payment that the batch made goes with it; one that joined waits for another. */
export function left(payment: Payment, batchId: string): { payment: Draft<Payment>; gone: boolean } {
  const gone = payment.made_by_batch === batchId;
  return {
    payment: {
      ...payment,
      status: gone ? 'cancelled' : 'approved',
      batch_id: null,
      ...ownDate(payment),
      integration_status: 'not_exported',
      processed_by: null,
    },
    gone,
  };
}

export const isMember = (payment: Payment | undefined, batchId: string): payment is Payment =>
  payment !== undefined && payment.batch_id === batchId && payment.status === 'batched';
