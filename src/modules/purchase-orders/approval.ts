/** Who may approve a purchase order, and up to what amount. Pure. */
import type { Actor } from '../../shared/command.ts';
import { DomainError } from '../../shared/errors.ts';
import { compare } from '../../shared/money.ts';
import type { PurchaseOrder } from './purchase-order.schema.ts';

/** rules.md, Who: the approver of a PO is not its requester, maker or last changer; nor whoever submitted or amended it. */
export const mayApproveOrder = (order: PurchaseOrder, actorId: string): boolean =>
  order.created_by !== actorId && order.requested_by !== actorId && !order.changed_by.includes(actorId);

export function refuseOwnApproval(order: PurchaseOrder, actorId: string): void {
  if (mayApproveOrder(order, actorId)) return;
  throw new DomainError(
    'forbidden',
    'purchase_order.segregation-of-duties',
    'You requested, made, changed or submitted this order; another approver decides on it.',
  );
}

/** What approving now would commit the company to. */
export const amountAtStake = (order: PurchaseOrder): string => (order.pending_amendment ?? order).total_amount;

/** api.md, Who may: a document in another currency than the limit's is beyond it where no dated rate stands in the settings. */
export function isWithinLimit(order: PurchaseOrder, limit: Actor['approval_limit']): boolean {
  if (limit === undefined) return true;
  return limit.currency === order.currency && compare(amountAtStake(order), limit.amount) <= 0;
}

export function refuseBeyondLimit(order: PurchaseOrder, limit: Actor['approval_limit']): void {
  if (limit === undefined || isWithinLimit(order, limit)) return;
  throw new DomainError(
    'forbidden',
    'purchase_order.beyond-approval-limit',
    limit.currency === order.currency
      ? `The order is for ${amountAtStake(order)} ${order.currency}; your approval limit is ${limit.amount} ${limit.currency}. Somebody with a higher limit approves it.`
      : `The order is in ${order.currency}, your approval limit in ${limit.currency}, and no rate between them is set. Somebody else approves it.`,
  );
}

export const withPerson = (people: readonly string[], person: string): string[] =>
  people.includes(person) ? [...people] : [...people, person];
