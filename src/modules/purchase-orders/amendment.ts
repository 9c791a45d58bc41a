/** Changing an order that was approved: a revision of its own, which rules only once another person approved it. Pure. */

import type { DateWindow } from '../../shared/date-window.ts';
import { wrongStatus } from '../../shared/decisions/status.ts';
import type { Draft } from '../../shared/dynamo/entity-store.ts';
import { type ErrorItem, refuseIfAny } from '../../shared/errors.ts';
import { compare, equal, larger, smaller } from '../../shared/money.ts';
import { sameUnit } from '../../shared/units.ts';
import { withPerson } from './approval.ts';
import { asBodies, normalisedTerms, pricedLines } from './order-content.ts';
import { keptQuantity, lineCounters, type OrderCounters, progressOf } from './order-counters.ts';
import type { Amendment, AmendPurchaseOrder, PurchaseOrder, PurchaseOrderLine } from './purchase-order.schema.ts';

/** docs/contract.md#resources: from approved or sent; revision + 1; no line below what is received or invoiced. */
export function amendedOrder(
  order: PurchaseOrder,
  counters: OrderCounters,
  body: AmendPurchaseOrder,
  facts: {
    readonly actor: { readonly id: string };
    readonly now: Date;
    readonly window?: DateWindow | undefined;
  },
): Draft<PurchaseOrder> {
  if (order.status !== 'approved' && order.status !== 'sent')
    throw wrongStatus('purchase_order', order.status, { action: 'amend', from: ['approved', 'sent'] });
  const terms = body.payment_terms;
  const priced = pricedLines(
    {
      currency: order.currency,
      line_items: body.line_items ?? asBodies(order.line_items),
      payment_terms: terms,
      delivery_date: body.delivery_date,
      window: facts.window,
    },
    { current: order.line_items.map(({ line_number }) => line_number), retired: order.retired_line_numbers ?? [] },
  );
  refuseBelowCounters(order.line_items, priced.line_items, counters);
  const amendment: Amendment = {
    revision: order.revision + 1,
    delivery_date: body.delivery_date === undefined ? order.delivery_date : body.delivery_date,
    payment_terms: terms === undefined ? order.payment_terms : normalisedTerms(terms),
    ...priced,
    reason: body.reason,
    requested_by: facts.actor.id,
    requested_at: facts.now.toISOString(),
    amended_from: order.status,
  };
  return {
    ...order,
    status: 'pending_approval',
    revision: amendment.revision,
    pending_amendment: amendment,
    changed_by: withPerson(order.changed_by, facts.actor.id),
  };
}

/** What an approved amendment makes of the order. Goods went on arriving while it waited, so the counters decide again. */
export function approvedAmendment(order: PurchaseOrder, amendment: Amendment, counters: OrderCounters) {
  refuseBelowCounters(order.line_items, amendment.line_items, counters);
  return {
    line_items: amendment.line_items,
    retired_line_numbers: retiredNumbers(order, amendment),
    subtotal: amendment.subtotal,
    tax_breakdown: amendment.tax_breakdown,
    tax_amount: amendment.tax_amount,
    total_amount: amendment.total_amount,
    delivery_date: amendment.delivery_date,
    payment_terms: amendment.payment_terms,
    pending_amendment: null,
    ...progressOf(amendment.line_items, counters),
  };
}

/** An invoice may still name a line that is gone: it must never find another line under that number. */
function retiredNumbers(order: PurchaseOrder, amendment: Amendment): number[] {
  const kept = new Set(amendment.line_items.map(({ line_number }) => line_number));
  const gone = order.line_items.map(({ line_number }) => line_number).filter((number) => !kept.has(number));
  return [...(order.retired_line_numbers ?? []), ...gone];
}

/** Rejected or recalled: the order stands as it did before. The revision's number is given again: the vendor never saw it. */
export const withdrawnAmendment = (order: PurchaseOrder, amendment: Amendment): Draft<PurchaseOrder> => ({
  ...order,
  status: amendment.amended_from,
  revision: amendment.revision - 1,
  pending_amendment: null,
});

/**
 * A line that was received or billed stays, in its unit and its price per the same quantity, with at least that quantity. One that an override billed beyond its quantity keeps
 * at least the quantity it has: an amendment that makes nothing worse passes.
 */
function refuseBelowCounters(
  before: readonly PurchaseOrderLine[],
  after: readonly PurchaseOrderLine[],
  counters: OrderCounters,
): void {
  const errors: ErrorItem[] = [];
  for (const line of before) {
    const counted = lineCounters(counters, line.line_number);
    if (counted.received_quantity === undefined && counted.invoiced_quantity === undefined) continue;
    const [received, invoiced] = [keptQuantity(counted), counted.invoiced_quantity ?? '0'];
    const least = larger(received, invoiced);
    const index = after.findIndex(({ line_number }) => line_number === line.line_number);
    const kept = after[index];
    const told = `of line ${line.line_number} ${received} is received and ${invoiced} invoiced`;
    if (kept === undefined) errors.push({ pointer: '/line_items', detail: `${told}: it cannot be left out` });
    else if (compare(kept.quantity, smaller(least, line.quantity)) < 0)
      errors.push({ pointer: `/line_items/${index}/quantity`, detail: `${told}: it cannot be ${kept.quantity}` });
    else if (!sameUnit(kept.unit, line.unit))
      errors.push({ pointer: `/line_items/${index}/unit`, detail: `${told} in ${line.unit}: its unit stays` });
    else if (!equal(kept.price_base_quantity ?? '1', line.price_base_quantity ?? '1'))
      errors.push({
        pointer: `/line_items/${index}/price_base_quantity`,
        detail: `${told}: its price stays per ${line.price_base_quantity ?? '1'}`,
      });
  }
  refuseIfAny('purchase_order.below-received', 'An amendment cannot take back what is received or invoiced.', errors);
}
