/** An invoice laid beside its order: what the match is given, what the invoice keeps of it, and how the order's counters move. Pure. */
import { canonicalJson } from '../../shared/audit/canonical.ts';
import type { Draft } from '../../shared/dynamo/entity-store.ts';
import { conflictError, type DomainError, ruleError } from '../../shared/errors.ts';
import { add, big, isNegative, isZero, larger, plain, smaller, subtract } from '../../shared/money.ts';
import { sameUnit } from '../../shared/units.ts';
import { addPrices, billingOf, type LoadedOrder, lineCounters, type Movement } from '../purchase-orders/index.ts';
import { failedChecks, type MatchDecision } from './domain/match.ts';
import type { MatchInput, QuantityTake, UnitConversion } from './domain/match-facts.ts';
import { takeChanges } from './domain/match-takes.ts';
import type { ToleranceLevels } from './domain/tolerances.ts';
import type { Invoice } from './invoice.schema.ts';
import { creditedMeanwhile, requirePricesUncredited, withCreditable } from './invoice-billed-prices.ts';
import { MAX_FAILED_CHECKS, type MatchSummary } from './invoice-match.schema.ts';

export interface MatchContext {
  readonly loaded: LoadedOrder | undefined;
  /** The invoice that a credit note credits: its prices are the billed ones. */
  readonly credited: Invoice | undefined;
  readonly tolerances: ToleranceLevels;
  readonly conversions: readonly UnitConversion[];
}

/** Whether a conversion could say something: most invoices state their order's units. */
export function statesOtherUnits({ line_items }: Invoice, { order }: LoadedOrder): boolean {
  const units = new Map(order.line_items.map(({ line_number, unit }) => [line_number, unit]));
  return line_items.some(({ po_line_number, unit }) => {
    const ordered = po_line_number === undefined ? undefined : units.get(po_line_number);
    return unit !== undefined && ordered !== undefined && !sameUnit(unit, ordered);
  });
}

export function matchInputOf(
  invoice: Invoice,
  { loaded, credited, tolerances, conversions }: MatchContext,
): MatchInput {
  if (loaded === undefined) return { invoice };
  const { order, counters } = loaded;
  return {
    invoice,
    purchase_order: { ...order, billing: billingOf(order) },
    counters: invoice.type === 'credit_note' ? withCreditable(loaded, credited, conversions) : counters.lines,
    own_takes: invoice.takes,
    tolerances,
    conversions,
  };
}

/** The verdict as the invoice keeps it. A clean invoice takes its quantities; a credit note gives back when it is approved. */
export function matchedInvoice(
  invoice: Invoice,
  decision: MatchDecision,
  facts: { readonly now: Date; readonly hash: string; readonly loaded: LoadedOrder | undefined },
): Draft<Invoice> {
  return {
    ...invoice,
    status: decision.verdict === 'exception' ? 'exception' : 'matched',
    match: matchSummary(decision, facts),
    takes: invoice.type === 'credit_note' ? [] : [...decision.takes],
  };
}

export function matchSummary(
  decision: MatchDecision,
  { now, hash, loaded }: { readonly now: Date; readonly hash: string; readonly loaded: LoadedOrder | undefined },
): MatchSummary {
  const failed = failedChecks(decision, MAX_FAILED_CHECKS);
  return {
    verdict: decision.verdict,
    rule_version: decision.rule_version,
    matched_at: now.toISOString(),
    po_revision: loaded?.order.approved_revision ?? null,
    line_count: decision.lines.length,
    failed_count: failed.count,
    failed_checks: failed.checks,
    hash,
  };
}

/** Whether a person who approves what they saw approves this too. */
export function requireSameFindings(seen: MatchSummary | null, decision: MatchDecision, overridden: boolean): void {
  if (decision.verdict !== 'exception') return;
  const now = failedChecks(decision, MAX_FAILED_CHECKS);
  if (overridden && seen?.failed_count === now.count && sameChecks(seen.failed_checks, now.checks)) return;
  throw matchChanged(now.count);
}

const sameChecks = (one: readonly object[], other: readonly object[]): boolean =>
  canonicalJson(one) === canonicalJson(other);

const matchChanged = (count: number): DomainError =>
  conflictError(
    'invoice.match-changed',
    `Since this invoice was matched its order, receipts or billing changed, and ${count} checks fail now. Match it again and decide on what stands there; where it is pending approval, dispute and resolve it first.`,
  );

