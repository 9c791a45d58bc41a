/** What may be received, undone and sent back. Pure: each decision gives the receipt and what it moves on the order's counters. */
import { withKeyMakers } from '../../shared/decisions/history.ts';
import { requireStatus } from '../../shared/decisions/status.ts';
import type { Draft } from '../../shared/dynamo/entity-store.ts';
import { conflictError, DomainError, type ErrorItem, refuseIfAny } from '../../shared/errors.ts';
import { add, compare, isPositive, isZero, larger, plain, subtract, ZERO } from '../../shared/money.ts';
import {
  keptQuantity,
  type LoadedOrder,
  lineCounters,
  type Movement,
  type OrderCounters,
  type PurchaseOrder,
  refuseUnlessOpen,
} from '../purchase-orders/index.ts';
import type { CreateReceipt, Receipt, ReceiptLine, ReturnGoods } from './receipt.schema.ts';

export interface Person {
  readonly actorId: string;
  readonly now: Date;
}

export interface Decided {
  readonly receipt: Draft<Receipt>;
  readonly movements: readonly Movement[];
}

/** @throws DomainError 409 unless the order is open, 422 with every line that cannot be received */
export function postedReceipt(id: string, { order, counters }: LoadedOrder, body: CreateReceipt, by: Person): Decided {
  refuseUnlessOpen(order);
  refuseUnreceivable(order, counters, body);
  const lines = body.line_items.map((line): ReceiptLine => {
    const rejected = line.rejected_quantity ?? '0';
    return {
      line_number: line.line_number,
      quantity: plain(line.quantity),
      rejected_quantity: plain(rejected),
      accepted_quantity: plain(subtract(line.quantity, rejected)),
      returned_quantity: '0',
    };
  });
  return {
    receipt: {
      id,
      status: 'posted',
      po_id: order.id,
      po_number: order.po_number,
      vendor_id: order.vendor_id,
      received_by: by.actorId,
      received_at: by.now.toISOString(),
      notes: body.notes ?? null,
      line_items: lines,
      returns: [],
      created_by: by.actorId,
    },
    movements: lines.map(({ line_number, accepted_quantity }) => ({
      line_number,
      received_quantity: accepted_quantity,
    })),
  };
}

/** docs/rules.md#receipts-and-returns: over-receipt up to tolerance only, shipped 0; what counts is accepted and not returned. All findings at once. */
function refuseUnreceivable(order: PurchaseOrder, counters: OrderCounters, body: CreateReceipt): void {
  const ordered = new Map(order.line_items.map((line) => [line.line_number, line]));
  const errors: ErrorItem[] = [...repeated(body.line_items)];
  let over = 0;
  for (const [index, { line_number, quantity, rejected_quantity: rejected = '0' }] of body.line_items.entries()) {
    const at = (field: string, detail: string) => errors.push({ pointer: `/line_items/${index}/${field}`, detail });
    const line = ordered.get(line_number);
    if (line === undefined) {
      at('line_number', `order ${order.po_number} has no line ${line_number}`);
      continue;
    }
    if (!isPositive(quantity)) at('quantity', 'must be more than 0');
    if (compare(rejected, quantity) > 0) at('rejected_quantity', `is more than the ${plain(quantity)} delivered`);
    const kept = keptQuantity(lineCounters(counters, line_number));
    const accepted = subtract(quantity, rejected);
    const open = plain(larger(ZERO, subtract(line.quantity, kept)));
    if (compare(accepted, open) <= 0) continue;
    over += 1;
    at(
      'quantity',
      `accepts ${plain(accepted)} ${line.unit} where ${open} are open: ${line.quantity} ordered, ${kept} received`,
    );
  }
  if (errors.length === over) refuseIfAny('receipt.over-receipt', 'More would be received than was ordered.', errors);
  refuseIfAny('receipt.invalid', 'The receipt is invalid.', errors);
}

/** One line of a receipt for one line of the order: what goes back is counted on it. */
function repeated(lines: readonly { readonly line_number: number }[]): readonly ErrorItem[] {
  const seen = new Set<number>();
  return lines.flatMap(({ line_number }, index) => {
    const detail = `line ${line_number} is given twice`;
    const again = seen.has(line_number);
    seen.add(line_number);
    return again ? [{ pointer: `/line_items/${index}/line_number`, detail }] : [];
  });
}

