/** Candidates of a run: each is read, decided on, and gives the writes that move it. Gives pending writes, never commits. */
import type { Command } from '../../shared/command.ts';
import type { Draft } from '../../shared/dynamo/entity-store.ts';
import type { PendingWrite } from '../../shared/dynamo/unit-of-work.ts';
import { amount, isZero } from '../../shared/money.ts';
import { creditApplied, type Invoice, type InvoiceService, releasePayment, reservePayment } from '../invoices/index.ts';
import {
  frozen,
  invoiceSaved,
  loadPayee,
  nettedCredits,
  newPayment,
  type Obstacle,
  ownReference,
  type Payment,
  type PaymentRepository,
  paymentFor,
  summaryOf,
} from '../payments/index.ts';
import type { BankAccount, Vendor, VendorService } from '../vendors/index.ts';
import type { Pain001Version } from './formats/index.ts';
import type { Ledger } from './ledger.ts';
import {
  amountObstacle,
  formatObstacle,
  isMember,
  joined,
  joinObstacle,
  left,
  makeObstacle,
  memberObstacle,
} from './member.ts';
import { isOpenCredit, type OpenCredits } from './open-credits.ts';
import type { Batch, Skip } from './payment-batch.schema.ts';
import { memberId, type Outcome } from './run.ts';

export interface MembersDeps {
  readonly payments: PaymentRepository;
  readonly invoices: InvoiceService;
  readonly vendors: VendorService;
  readonly skipWrite: (batchId: string, candidate: string, skip: Skip) => PendingWrite;
}

/** What a batch is to its members. */
export type Header = Pick<
  Batch,
  | 'id'
  | 'currency'
  | 'execution_date'
  | 'minimum_amount'
  | 'created_by'
  | 'generated_by'
  | 'profile_version'
  | 'creditor_address'
>;

/** What was read of a candidate, ready to be decided on after those before it. */
export type Decide = () => Promise<Outcome>;

export interface Members {
  join(command: Command, batch: Header, candidate: string, documents: Documents): Promise<Decide>;
  /** Drops what may not be paid any more. */
  check(command: Command, batch: Header, candidate: string, documents: Documents): Promise<Decide>;
  mark(command: Command, batch: Header, candidate: string): Promise<Decide>;
  release(command: Command, batch: Header, candidate: string, documents: Documents): Promise<Decide>;
  /** Strongly consistent: an index may not have the last one yet. */
  load(batchId: string, candidate: string): Promise<Payment | undefined>;
}

/** What the candidates of a transaction share. */
export interface Documents {
  readonly ledger: Ledger;
  readonly credits: OpenCredits;
}

/** A transaction has room for so many credit notes of one invoice; the next run applies the others. */
const MAX_CREDITS = 20;
const NOTHING: Outcome = { writes: [], changed: [] };

