/** What a match looks at: plain facts, stored beside the verdict so that it can be replayed. */
import { type Decimal, isZero } from '../../../shared/money.ts';
import type { InvoiceType } from './invoice-number.ts';
import type { ToleranceLevels } from './tolerances.ts';

export interface BilledLine {
  readonly line_number: number;
  readonly po_line_number?: number | undefined;
  readonly quantity: Decimal;
  /** What it takes of the order's line, in the order's unit: rules only where the stated unit cannot be converted. */
  readonly po_quantity?: Decimal | undefined;
  /** The order's unit where absent. */
  readonly unit?: string | undefined;
  readonly unit_price: Decimal;
  readonly price_base_quantity?: Decimal | undefined;
  readonly amount: Decimal;
}

export interface BilledDocument {
  readonly type: InvoiceType;
  readonly vendor_id: string;
  readonly currency: string;
  readonly line_items: readonly BilledLine[];
  readonly charges?: readonly { readonly amount: Decimal }[] | undefined;
  readonly tax_amount: Decimal;
  readonly total_amount: Decimal;
  /** BT-114: owed after the total. */
  readonly rounding_amount?: Decimal | undefined;
}

export interface OrderedLine {
  readonly line_number: number;
  readonly sku?: string | undefined;
  readonly quantity: Decimal;
  readonly unit: string;
  readonly unit_price: Decimal;
  readonly price_base_quantity?: Decimal | undefined;
  readonly tax_rate: Decimal;
  readonly tax_category?: string | undefined;
}

export interface Order {
  /** Absent in facts that were stored before the order's status was compared. */
  readonly status?: string | undefined;
  /** What may be billed of it: `credit` where only credit notes may name it. */
  readonly billing?: 'open' | 'credit' | 'none' | undefined;
  readonly vendor_id: string;
  readonly currency: string;
  readonly match_type: 'two_way' | 'three_way';
  readonly line_items: readonly OrderedLine[];
}

/** What already happened to a line of the order, in its unit; 0 where absent. */
export interface LineCounters {
  /** Accepted, not delivered. */
  readonly received_quantity?: Decimal | undefined;
  readonly returned_quantity?: Decimal | undefined;
  readonly invoiced_quantity?: Decimal | undefined;
  readonly override_quantity?: Decimal | undefined;
  /** The price last billed, where that is all that is known; the order's price where absent. */
  readonly billed_unit_price?: Decimal | undefined;
  /** Billed, gone back and not credited. */
  readonly credit_expected?: Decimal | undefined;
  /** What a credit note may credit, and at which price; where absent, all that is billed, at the price last billed. */
  readonly creditable?: readonly PricedQuantity[] | undefined;
}

/** In the order's unit, at a price per its base quantity. */
export interface PricedQuantity {
  readonly unit_price: Decimal;
  readonly quantity: Decimal;
}

/** One `from_unit` is `factor` of `to_unit`; it converts both ways. */
export interface UnitConversion {
  /** For one item only. */
  readonly sku?: string | undefined;
  /** For invoices of one vendor only. */
  readonly vendor_id?: string | undefined;
  readonly from_unit: string;
  readonly to_unit: string;
  readonly factor: Decimal;
}

/** What an invoice moves on a line of its order: added to the counters, so negative for a credit note. */
export interface QuantityTake {
  readonly po_line_number: number;
  readonly quantity: Decimal;
  /** The part of `quantity` that only an override allows. */
  readonly override_quantity: Decimal;
  /** On a credit note: what of it was credited for goods that had gone back. */
  readonly returned_credited_quantity?: Decimal;
  /** The prices of `quantity`; absent on invoices that were stored before they were kept. */
  readonly prices?: PricedQuantity[];
}

export interface MatchInput {
  readonly invoice: BilledDocument;
  readonly purchase_order?: Order | undefined;
  /** By the order's line number. */
  readonly counters?: Readonly<Record<string, LineCounters>> | undefined;
  /** What the counters hold for this very invoice: it is no obstacle to itself. */
  readonly own_takes?: readonly QuantityTake[] | undefined;
  readonly tolerances?: ToleranceLevels | undefined;
  readonly conversions?: readonly UnitConversion[] | undefined;
}

