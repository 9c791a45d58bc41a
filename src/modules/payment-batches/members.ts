/** Candidates of a run: each is read, decided on, and gives the writes that move it. Gives pending writes, never commits. */
import type { Command } from '../../shared/command.ts';
import type { PendingWrite } from '../../shared/dynamo/unit-of-work.ts';
import { amount, isPositive, isZero } from '../../shared/money.ts';
import { creditApplied, type Invoice, type InvoiceService, releasePayment, reservePayment } from '../invoices/index.ts';
import {
  frozen,
  invoiceWrites,
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
import type { VendorService } from '../vendors/index.ts';
import type { Pain001Version } from './formats/index.ts';
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

export interface Members {
  join(command: Command, batch: Header, candidate: string, credits: OpenCredits): Promise<Outcome>;
  /** Drops what may not be paid any more. */
  check(command: Command, batch: Header, candidate: string): Promise<Outcome>;
  mark(command: Command, batch: Header, candidate: string): Promise<Outcome>;
  release(command: Command, batch: Header, candidate: string): Promise<Outcome>;
  /** Strongly consistent: an index may not have the last one yet. */
  load(batchId: string, candidate: string): Promise<Payment | undefined>;
}

/** Ids of a vendor's open credit notes in a currency, oldest first. */
export type OpenCredits = (vendorId: string, currency: string) => Promise<readonly string[]>;

/** A transaction has room for so many credit notes of one invoice; the next run applies the others. */
const MAX_CREDITS = 20;
const NOTHING: Outcome = { writes: [], touches: [] };

export function createMembers(deps: MembersDeps): Members {
  const { payments } = deps.payments;

  const skipped = (batch: Header, candidate: string, obstacle: Obstacle, writes: readonly PendingWrite[] = []) => {
    const isPayment = candidate.startsWith('pay_');
    const skip: Skip = {
      payment_id: isPayment ? candidate : null,
      invoice_id: isPayment ? null : candidate,
      ...obstacle,
    };
    return { writes: [...writes, deps.skipWrite(batch.id, candidate, skip)], skip };
  };

  const versionOf = (batch: Header): Pain001Version => batch.profile_version ?? '001.09';

  async function load(batchId: string, candidate: string): Promise<Payment | undefined> {
    const payment = await payments.get(memberId(batchId, candidate));
    return isMember(payment, batchId) ? payment : undefined;
  }

  async function partiesOf(payment: Payment) {
    const [payee, invoice] = await Promise.all([
      loadPayee(deps.vendors, payment.vendor_id, payment.creditor.bank_account_id),
      deps.invoices.requireForDecision(payment.invoice_id),
    ]);
    return { ...payee, invoice };
  }

  async function joinPayment(command: Command, batch: Header, id: string): Promise<Outcome> {
    const payment = await payments.get(id);
    if (payment === undefined)
      return { ...skipped(batch, id, { code: 'not_found', reason: 'There is no such payment.' }), touches: [] };
    const parties = await partiesOf(payment);
    const obstacle = joinObstacle(batch, payment, parties, command.now, versionOf(batch));
    if (obstacle !== undefined) return { ...skipped(batch, id, obstacle), touches: [] };
    const { payment: member, lapsed } = joined(batch, payment);
    const { entity, writes } = payments.update(command, payment, member, { action: 'joined_batch' });
    if (lapsed === undefined) return { writes, touches: [], member: summaryOf(entity) };
    const given = releasePayment(parties.invoice, { payment_amount: '0', discount_taken: lapsed });
    const event = { action: 'discount_lapsed' };
    const moved = deps.invoices.updateWrites(command, parties.invoice, given, event).writes;
    return { writes: [...writes, ...moved], touches: [payment.invoice_id], member: summaryOf(entity) };
  }

  /** Open credits of the vendor first, oldest first (docs/rules.md#credit-notes); what is left is paid. */
  async function makePayment(command: Command, batch: Header, id: string, credits: OpenCredits): Promise<Outcome> {
    const invoice = await deps.invoices.requireForDecision(id);
    const payee = await loadPayee(deps.vendors, invoice.vendor_id);
    const obstacle = makeObstacle(batch, invoice, payee, command.now);
    if (obstacle !== undefined || payee.account === undefined)
      return { ...skipped(batch, id, obstacle ?? NO_ACCOUNT), touches: [] };
    const netted = await net(command, batch, invoice, await credits(invoice.vendor_id, invoice.currency));
    const pay = paymentFor(netted.invoice, batch.execution_date);
    const touches = [id, ...netted.touches];
    const notPaid = amountObstacle(batch, pay.payment_amount);
    if (notPaid?.code === 'credit_exceeds') {
      const moved = deps.invoices.updateWrites(command, invoice, netted.invoice, { action: 'apply' }).writes;
      return { ...skipped(batch, id, notPaid, [...netted.writes, ...moved]), touches };
    }
    const paymentId = memberId(batch.id, id);
    const draft = newPayment({
      id: paymentId,
      created_by: batch.created_by,
      invoice,
      account: payee.account,
      creditor: frozen(payee.account, payee.vendor),
      netted_credits: nettedCredits(netted.invoice, pay),
      payment_amount: amount(pay.payment_amount, invoice.currency),
      discount_taken: pay.discount_taken,
      payment_date: batch.execution_date,
      reference_number: ownReference(paymentId),
      batch_id: batch.id,
    });
    const stopped = notPaid ?? formatObstacle(draft, versionOf(batch), batch.creditor_address);
    if (stopped !== undefined) return { ...skipped(batch, id, stopped), touches: [] };
    const { entity, writes } = payments.create(command, draft);
    const reserved = reservePayment(netted.invoice, pay);
    const moved = deps.invoices.updateWrites(command, invoice, reserved, { action: 'payment_reserved' }).writes;
    return {
      writes: [...writes, ...moved, ...netted.writes],
      touches,
      member: summaryOf(entity),
      barred: [...draft.invoice_approvers, ...(draft.account_proposers ?? [])],
    };
  }

  async function net(command: Command, batch: Header, invoice: Invoice, ids: readonly string[]) {
    let current = invoice;
    const writes: PendingWrite[] = [];
    const touches: string[] = [];
    for (const id of ids) {
      if (isZero(current.payable_amount) || touches.length === MAX_CREDITS) break;
      const note = await deps.invoices.requireForDecision(id);
      if (note.holds.length > 0 || !isPositive(note.payable_amount) || !OPEN_CREDIT.has(note.status)) continue;
      const facts = { actorId: batch.created_by, now: command.now };
      const applied = creditApplied(note, current, undefined, facts);
      current = { ...current, ...applied.invoice };
      writes.push(...deps.invoices.updateWrites(command, note, applied.credit_note, { action: 'apply' }).writes);
      touches.push(id);
    }
    return { invoice: current, writes, touches };
  }

  async function leave(command: Command, batch: Header, payment: Payment, invoice?: Invoice) {
    const { payment: after, gone } = left(payment, batch.id);
    const { writes } = payments.update(command, payment, after, { action: gone ? 'cancel' : 'left_batch' });
    if (!gone) return { writes, touches: [] };
    const moved = await invoiceWrites(deps.invoices, command, payment, 'release', invoice);
    return { writes: [...writes, ...moved], touches: [payment.invoice_id] };
  }

  return {
    join: (command, batch, candidate, credits) =>
      candidate.startsWith('pay_')
        ? joinPayment(command, batch, candidate)
        : makePayment(command, batch, candidate, credits),
    async check(command, batch, candidate) {
      const payment = await load(batch.id, candidate);
      if (payment === undefined) return NOTHING;
      const parties = await partiesOf(payment);
      const obstacle =
        memberObstacle(payment, parties, command.now) ??
        formatObstacle(payment, versionOf(batch), batch.creditor_address);
      if (obstacle === undefined) return { ...NOTHING, member: summaryOf(payment) };
      const { writes, touches } = await leave(command, batch, payment, parties.invoice);
      return { ...skipped(batch, candidate, obstacle, writes), touches };
    },
    async mark(command, batch, candidate) {
      const payment = await load(batch.id, candidate);
      if (payment === undefined || payment.integration_status !== 'not_exported') return NOTHING;
      const after = { ...payment, integration_status: 'exported' as const, processed_by: batch.generated_by };
      const { writes } = payments.update(command, payment, after, { action: 'exported' });
      return { writes, touches: [] };
    },
    async release(command, batch, candidate) {
      const payment = await load(batch.id, candidate);
      return payment === undefined ? NOTHING : leave(command, batch, payment);
    },
    load,
  };
}

const NO_ACCOUNT: Obstacle = { code: 'no_account', reason: 'The vendor has no active bank account.' };
const OPEN_CREDIT: ReadonlySet<string> = new Set(['approved', 'partially_applied']);