export function createMembers(deps: MembersDeps): Members {
  const { payments } = deps.payments;

  const skipped = (
    batch: Header,
    candidate: string,
    obstacle: Obstacle,
    writes: readonly PendingWrite[] = [],
  ): Outcome => {
    const isPayment = candidate.startsWith('pay_');
    const skip: Skip = {
      payment_id: isPayment ? candidate : null,
      invoice_id: isPayment ? null : candidate,
      ...obstacle,
    };
    return { ...NOTHING, writes: [...writes, deps.skipWrite(batch.id, candidate, skip)], skip };
  };

  const versionOf = (batch: Header): Pain001Version => batch.profile_version ?? '001.09';

  async function load(batchId: string, candidate: string): Promise<Payment | undefined> {
    const payment = await payments.get(memberId(batchId, candidate));
    return isMember(payment, batchId) ? payment : undefined;
  }

  /** The payee as it stands; the invoice is in the ledger from then on. */
  async function payeeOf(payment: Payment, { ledger }: Documents) {
    const [payee] = await Promise.all([
      loadPayee(deps.vendors, payment.vendor_id, payment.creditor.bank_account_id),
      ledger.invoice(payment.invoice_id),
    ]);
    return payee;
  }

  const updated = (command: Command, before: Invoice, after: Draft<Invoice>, action: string): Outcome => {
    const { entity, writes } = deps.invoices.updateWrites(command, before, after, { action });
    return { writes, changed: [entity] };
  };

  async function joinPayment(command: Command, batch: Header, id: string, documents: Documents): Promise<Decide> {
    const payment = await payments.get(id);
    if (payment === undefined)
      return async () => skipped(batch, id, { code: 'not_found', reason: 'There is no such payment.' });
    const [payee, credits] = await Promise.all([
      payeeOf(payment, documents),
      documents.credits.of(payment.vendor_id, payment.currency),
    ]);
    return async () => {
      const invoice = await documents.ledger.invoice(payment.invoice_id);
      const obstacle = joinObstacle(batch, payment, { ...payee, invoice }, command.now, versionOf(batch));
      if (obstacle !== undefined) return skipped(batch, id, obstacle);
      const { payment: joining, lapsed } = joined(batch, payment);
      const { entity, writes } = payments.update(command, payment, joining, { action: 'joined_batch' });
      const notice = credits.length === 0 ? {} : { credit_vendor: payment.vendor_id };
      const member = { member: summaryOf(entity), ...notice };
      if (lapsed === undefined) return { ...NOTHING, writes, ...member };
      const given = releasePayment(invoice, { payment_amount: '0', discount_taken: lapsed });
      const moved = updated(command, invoice, given, 'discount_lapsed');
      return { ...moved, writes: [...writes, ...moved.writes], ...member };
    };
  }

  /** Open credits of the vendor first, oldest first (docs/rules.md#credit-notes); what is left is paid. */
  async function makePayment(command: Command, batch: Header, id: string, documents: Documents): Promise<Decide> {
    const read = await documents.ledger.invoice(id);
    const [payee] = await Promise.all([loadPayee(deps.vendors, read.vendor_id), readOldestCredit(read, documents)]);
    return async () => {
      const invoice = await documents.ledger.invoice(id);
      const obstacle = makeObstacle(batch, invoice, payee, command.now);
      if (obstacle !== undefined || payee.account === undefined) return skipped(batch, id, obstacle ?? NO_ACCOUNT);
      return made(command, batch, invoice, { vendor: payee.vendor, account: payee.account }, documents);
    };
  }

  /** Mostly the only one that is needed: it is there when the invoice is decided on. */
  async function readOldestCredit({ vendor_id, currency }: Invoice, { ledger, credits }: Documents): Promise<void> {
    const [oldest] = await credits.of(vendor_id, currency);
    if (oldest !== undefined) await ledger.invoice(oldest);
  }

  async function made(
    command: Command,
    batch: Header,
    invoice: Invoice,
    { vendor, account }: { readonly vendor: Vendor; readonly account: BankAccount },
    documents: Documents,
  ): Promise<Outcome> {
    const netted = await net(command, batch, invoice, documents);
    const pay = paymentFor(netted.invoice, batch.execution_date);
    const notPaid = amountObstacle(batch, pay.payment_amount);
    if (notPaid?.code === 'credit_exceeds') {
      const moved = updated(command, invoice, netted.invoice, 'apply');
      const skip = skipped(batch, invoice.id, notPaid, [...netted.writes, ...moved.writes]);
      return { ...skip, changed: [...netted.changed, ...moved.changed] };
    }
    const paymentId = memberId(batch.id, invoice.id);
    const draft = newPayment({
      id: paymentId,
      created_by: batch.created_by,
      invoice,
      account,
      creditor: frozen(account, vendor),
      netted_credits: nettedCredits(netted.invoice, pay),
      payment_amount: amount(pay.payment_amount, invoice.currency),
      discount_taken: pay.discount_taken,
      payment_date: batch.execution_date,
      reference_number: ownReference(paymentId),
      batch_id: batch.id,
    });
    const stopped = notPaid ?? formatObstacle(draft, versionOf(batch), batch.creditor_address);
    if (stopped !== undefined) return skipped(batch, invoice.id, stopped);
    const { entity, writes } = payments.create(command, draft);
    const moved = updated(command, invoice, reservePayment(netted.invoice, pay), 'payment_reserved');
    return {
      writes: [...writes, ...moved.writes, ...netted.writes],
      changed: [...moved.changed, ...netted.changed],
      member: summaryOf(entity),
      barred: [...draft.invoice_approvers, ...(draft.account_proposers ?? [])],
    };
  }

  async function net(command: Command, batch: Header, invoice: Invoice, { ledger, credits }: Documents) {
    let current = invoice;
    const writes: PendingWrite[] = [];
    const changed: Invoice[] = [];
    for (const id of await credits.of(invoice.vendor_id, invoice.currency)) {
      if (isZero(current.payable_amount) || changed.length === MAX_CREDITS) break;
      const note = await ledger.invoice(id);
      if (!isOpenCredit(note)) continue;
      const facts = { actorId: batch.created_by, now: command.now };
      const applied = creditApplied(note, current, undefined, facts);
      current = { ...current, ...applied.invoice };
      const moved = updated(command, note, applied.credit_note, 'apply');
      writes.push(...moved.writes);
      changed.push(...moved.changed);
    }
    return { invoice: current, writes, changed };
  }

  async function leave(command: Command, batch: Header, payment: Payment, { ledger }: Documents): Promise<Outcome> {
    const { payment: after, gone } = left(payment, batch.id);
    const { writes } = payments.update(command, payment, after, { action: gone ? 'cancel' : 'left_batch' });
    if (!gone) return { ...NOTHING, writes };
    const invoice = await ledger.invoice(payment.invoice_id);
    const moved = invoiceSaved(deps.invoices, command, payment, 'release', invoice);
    return { writes: [...writes, ...moved.writes], changed: [moved.entity] };
  }

  return {
    join: (command, batch, candidate, documents) =>
      candidate.startsWith('pay_')
        ? joinPayment(command, batch, candidate, documents)
        : makePayment(command, batch, candidate, documents),
    async check(command, batch, candidate, documents) {
      const payment = await load(batch.id, candidate);
      if (payment === undefined) return nothing;
      const payee = await payeeOf(payment, documents);
      return async () => {
        const invoice = await documents.ledger.invoice(payment.invoice_id);
        const obstacle =
          memberObstacle(payment, { ...payee, invoice }, command.now) ??
          formatObstacle(payment, versionOf(batch), batch.creditor_address);
        if (obstacle === undefined) return { ...NOTHING, member: summaryOf(payment) };
        const { writes, changed } = await leave(command, batch, payment, documents);
        return { ...skipped(batch, candidate, obstacle, writes), changed };
      };
    },
    async mark(command, batch, candidate) {
      const payment = await load(batch.id, candidate);
      if (payment === undefined || payment.integration_status !== 'not_exported') return nothing;
      const after = { ...payment, integration_status: 'exported' as const, processed_by: batch.generated_by };
      return async () => ({
        ...NOTHING,
        writes: payments.update(command, payment, after, { action: 'exported' }).writes,
      });
    },
    async release(command, batch, candidate, documents) {
      const payment = await load(batch.id, candidate);
      if (payment === undefined) return nothing;
      if (payment.made_by_batch === batch.id) await documents.ledger.invoice(payment.invoice_id);
      return () => leave(command, batch, payment, documents);
    },
    load,
  };
}

const nothing: Decide = async () => NOTHING;
const NO_ACCOUNT: Obstacle = { code: 'no_account', reason: 'The vendor has no active bank account.' };