/**
 * An override takes quantities of the order's lines, so what a line takes must be known: no override passes a unit that nobody can convert.
 * @throws DomainError 422 naming the lines
 */
export function requireKnownQuantities({ line_items }: Invoice, failed: readonly FailedQuantity[]): void {
  const numbers = new Set(
    failed.filter(({ kind }) => kind === 'missing_information').map(({ line_number }) => line_number),
  );
  const errors = line_items.flatMap(({ line_number, unit }, index) =>
    numbers.has(line_number)
      ? [{ pointer: `/line_items/${index}/po_quantity`, detail: `${unit} is not converted into the order's unit` }]
      : [],
  );
  if (errors.length > 0)
    throw ruleError(
      'invoice.quantity-unknown',
      "What these lines take of the order is unknown. State po_quantity, in the order's unit, or have the conversion set.",
      errors,
    );
}

interface FailedQuantity {
  readonly kind: string;
  readonly line_number: number | null;
}

/** Asked in each approval step too, however clean the match was: no override passes it. @throws DomainError 409 */
export function requireOrderOpen({ type }: Pick<Invoice, 'type'>, { order }: LoadedOrder): void {
  if (isOpenFor(type, order)) return;
  const advice = order.status === 'closed' ? 'Another approver may reopen it; else reject' : 'Reject';
  throw conflictError(
    'invoice.order-not-open',
    `Order ${order.po_number} is ${order.status}, so nothing is billed on it. ${advice} the invoice or move it to another order.`,
    [{ pointer: '/po_id', detail: `is ${order.status}` }],
  );
}

function isOpenFor(type: Invoice['type'], order: LoadedOrder['order']): boolean {
  const billing = billingOf(order);
  return billing === 'open' || (billing === 'credit' && type === 'credit_note');
}

/** How the order's counters move when an invoice that held `before` holds `after`. @throws DomainError 409 for what was credited since */
export function movementsOf(
  { counters }: LoadedOrder,
  before: readonly QuantityTake[],
  after: readonly QuantityTake[],
): readonly Movement[] {
  return takeChanges(before, after).flatMap((change) => {
    const { po_line_number, quantity, override_quantity, returned_credited_quantity } = change;
    const billed_prices = addPrices([], change.billed_prices);
    if (isZero(quantity) && isZero(override_quantity) && billed_prices.length === 0) return [];
    const counted = lineCounters(counters, po_line_number);
    const { invoiced_quantity = '0', override_quantity: overridden = '0' } = counted;
    if (isNegative(add(invoiced_quantity, quantity))) throw creditedMeanwhile(po_line_number, invoiced_quantity);
    requirePricesUncredited(po_line_number, counted, billed_prices);
    // A credit note gave back what was overridden first, whoever overrode it.
    const override = larger(override_quantity, subtract('0', overridden));
    return [
      {
        line_number: po_line_number,
        invoiced_quantity: quantity,
        ...(isZero(override) ? {} : { override_quantity: plain(override) }),
        ...(isZero(returned_credited_quantity) ? {} : { returned_credited_quantity }),
        ...(billed_prices.length === 0 ? {} : { billed_prices }),
      },
    ];
  });
}

/**
 * Taking back an approved credit note bills again what it gave back: that must still be free. What went back since does not matter here:
 * it was billed before the credit note, and a credit is expected for it again.
 * @throws DomainError 409 where another invoice billed it meanwhile.
 */
export function requireRebillable({ order, counters }: LoadedOrder, takes: readonly QuantityTake[]): void {
  const lines = new Map(order.line_items.map((line) => [line.line_number, line.quantity]));
  for (const { po_line_number, quantity, override_quantity } of takes) {
    const {
      received_quantity: received = '0',
      invoiced_quantity = '0',
      override_quantity: overridden = '0',
    } = lineCounters(counters, po_line_number);
    const billed = subtract(invoiced_quantity, quantity);
    const ordered = lines.get(po_line_number) ?? '0';
    const most = order.match_type === 'two_way' ? big(ordered) : smaller(ordered, received);
    if (billed.minus(subtract(overridden, override_quantity)).lte(most)) continue;
    throw conflictError(
      'invoice.credited-billed-again',
      `What this credit note gave back of line ${po_line_number} was billed again: ${plain(billed)} would be billed of ${plain(most)}.`,
    );
  }
}
