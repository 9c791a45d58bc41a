/** The checks of a match, each with everything a person needs to see why. */
import {
  absolute,
  add,
  amount,
  big,
  cashRounding,
  compare,
  type Decimal,
  isPositive,
  larger,
  type Num,
  plain,
  subtract,
} from '../../../shared/money.ts';
import { linePrice, taxByCategory } from '../../../shared/order-totals.ts';
import { shownAmount } from './comparison.ts';
import type { MatchFacts, Order, PricedQuantity } from './match-facts.ts';
import { type LinePosition, lowersTotal, type PairedLine, type Pairing } from './match-lines.ts';
import { largestDifference, resolveTolerance, type ToleranceKind, type ToleranceSource } from './tolerances.ts';

export type CheckKind =
  | ToleranceKind
  | 'order_status'
  | 'currency'
  | 'vendor'
  | 'unmatched_line'
  | 'missing_information';

/** Quantities are cumulative over the order's line: `invoiced` is what was billed before and what is billed now. */
export interface Check {
  readonly kind: CheckKind;
  readonly invoiced: string | null;
  /** On a credit note: what was billed, which is what can be credited. */
  readonly ordered: string | null;
  readonly received: string | null;
  /** Invoiced less what it is held against; null where the two are no numbers. */
  readonly difference: Decimal | null;
  /** The largest difference that passes; null where nothing but equality does. */
  readonly tolerance: Decimal | null;
  readonly tolerance_source: ToleranceSource | null;
  readonly verdict: 'matched' | 'exception';
}

/** The checks of one line of the invoice. */
export function lineChecks(facts: MatchFacts, order: Order, pairing: Pairing, paired: PairedLine): readonly Check[] {
  const { line, ordered, billed } = paired;
  if (lowersTotal(line)) return [amountCheck(facts, paired)];
  const position = ordered && pairing.positions.get(ordered.line_number);
  if (position === undefined) return [failed('unmatched_line', plain(line.quantity)), amountCheck(facts, paired)];
  if (billed === undefined) {
    return [failed('missing_information', line.unit, position.ordered.unit), amountCheck(facts, paired)];
  }
  return [
    ...quantityChecks(facts, order, position),
    measured(facts, {
      kind: 'price',
      invoiced: billed.unit_price,
      ordered: farthest(paired.expected, billed.unit_price),
      sku: position.ordered.sku,
      show: plain,
    }),
    amountCheck(facts, paired),
  ];
}

/** Each part of the quantity must pass, so the price that differs most decides. */
const farthest = (parts: readonly PricedQuantity[], price: Num): Num =>
  parts.reduce<Num>(
    (worst, { unit_price }) =>
      compare(absolute(subtract(unit_price, price)), absolute(subtract(worst, price))) > 0 ? unit_price : worst,
    price,
  );

/** Whether the order, and in a three-way match the receipts, leave what is billed of a line; for a credit note, whether it was billed. */
export function quantityChecks(facts: MatchFacts, order: Order, position: LinePosition): readonly Check[] {
  const { ordered, now, before, creditable, received } = position;
  if (facts.invoice.type === 'credit_note') {
    // Crediting more than was billed would leave less than nothing billed: no tolerance applies.
    const difference = subtract(now, creditable);
    return [
      {
        ...failed('quantity_ordered', plain(now), plain(creditable)),
        difference: plain(difference),
        tolerance: '0',
        verdict: isPositive(difference) ? 'exception' : 'matched',
      },
    ];
  }
  const measure = { invoiced: add(before, now), base: ordered.quantity, sku: ordered.sku, show: plain, overOnly: true };
  const againstOrder = measured(facts, { ...measure, kind: 'quantity_ordered', ordered: ordered.quantity });
  if (order.match_type === 'two_way') return [againstOrder];
  const againstReceipts = measured(facts, { ...measure, kind: 'quantity_received', ordered: received });
  return [againstOrder, { ...againstReceipts, ordered: null, received: againstReceipts.ordered }];
}

