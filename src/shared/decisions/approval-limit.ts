/** Whether an amount is within a person's approval limit, in the limit's currency or at a dated rate. The one rule for every document. Pure. */
import { DomainError } from '../errors.ts';
import { amount, compare, type Decimal, divide, multiply } from '../money.ts';

/** One unit of `from` is `rate` units of `to`, from `valid_from` on. */
export interface DatedRate {
  readonly from: string;
  readonly to: string;
  readonly rate: Decimal;
  readonly valid_from: string;
}

export interface ApprovalLimit {
  readonly amount: Decimal;
  readonly currency: string;
  /** Between the limit's currency and the document's, in either direction; absent where the settings have none. */
  readonly rate?: DatedRate | undefined;
}

type LimitedEntity = 'purchase_order' | 'invoice' | 'payment' | 'payment_batch';

const CODES: Readonly<Record<LimitedEntity, string>> = {
  purchase_order: 'purchase_order.beyond-approval-limit',
  invoice: 'invoice.beyond-approval-limit',
  payment: 'payment.over-approval-limit',
  payment_batch: 'payment_batch.over-approval-limit',
};

/** Inclusive, exact and without rounding: an inverse rate multiplies the limit and does not divide the total. */
export function isWithinLimit(limit: ApprovalLimit | undefined, total: Decimal, currency: string): boolean {
  if (limit === undefined) return true;
  if (limit.currency === currency) return compare(total, limit.amount) <= 0;
  const { rate } = limit;
  if (rate?.from === currency && rate.to === limit.currency)
    return compare(multiply(total, rate.rate), limit.amount) <= 0;
  if (rate?.from === limit.currency && rate.to === currency)
    return compare(total, multiply(limit.amount, rate.rate)) <= 0;
  return false;
}

/** @throws DomainError 403 for an amount beyond the limit, and for another currency without a rate */
export function requireWithinLimit(
  entity: LimitedEntity,
  limit: ApprovalLimit | undefined,
  total: Decimal,
  currency: string,
): void {
  if (limit === undefined || isWithinLimit(limit, total, currency)) return;
  throw new DomainError('forbidden', CODES[entity], refusal(limit, total, currency));
}

function refusal(limit: ApprovalLimit, total: Decimal, currency: string): string {
  const yours = `${limit.amount} ${limit.currency}`;
  const { rate } = limit;
  if (limit.currency === currency)
    return `The amount is ${total} ${currency}; your approval limit is ${yours}. Somebody with a higher limit approves it.`;
  if (rate === undefined)
    return `The amount is in ${currency}, your approval limit is in ${limit.currency}, and no rate between them is set. Somebody else approves it, or an administrator adds the rate.`;
  const converted = rate.from === currency ? multiply(total, rate.rate) : divide(total, rate.rate);
  return `The amount is ${total} ${currency}, which is ${amount(converted, limit.currency)} ${limit.currency} (1 ${rate.from} = ${rate.rate} ${rate.to} since ${rate.valid_from}); your approval limit is ${yours}. Somebody with a higher limit approves it.`;
}
