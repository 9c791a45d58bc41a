/** From what a buyer sends to what an order has: lines numbered, canonical and priced, terms in one form; and all that is wrong. Pure. */
import { type DateWindow, outsideWindow } from '../../shared/date-window.ts';
import { type ErrorItem, refuseIfAny } from '../../shared/errors.ts';
import { big, compare, isCurrency, isPositive, plain } from '../../shared/money.ts';
import { type OrderTotals, pricedLines as priced, totalsOf } from '../../shared/order-totals.ts';
import { parsePaymentTerms, renderPaymentTerms } from '../../shared/payment-terms.ts';
import type { LineBody, PurchaseOrder, PurchaseOrderLine } from './purchase-order.schema.ts';

export type PricedLines = Pick<
  PurchaseOrder,
  'line_items' | 'subtotal' | 'tax_breakdown' | 'tax_amount' | 'total_amount'
>;

const HUNDRED = big('100');
const HIGHEST = 9999;
/** What the wire's decimals can hold. */
const MOST = big('999999999999999.999999');

export interface Content {
  readonly currency: string;
  readonly line_items: readonly LineBody[];
  readonly payment_terms?: string | null | undefined;
  readonly delivery_date?: string | null | undefined;
  /** The days that a document may have; absent where no day is given. */
  readonly window?: DateWindow | undefined;
}

/** The numbers of an order that is amended. */
export interface KnownNumbers {
  readonly current: readonly number[];
  readonly retired: readonly number[];
}

/** `known` where lines stood before. @throws DomainError 422 with all that is wrong */
export function pricedLines(content: Content, known?: KnownNumbers): PricedLines {
  const { currency } = content;
  refuseFindings([
    ...lineFindings(content.line_items),
    ...numberFindings(content.line_items, known),
    ...termsFindings(content.payment_terms),
    ...(content.window === undefined ? [] : outsideWindow(content.window, { '/delivery_date': content.delivery_date })),
    ...(isCurrency(currency)
      ? []
      : [{ pointer: '/currency', detail: 'is not a currency of ISO 4217 that is paid in' }]),
  ]);
  const line_items = priced(numbered(content.line_items, known).map(canonicalLine), currency);
  const { tax_breakdown, ...totals } = totalsOf(line_items, currency);
  refuseFindings(amountFindings(line_items, totals));
  return { line_items, ...totals, tax_breakdown: [...tax_breakdown] };
}

const refuseFindings = (errors: readonly ErrorItem[]): void =>
  refuseIfAny('purchase_order.invalid', 'The order is invalid.', errors);

/** What no schema can tell, line by line. */
function lineFindings(lines: readonly LineBody[]): readonly ErrorItem[] {
  const errors: ErrorItem[] = [];
  const numbers = new Set<number>();
  for (const [index, line] of lines.entries()) {
    const at = (field: string, detail: string) => errors.push({ pointer: `/line_items/${index}/${field}`, detail });
    if (!isPositive(line.quantity)) at('quantity', 'must be more than 0');
    if (line.price_base_quantity !== undefined && !isPositive(line.price_base_quantity))
      at('price_base_quantity', 'must be more than 0');
    if (compare(line.tax_rate, HUNDRED) > 0) at('tax_rate', 'is a percentage, at most 100');
    if (line.line_number === undefined) continue;
    if (numbers.has(line.line_number)) at('line_number', `${line.line_number} is given twice`);
    numbers.add(line.line_number);
  }
  return errors;
}

/** A number of a line that is gone belongs to no other line, and the numbers of an order are limited. */
function numberFindings(lines: readonly LineBody[], known: KnownNumbers | undefined): readonly ErrorItem[] {
  const retired = new Set(known?.retired);
  return numbered(lines, known).flatMap(({ line_number }, index) => {
    const at = (detail: string) => [{ pointer: `/line_items/${index}/line_number`, detail }];
    if (retired.has(line_number))
      return at(`${line_number} was another line of this order; a number is not given again`);
    return line_number > HIGHEST ? at(`${line_number} is more than ${HIGHEST}, the highest number of a line`) : [];
  });
}

function termsFindings(terms: string | null | undefined): readonly ErrorItem[] {
  const finding = typeof terms === 'string' ? parsePaymentTerms(terms).finding : undefined;
  return finding === undefined ? [] : [finding];
}

/** In the one form in which terms are stored; null leaves them to the vendor's. */
export function normalisedTerms(text: string | null | undefined): string | null {
  const { terms } = parsePaymentTerms(text ?? '');
  return terms === undefined ? null : renderPaymentTerms(terms);
}

function amountFindings(
  priced: readonly Pick<PurchaseOrderLine, 'amount'>[],
  totals: Pick<OrderTotals, 'total_amount'>,
): readonly ErrorItem[] {
  const detail = 'has more than 15 digits before the point';
  const lines = priced.flatMap(({ amount }, index) =>
    compare(amount, MOST) > 0 ? [{ pointer: `/line_items/${index}`, detail: `its amount ${detail}` }] : [],
  );
  if (lines.length > 0 || compare(totals.total_amount, MOST) <= 0) return lines;
  return [{ pointer: '/line_items', detail: `the total ${detail}` }];
}

type NumberedLine = Omit<PurchaseOrderLine, 'amount'>;

/**
 * By position in an order whose lines have no number. Else lines without one come after all that have or had one: in an amendment they are
 * new lines and never replace a line.
 */
function numbered(bodies: readonly LineBody[], known: KnownNumbers | undefined): readonly NumberedLine[] {
  const given = bodies.flatMap(({ line_number }) => (line_number === undefined ? [] : [line_number]));
  const had = known === undefined ? [] : [...known.current, ...known.retired];
  let last = Math.max(0, ...given, ...had);
  return bodies.map((body) => {
    if (body.line_number !== undefined) return { ...body, line_number: body.line_number };
    last += 1;
    return { line_number: last, ...body };
  });
}

const canonicalLine = (line: NumberedLine): NumberedLine => ({
  ...line,
  quantity: plain(line.quantity),
  unit_price: plain(line.unit_price),
  tax_rate: plain(line.tax_rate),
  ...(line.price_base_quantity === undefined ? {} : { price_base_quantity: plain(line.price_base_quantity) }),
});

/** The lines as a buyer would send them again. */
export const asBodies = (lines: readonly PurchaseOrderLine[]): readonly LineBody[] =>
  lines.map(({ amount: _derived, ...line }) => line);
