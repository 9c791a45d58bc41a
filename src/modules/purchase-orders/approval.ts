/** Who may approve a purchase order, and what amount an approval commits to. Pure. */
import { DomainError } from '../../shared/errors.ts';
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

export const withPerson = (people: readonly string[], person: string): string[] =>
  people.includes(person) ? [...people] : [...people, person];