interface DocumentFacts extends BilledDocument {
  readonly charges: readonly { readonly amount: Decimal }[];
}

/** An input reduced to what is stored. */
export interface MatchFacts extends MatchInput {
  readonly invoice: DocumentFacts;
  readonly counters: Readonly<Record<string, LineCounters>>;
  readonly own_takes: readonly QuantityTake[];
  readonly tolerances: ToleranceLevels;
  readonly conversions: readonly UnitConversion[];
}

/** The facts that the verdict depends on and no others: the lines of the order that the invoice names, not the whole order. */
export function matchFacts(input: MatchInput): MatchFacts {
  const { invoice, purchase_order: order } = input;
  if (order === undefined) {
    return { invoice: documentFacts(invoice), counters: {}, own_takes: [], tolerances: {}, conversions: [] };
  }
  const named = new Set(invoice.line_items.map((line) => line.po_line_number));
  const lines = order.line_items.filter((line) => named.has(line.line_number));
  const skus = new Set(lines.map((line) => line.sku));
  return {
    invoice: documentFacts(invoice),
    purchase_order: {
      status: order.status,
      billing: order.billing,
      vendor_id: order.vendor_id,
      currency: order.currency,
      match_type: order.match_type,
      line_items: lines.map(orderedLineFacts),
    },
    counters: Object.fromEntries(
      lines.flatMap(({ line_number }) => {
        const counters = input.counters?.[line_number];
        return counters === undefined ? [] : [[line_number, counterFacts(counters)]];
      }),
    ),
    own_takes: input.own_takes ?? [],
    tolerances: toleranceFacts(input.tolerances ?? {}, skus),
    conversions: (input.conversions ?? []).filter(
      ({ sku, vendor_id }) =>
        (sku === undefined || skus.has(sku)) && (vendor_id === undefined || vendor_id === invoice.vendor_id),
    ),
  };
}

const documentFacts = (invoice: BilledDocument): DocumentFacts => ({
  type: invoice.type,
  vendor_id: invoice.vendor_id,
  currency: invoice.currency,
  line_items: invoice.line_items.map((line) => ({
    line_number: line.line_number,
    po_line_number: line.po_line_number,
    quantity: line.quantity,
    po_quantity: line.po_quantity,
    unit: line.unit,
    unit_price: line.unit_price,
    price_base_quantity: line.price_base_quantity,
    amount: line.amount,
  })),
  charges: (invoice.charges ?? []).map(({ amount }) => ({ amount })),
  tax_amount: invoice.tax_amount,
  total_amount: invoice.total_amount,
  ...(isZero(invoice.rounding_amount ?? '0') ? {} : { rounding_amount: invoice.rounding_amount }),
});

const orderedLineFacts = (line: OrderedLine): OrderedLine => ({
  line_number: line.line_number,
  sku: line.sku,
  quantity: line.quantity,
  unit: line.unit,
  unit_price: line.unit_price,
  price_base_quantity: line.price_base_quantity,
  tax_rate: line.tax_rate,
  tax_category: line.tax_category,
});

const counterFacts = (counters: LineCounters): LineCounters => ({
  received_quantity: counters.received_quantity,
  returned_quantity: counters.returned_quantity,
  invoiced_quantity: counters.invoiced_quantity,
  override_quantity: counters.override_quantity,
  billed_unit_price: counters.billed_unit_price,
  credit_expected: counters.credit_expected,
  creditable: counters.creditable,
});

const toleranceFacts = (levels: ToleranceLevels, skus: ReadonlySet<string | undefined>): ToleranceLevels => ({
  items: Object.fromEntries(Object.entries(levels.items ?? {}).filter(([sku]) => skus.has(sku))),
  vendor: levels.vendor,
  company: levels.company,
});
