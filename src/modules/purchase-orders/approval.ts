/** Who may approve a purchase order, and what amount an approval commits to. Pure. */
import { barredFrom } from '../../shared/decisions/history.ts';
import { DomainError } from '../../shared/errors.ts';
import type { PurchaseOrder } from './purchase-order.schema.ts';

/** docs/rules.md#who: the approver of a PO is not its maker, nor anyone who ever requested, changed, submitted or amended it. */
export const mayApproveOrder = (order: PurchaseOrder, actorId: string): boolean =>
  !barredFrom('approve_order', order).has(actorId);

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
