/** What a purchase order may become, and who may decide it. Pure: the caller gives the person and the moment. */

import type { Actor } from '../../shared/command.ts';
import type { DateWindow } from '../../shared/date-window.ts';
import { requireWithinLimit } from '../../shared/decisions/approval-limit.ts';
import { remembered, withKeyMakers } from '../../shared/decisions/history.ts';
import { requireStatus } from '../../shared/decisions/status.ts';
import type { Draft } from '../../shared/dynamo/entity-store.ts';
import { conflictError, DomainError, refusalOf } from '../../shared/errors.ts';
import { approvedAmendment, withdrawnAmendment } from './amendment.ts';
import { amountAtStake, mayApproveOrder, refuseOwnApproval, withPerson } from './approval.ts';
import { asBodies, normalisedTerms, pricedLines } from './order-content.ts';
import { isUntouched, type OrderCounters } from './order-counters.ts';
import { numberFor } from './po-number.ts';
import type {
  CreatePurchaseOrder,
  PurchaseOrder,
  PurchaseOrderStatus,
  UpdatePurchaseOrder,
} from './purchase-order.schema.ts';

export type PurchaseOrderAction = 'submit' | 'recall' | 'approve' | 'reject' | 'send' | 'cancel' | 'close' | 'reopen';

/** docs/contract.md#resources: draft -> pending_approval -> approved -> sent -> closed; rejected; cancelled. */
const FROM: Readonly<Record<PurchaseOrderAction | 'update', readonly PurchaseOrderStatus[]>> = {
  submit: ['draft'],
  recall: ['pending_approval'],
  approve: ['pending_approval'],
  reject: ['pending_approval'],
  send: ['approved'],
  cancel: ['draft', 'pending_approval', 'approved', 'sent', 'rejected'],
  close: ['approved', 'sent'],
  reopen: ['closed'],
  update: ['draft', 'rejected'],
};

export interface DecisionFacts {
  readonly actor: Pick<Actor, 'id' | 'approval_limit'>;
  readonly now: Date;
  readonly reason?: string | undefined;
  /** The days that a document may have, where the change names one. */
  readonly window?: DateWindow | undefined;
}

export function newOrder(id: string, body: CreatePurchaseOrder, facts: DecisionFacts): Draft<PurchaseOrder> {
  const priced = pricedLines({ ...body, window: facts.window });
  return {
    id,
    status: 'draft',
    vendor_id: body.vendor_id,
    po_number: body.po_number ?? numberFor(id, facts.now),
    description: body.description ?? null,
    currency: body.currency,
    match_type: body.match_type ?? 'three_way',
    delivery_date: body.delivery_date ?? null,
    payment_terms: normalisedTerms(body.payment_terms),
    requested_by: body.requested_by ?? facts.actor.id,
    ...priced,
    approved_by: null,
    approvals: [],
    receipt_status: 'none',
    invoice_status: 'none',
    revision: 1,
    approved_revision: null,
    sent_revision: null,
    pending_amendment: null,
    changed_by: [],
    created_by: facts.actor.id,
  };
}

/** docs/contract.md#resources: a PO in draft or rejected, which makes it draft. */
export function changedOrder(
  order: PurchaseOrder,
  body: UpdatePurchaseOrder,
  facts: DecisionFacts,
): Draft<PurchaseOrder> {
  requireStatus('purchase_order', order.status, { action: 'update', from: FROM['update'] });
  const priced = pricedLines({
    currency: body.currency ?? order.currency,
    line_items: body.line_items ?? asBodies(order.line_items),
    payment_terms: body.payment_terms,
    delivery_date: body.delivery_date,
    window: facts.window,
  });
  return {
    ...order,
    ...body,
    ...(body.payment_terms === undefined ? {} : { payment_terms: normalisedTerms(body.payment_terms) }),
    ...priced,
    status: 'draft',
    history: remembered(order),
    changed_by: withPerson(order.changed_by, facts.actor.id),
  };
}