/**
 * docs/rules.md#receipts-and-returns: for an entry in error, refused once billed: what remains received must cover what is billed and not overridden. A two-way order
 * is billed whatever was received; there a return that was entered with the receipt is taken back with it.
 * @throws DomainError 409
 */
export function reversedReceipt(
  receipt: Receipt,
  counters: OrderCounters,
  { match_type }: Pick<PurchaseOrder, 'match_type'>,
): Decided {
  requirePosted(receipt, 'reverse');
  const isThreeWay = match_type === 'three_way';
  if (isThreeWay && receipt.returns.length > 0)
    throw conflictError('receipt.has-returns', 'Goods of this receipt went back to the vendor, so they had arrived.');
  const errors: ErrorItem[] = [];
  const matched = isThreeWay ? receipt.line_items : [];
  for (const [index, { line_number, accepted_quantity }] of matched.entries()) {
    const counted = lineCounters(counters, line_number);
    const billed = subtract(counted.invoiced_quantity ?? '0', counted.override_quantity ?? '0');
    if (!isPositive(accepted_quantity) || subtract(keptQuantity(counted), accepted_quantity).gte(billed)) continue;
    errors.push({
      pointer: `/line_items/${index}`,
      detail: `of line ${line_number} ${plain(billed)} is billed; return the goods instead`,
    });
  }
  if (errors.length > 0)
    throw conflictError('receipt.billed', 'An invoice bills what this receipt says arrived.', errors);
  return {
    receipt: { ...receipt, status: 'reversed' },
    movements: receipt.line_items.map(({ line_number, accepted_quantity, returned_quantity }) => ({
      line_number,
      received_quantity: plain(subtract('0', accepted_quantity)),
      ...(isZero(returned_quantity) ? {} : { returned_quantity: plain(subtract('0', returned_quantity)) }),
    })),
  };
}

/** docs/rules.md#receipts-and-returns: a return is allowed after billing. @throws DomainError 409 once reversed, 422 with every line that has not as much */
export function returnedGoods(receipt: Receipt, body: ReturnGoods, by: Person): Decided {
  requirePosted(receipt, 'return');
  const received = new Map(receipt.line_items.map((line) => [line.line_number, line]));
  const errors: ErrorItem[] = [...repeated(body.line_items)];
  for (const [index, { line_number, quantity }] of body.line_items.entries()) {
    const at = (field: string, detail: string) => errors.push({ pointer: `/line_items/${index}/${field}`, detail });
    const line = received.get(line_number);
    if (line === undefined) {
      at('line_number', `this receipt has no line ${line_number}`);
      continue;
    }
    const left = plain(subtract(line.accepted_quantity, line.returned_quantity));
    if (!isPositive(quantity)) at('quantity', 'must be more than 0');
    if (compare(quantity, left) > 0) at('quantity', `is more than the ${left} accepted and not yet returned`);
  }
  refuseIfAny('receipt.invalid-return', 'These goods cannot go back as it says.', errors);
  const back = body.line_items.map((line) => ({ line_number: line.line_number, quantity: plain(line.quantity) }));
  return {
    receipt: {
      ...receipt,
      line_items: receipt.line_items.map((line) => withReturn(line, back)),
      returns: [
        ...receipt.returns,
        { returned_by: by.actorId, returned_at: by.now.toISOString(), reason: body.reason, line_items: back },
      ],
    },
    movements: back.map(({ line_number, quantity }) => ({ line_number, returned_quantity: quantity })),
  };
}

function withReturn(line: ReceiptLine, back: ReturnGoods['line_items']): ReceiptLine {
  const returned = back.find(({ line_number }) => line_number === line.line_number);
  if (returned === undefined) return line;
  return { ...line, returned_quantity: plain(add(line.returned_quantity, returned.quantity)) };
}

function requirePosted(receipt: Receipt, action: string): void {
  requireStatus('receipt', receipt.status, { action, from: ['posted'] });
}

/** docs/rules.md#who: the receiver is not the PO's approver; a setting, off as shipped. */
export function refuseApproverAsReceiver(order: PurchaseOrder, actorId: string): void {
  const approvers = order.approvals.flatMap(({ decision, decided_by }) =>
    decision === 'approved' ? [decided_by] : [],
  );
  if (!withKeyMakers(order, approvers).includes(actorId)) return;
  throw new DomainError(
    'forbidden',
    'receipt.segregation-of-duties',
    'You approved this order; another receiver confirms what arrives.',
  );
}
