/** What a matched or overridden invoice takes of its order's lines, so that two invoices cannot both take it. */
import {
  add,
  big,
  type Decimal,
  isZero,
  larger,
  type Num,
  plain,
  smaller,
  subtract,
  ZERO,
} from '../../../shared/money.ts';
import { quantityChecks } from './match-checks.ts';
import { type MatchFacts, type MatchInput, matchFacts, type Order, type QuantityTake } from './match-facts.ts';
import { type LinePosition, type Pairing, pairLines } from './match-lines.ts';

/** A clean match takes all that is billed. A credit note gives it back, what only an override allowed first. */
export const cleanTakes = (facts: MatchFacts, pairing: Pairing): readonly QuantityTake[] =>
  [...pairing.positions.values()]
    .map((position) => (facts.invoice.type === 'credit_note' ? credited(position) : taken(position, ZERO)))
    .filter(movesSomething);

/**
 * Approving an exception takes what it can: every quantity that is known in the order's unit. What exceeds the order or, three-way, the
 * receipts is recorded as overridden, so that invoiced less overridden stays within both. A credit note never takes back more than was billed.
 */
export function overrideTakes(input: MatchInput): readonly QuantityTake[] {
  const facts = matchFacts(input);
  const order = facts.purchase_order;
  if (order === undefined) return [];
  return [...pairLines(facts, order).positions.values()]
    .map((position) =>
      facts.invoice.type === 'credit_note' ? credited(position) : taken(position, excess(facts, order, position)),
    )
    .filter(movesSomething);
}

/** What each line of the order is billed at, in its unit and per its base quantity; where an invoice bills one twice, the last. */
export function billedPrices(input: Pick<MatchInput, 'invoice' | 'purchase_order'>): ReadonlyMap<number, Decimal> {
  const facts = matchFacts(input);
  const order = facts.purchase_order;
  const prices = new Map<number, Decimal>();
  if (order === undefined) return prices;
  for (const { ordered, billed } of pairLines(facts, order).lines)
    if (ordered !== undefined && billed !== undefined) prices.set(ordered.line_number, plain(billed.unit_price));
  return prices;
}

/** What to add to the counters when an invoice that held `before` holds `after`: going back to received holds nothing. */
export function takeChanges(before: readonly QuantityTake[], after: readonly QuantityTake[]): readonly QuantityTake[] {
  const changes = new Map<number, QuantityTake>();
  const put = (take: QuantityTake, sign: '1' | '-1') => {
    const sum = changes.get(take.po_line_number);
    changes.set(take.po_line_number, {
      po_line_number: take.po_line_number,
      quantity: plain(add(sum?.quantity ?? '0', big(take.quantity).times(sign))),
      override_quantity: plain(add(sum?.override_quantity ?? '0', big(take.override_quantity).times(sign))),
    });
  };
  for (const take of before) put(take, '-1');
  for (const take of after) put(take, '1');
  return [...changes.values()].filter(movesSomething);
}

const movesSomething = (take: QuantityTake): boolean => !isZero(take.quantity) || !isZero(take.override_quantity);

const taken = ({ ordered, now }: LinePosition, overridden: Num): QuantityTake => ({
  po_line_number: ordered.line_number,
  quantity: plain(now),
  override_quantity: plain(overridden),
});

function credited({ ordered, now, before, overridden }: LinePosition): QuantityTake {
  const back = larger(ZERO, smaller(now, before));
  return {
    po_line_number: ordered.line_number,
    quantity: plain(subtract('0', back)),
    override_quantity: plain(subtract('0', smaller(back, overridden))),
  };
}

function excess(facts: MatchFacts, order: Order, position: LinePosition): Num {
  if (quantityChecks(facts, order, position).every((check) => check.verdict === 'matched')) return ZERO;
  const { ordered, now, before, received } = position;
  const allowed = order.match_type === 'two_way' ? ordered.quantity : smaller(ordered.quantity, received);
  return subtract(now, smaller(now, larger(ZERO, subtract(allowed, before))));
}
