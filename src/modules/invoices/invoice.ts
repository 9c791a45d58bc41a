/** What an invoice may become by a person's word. Pure; approval is in invoice-approval.ts, the match in invoice-match.ts. */

import { remembered } from '../../shared/decisions/history.ts';
import { wrongStatus } from '../../shared/decisions/status.ts';
import type { Draft } from '../../shared/dynamo/entity-store.ts';
import { conflictError, ruleError } from '../../shared/errors.ts';
import { amount, equal, isZero } from '../../shared/money.ts';
import type { Hold, Invoice, InvoiceStatus } from './invoice.schema.ts';

export type InvoiceAction =
  | 'update'
  | 'match'
  | 'approve'
  | 'reject'
  | 'dispute'
  | 'resolve'
  | 'void'
  | 'hold'
  | 'release'
  | 'free-number';

const UNDECIDED: readonly InvoiceStatus[] = ['received', 'matched', 'exception', 'pending_approval'];
const LIVE: readonly InvoiceStatus[] = [...UNDECIDED, 'disputed', 'approved', 'partially_paid', 'partially_applied'];

const FROM: Readonly<Record<InvoiceAction, readonly InvoiceStatus[]>> = {
  update: ['received', 'matched', 'exception', 'disputed'],
  match: ['received', 'matched', 'exception'],
  approve: ['matched', 'exception', 'pending_approval'],
  reject: [...UNDECIDED, 'disputed'],
  dispute: [...UNDECIDED, 'approved'],
  resolve: ['disputed'],
  void: [...UNDECIDED, 'disputed', 'approved'],
  hold: LIVE,
  release: LIVE,
  'free-number': ['rejected', 'voided'],
};

type Standing = Pick<Invoice, 'status'> & Partial<Pick<Invoice, 'amount_due'>>;

/** Where nothing was ever due, approval made it paid or applied. Nothing was paid, so it can be taken back as an approved one. */
const standing = ({ status, amount_due }: Standing): InvoiceStatus =>
  (status === 'paid' || status === 'applied') && amount_due !== undefined && isZero(amount_due) ? 'approved' : status;

/** @throws DomainError 409 `invoice.wrong-status` */
export function requireStatus(invoice: Standing, action: InvoiceAction): void {
  const from = FROM[action];
  if (from.includes(standing(invoice))) return;
  const advice = action === 'approve' && invoice.status === 'received' ? 'Match it first.' : undefined;
  throw wrongStatus('invoice', invoice.status, { action, from, advice });
}

/** docs/rules.md#match: rejected, disputed and voided invoices hold no quantity. */
export function decideInvoice(
  invoice: Invoice,
  action: 'reject' | 'dispute' | 'resolve' | 'void' | 'free-number',
): Draft<Invoice> {
  requireStatus(invoice, action);
  switch (action) {
    case 'reject':
      return { ...withdrawn(invoice), status: 'rejected', ...nothingOwed(invoice) };
    case 'dispute':
      requireUntouched(invoice, action);
      if (invoice.type === 'credit_note' && standing(invoice) === 'approved')
        throw conflictError('invoice.wrong-status', 'An approved credit note is not disputed. Void it instead.');
      return { ...withdrawn(invoice), status: 'disputed' };
    case 'resolve':
      return { ...withdrawn(invoice), status: 'received', match: null };
    case 'void':
      requireUntouched(invoice, action);
      return { ...withdrawn(invoice), status: 'voided', ...nothingOwed(invoice) };
    case 'free-number':
      return freedNumber(invoice);
  }
}

/** Every approval was of an invoice that now is another matter: it begins again. Whom it bars stays barred. */
const withdrawn = (invoice: Invoice): Draft<Invoice> => ({
  ...invoice,
  takes: [],
  approvals: [],
  approved_by: null,
  history: remembered(invoice),
});

const nothingOwed = ({ currency }: Invoice) => ({
  open_amount: amount('0', currency),
  payable_amount: amount('0', currency),
});

/** Once a payment reserved something of it, or a credit moved it, taking it back would leave that without its ground. */
function requireUntouched(invoice: Invoice, action: string): void {
  const { amount_due, open_amount, payable_amount, credits } = invoice;
  if (equal(open_amount, amount_due) && equal(payable_amount, amount_due) && credits.length === 0) return;
  throw conflictError(
    'invoice.in-use',
    `Payments or credits stand on this invoice (${open_amount} open, ${payable_amount} payable of ${amount_due}); it cannot take ${action}. Cancel or unapply them first, or put it on hold.`,
  );
}

function freedNumber(invoice: Invoice): Draft<Invoice> {
  if (invoice.number_claim !== null) return { ...invoice, number_claim: null };
  throw conflictError('invoice.number-free', 'The number of this invoice was freed already.');
}

export const heldInvoice = (invoice: Draft<Invoice>, hold: Hold): Draft<Invoice> => ({
  ...invoice,
  holds: [...invoice.holds, hold],
});

export function placedHold(
  id: string,
  kind: Hold['kind'],
  reason: string,
  by: { readonly actorId: string; readonly now: Date },
): Hold {
  return { id, kind, reason, placed_by: by.actorId, placed_at: by.now.toISOString() };
}

/** @throws DomainError 422 naming the holds there are. */
export function releasedInvoice(invoice: Invoice, holdId: string): Draft<Invoice> {
  requireStatus(invoice, 'release');
  if (invoice.holds.some(({ id }) => id === holdId))
    return { ...invoice, holds: invoice.holds.filter(({ id }) => id !== holdId) };
  const there = invoice.holds.map(({ id, reason }) => `${id} (${reason})`).join(', ') || 'none';
  throw ruleError('invoice.no-such-hold', `This invoice has no such hold; its holds are: ${there}.`, [
    { pointer: '/hold_id', detail: 'is no hold of this invoice' },
  ]);
}

/** Whether goods that go back concern it: it bills one of those lines, and something of it is unpaid. */
export const isUnpaidOf = (invoice: Invoice, orderLines: ReadonlySet<number>): boolean =>
  invoice.type === 'invoice' &&
  LIVE.includes(invoice.status) &&
  invoice.line_items.some(({ po_line_number: line }) => line !== undefined && orderLines.has(line));
