/** Makes the payment of an invoice that is due: open credits of the vendor first, and what is left is paid. */
import type { Command } from '../../shared/command.ts';
import type { PendingWrite } from '../../shared/dynamo/unit-of-work.ts';
import { amount, isZero } from '../../shared/money.ts';
import { creditApplied, type Invoice, reservePayment } from '../invoices/index.ts';
import {
  frozen,
  loadPayee,
  nettedCredits,
  newPayment,
  type Obstacle,
  ownReference,
  paymentFor,
  summaryOf,
} from '../payments/index.ts';
import type { BankAccount, Vendor } from '../vendors/index.ts';
import { type Decide, type Documents, type Header, type MembersDeps, outcomesOf, versionOf } from './candidate.ts';
import { amountObstacle, formatObstacle, makeObstacle } from './member.ts';
import { isOpenCredit } from './open-credits.ts';
import { memberId, type Outcome } from './run.ts';

export type MakePayment = (command: Command, batch: Header, invoiceId: string, documents: Documents) => Promise<Decide>;

/** A transaction has room for so many credit notes of one invoice; the next run applies the others. */
const MAX_CREDITS = 20;

export function createPaymentMaker(deps: MembersDeps): MakePayment {
  const { payments } = deps.payments;
  const { skipped, updated } = outcomesOf(deps);

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

  return makePayment;
}

const NO_ACCOUNT: Obstacle = { code: 'no_account', reason: 'The vendor has no active bank account.' };