/** @throws DomainError 409 from a state the action does not leave or once something happened to the order, 403 for a person it bars. */
export function decideOrder(
  order: PurchaseOrder,
  counters: OrderCounters,
  action: PurchaseOrderAction,
  facts: DecisionFacts,
): Draft<PurchaseOrder> {
  requireStatus('purchase_order', order.status, { action, from: FROM[action] });
  switch (action) {
    case 'submit':
      return { ...order, status: 'pending_approval', changed_by: withPerson(order.changed_by, facts.actor.id) };
    case 'recall':
      return order.pending_amendment === null
        ? { ...order, status: 'draft' }
        : withdrawnAmendment(order, order.pending_amendment);
    case 'approve':
      return approvedOrder(order, counters, facts);
    case 'reject':
      return rejectedOrder(order, facts);
    case 'send':
      return { ...order, status: 'sent', sent_revision: order.approved_revision };
    case 'cancel':
      if (!isUntouched(counters))
        throw conflictError(
          'purchase_order.in-use',
          'Something was received or billed on this order. Close it instead.',
        );
      return {
        ...order,
        status: 'cancelled',
        revision: order.approved_revision ?? order.revision,
        pending_amendment: null,
      };
    case 'close':
      if (order.sent_revision === null)
        throw conflictError(
          'purchase_order.wrong-status',
          'This order was never sent to its vendor. Cancel it instead.',
        );
      return { ...order, status: 'closed', closed_by: facts.actor.id };
    case 'reopen':
      return reopenedOrder(order, facts);
  }
}

/** Open again as it was: a revision that the vendor was not told of is still to be sent. */
function reopenedOrder(order: PurchaseOrder, { actor }: DecisionFacts): Draft<PurchaseOrder> {
  if (!mayReopenOrder(order, actor.id))
    throw new DomainError(
      'forbidden',
      'purchase_order.segregation-of-duties',
      'You closed this order; another approver reopens it.',
    );
  requireWithinLimit('purchase_order', actor.approval_limit, amountAtStake(order), order.currency);
  return { ...order, status: order.sent_revision === order.approved_revision ? 'sent' : 'approved' };
}

/** Where it was not kept who closed the order, nobody who could have had a hand in it. */
const mayReopenOrder = (order: PurchaseOrder, actorId: string): boolean =>
  typeof order.closed_by === 'string'
    ? !withKeyMakers(order, [order.closed_by]).includes(actorId)
    : mayApproveOrder(order, actorId);

function approvedOrder(order: PurchaseOrder, counters: OrderCounters, facts: DecisionFacts): Draft<PurchaseOrder> {
  refuseOwnApproval(order, facts.actor.id);
  requireWithinLimit('purchase_order', facts.actor.approval_limit, amountAtStake(order), order.currency);
  const content =
    order.pending_amendment === null ? order : approvedAmendment(order, order.pending_amendment, counters);
  return {
    ...order,
    ...content,
    status: 'approved',
    approved_revision: order.revision,
    approved_by: facts.actor.id,
    approvals: [...order.approvals, approval(order, 'approved', facts)],
  };
}

/** Whether what has happened meanwhile lets an approval through: an amendment may be below what arrived since. */
export function isApprovable(order: PurchaseOrder, counters: OrderCounters): boolean {
  const { status, pending_amendment: amendment } = order;
  if (status !== 'pending_approval') return false;
  return amendment === null || refusalOf(() => void approvedAmendment(order, amendment, counters)) === undefined;
}

function rejectedOrder(order: PurchaseOrder, facts: DecisionFacts): Draft<PurchaseOrder> {
  const approvals = [...order.approvals, approval(order, 'rejected', facts)];
  return order.pending_amendment === null
    ? { ...order, status: 'rejected', approvals }
    : { ...withdrawnAmendment(order, order.pending_amendment), approvals };
}

const approval = (order: PurchaseOrder, decision: 'approved' | 'rejected', { actor, now, reason }: DecisionFacts) => ({
  revision: order.revision,
  decision,
  decided_by: actor.id,
  decided_at: now.toISOString(),
  reason: reason ?? null,
});

/** What may be billed of an order: `credit` once it is closed, since what was delivered and billed can still be credited. */
export type Billing = 'open' | 'credit' | 'none';

/** An order that was sent stays open while an amendment of it waits or is yet to be sent. */
export function billingOf({ status, sent_revision }: Pick<PurchaseOrder, 'status' | 'sent_revision'>): Billing {
  if (sent_revision === null || status === 'cancelled') return 'none';
  return status === 'closed' ? 'credit' : 'open';
}

/** docs/contract.md#resources: receipts and invoices need a sent order. @throws DomainError 409 */
export function refuseUnlessOpen(order: PurchaseOrder): void {
  if (billingOf(order) === 'open') return;
  throw conflictError(
    'purchase_order.not-sent',
    `Order ${order.po_number} is ${order.status}; goods are received and billed on an order that was sent and is not closed.`,
    [{ pointer: '/po_id', detail: `is ${order.status}` }],
  );
}
