/** Candidates of a run: each is read, decided on, and gives the writes that move it. Gives pending writes, never commits. */
import type { Command } from '../../shared/command.ts';
import { releasePayment } from '../invoices/index.ts';
import { invoiceSaved, loadPayee, type Payment, summaryOf } from '../payments/index.ts';
import {
  type Decide,
  type Documents,
  type Header,
  type MembersDeps,
  NOTHING,
  outcomesOf,
  versionOf,
} from './candidate.ts';
import { formatObstacle, isMember, joined, joinObstacle, left, memberObstacle } from './member.ts';
import { createPaymentMaker } from './payment-maker.ts';
import { memberId, type Outcome } from './run.ts';

export interface Members {
  join(command: Command, batch: Header, candidate: string, documents: Documents): Promise<Decide>;
  /** Drops what may not be paid any more. */
  check(command: Command, batch: Header, candidate: string, documents: Documents): Promise<Decide>;
  mark(command: Command, batch: Header, candidate: string): Promise<Decide>;
  release(command: Command, batch: Header, candidate: string, documents: Documents): Promise<Decide>;
  /** Strongly consistent: an index may not have the last one yet. */
  load(batchId: string, candidate: string): Promise<Payment | undefined>;
}

export function createMembers(deps: MembersDeps): Members {
  const { payments } = deps.payments;
  const { skipped, updated } = outcomesOf(deps);
  const makePayment = createPaymentMaker(deps);

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