/** The checks of the document as a whole, against what the order says for what is invoiced. */
export function totalChecks(facts: MatchFacts, order: Order, pairing: Pairing): readonly Check[] {
  const { invoice } = facts;
  const taxed = pairing.lines.flatMap(({ ordered, billed, expected }) => {
    const position = ordered && pairing.positions.get(ordered.line_number);
    if (position === undefined || billed === undefined) return [];
    const { price_base_quantity, tax_rate, tax_category } = position.ordered;
    const net = expected.map(({ quantity, unit_price }) => linePrice(quantity, { unit_price, price_base_quantity }));
    return [{ amount: amount(add(...net), invoice.currency), tax_rate, tax_category }];
  });
  const net = add(...taxed.map((each) => each.amount));
  const tax = add(...taxByCategory(taxed, invoice.currency).map((each) => each.tax_amount));
  const show = (value: Num) => shownAmount(value, invoice.currency);
  const charges = add(...invoice.charges.map((each) => each.amount));
  const identity = [
    ...statusChecks(facts, order),
    equality('vendor', invoice.vendor_id, order.vendor_id),
    equality('currency', invoice.currency, order.currency),
    // An order has no charges: a percentage of them is one of the goods.
    measured(facts, { kind: 'charges', invoiced: charges, ordered: '0', base: net, show }),
    // Owed after the total, which it therefore is not part of.
    ...(invoice.rounding_amount === undefined
      ? []
      : [measured(facts, { kind: 'rounding', invoiced: invoice.rounding_amount, ordered: '0', base: net, show })]),
  ];
  // What the order says for a quantity that cannot be converted is unknown, and so are the sums.
  const unknown = pairing.lines.some(({ ordered, billed }) => ordered !== undefined && billed === undefined);
  if (unknown) return [...identity, failed('missing_information')];
  return [
    ...identity,
    measured(facts, { kind: 'tax', invoiced: invoice.tax_amount, ordered: tax, show }),
    measured(facts, { kind: 'total', invoiced: invoice.total_amount, ordered: add(net, tax), show }),
  ];
}

/** An order that was never sent, or that is closed or cancelled, is not billed. No tolerance and no override applies. */
function statusChecks({ invoice }: MatchFacts, { billing, status }: Order): readonly Check[] {
  if (billing === undefined) return [];
  const fits = billing === 'open' || (billing === 'credit' && invoice.type === 'credit_note');
  return [{ ...failed('order_status', undefined, status), verdict: fits ? 'matched' : 'exception' }];
}

interface Measure {
  readonly kind: ToleranceKind;
  readonly invoiced: Num;
  readonly ordered: Num;
  /** What a percentage is of; `ordered` where absent. */
  readonly base?: Num;
  readonly sku?: string | undefined;
  readonly show: (value: Num) => Decimal;
  /** True where less is always right. */
  readonly overOnly?: boolean;
}

function measured(facts: MatchFacts, measure: Measure): Check {
  const { kind, invoiced, ordered, base, sku, show, overOnly } = measure;
  const { tolerance, source } = resolveTolerance(kind, facts.tolerances, sku);
  const difference = big(invoiced).minus(ordered);
  const over = overOnly === true || !difference.lt(0);
  const most = largestDifference(
    over ? tolerance.over : tolerance.under,
    base ?? ordered,
    facts.invoice.line_items.length,
  );
  // As shipped a total in cash may be rounded to the smallest coin.
  const cash = kind === 'rounding' && source === 'shipped' ? cashRounding(facts.invoice.currency) : undefined;
  const limit = cash === undefined ? most : larger(most, cash);
  const distance = overOnly === true ? difference : absolute(difference);
  return {
    kind,
    invoiced: show(invoiced),
    ordered: show(ordered),
    received: null,
    difference: show(difference),
    tolerance: show(limit),
    tolerance_source: source,
    verdict: distance.lte(limit) ? 'matched' : 'exception',
  };
}

/** The stated amount against the line's own quantity and price: the price itself is another check. */
function amountCheck(facts: MatchFacts, { line, ordered }: PairedLine): Check {
  const show = (value: Num) => shownAmount(value, facts.invoice.currency);
  const expected = amount(linePrice(line.quantity, line), facts.invoice.currency);
  return measured(facts, { kind: 'line_amount', invoiced: line.amount, ordered: expected, sku: ordered?.sku, show });
}

const equality = (kind: CheckKind, invoiced: string, ordered: string): Check => ({
  ...failed(kind, invoiced, ordered),
  verdict: invoiced === ordered ? 'matched' : 'exception',
});

const failed = (kind: CheckKind, invoiced?: string | undefined, ordered?: string | undefined): Check => ({
  kind,
  invoiced: invoiced ?? null,
  ordered: ordered ?? null,
  received: null,
  difference: null,
  tolerance: null,
  tolerance_source: null,
  verdict: 'exception',
});
