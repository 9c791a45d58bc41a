/** Nothing is billed beyond what was ordered and received, and nothing on an order that was not open for it. */
import {
  add,
  big,
  compare,
  equal,
  isPositive,
  type Num,
  plain,
  smaller,
  subtract,
  ZERO,
} from '../../../src/shared/money.ts';
import type { Loose } from '../../support/api.ts';
import { chainOf, changed, type Invariant, isBefore, type State, type Told } from '../state.ts';

const APPROVED = ['approved', 'partially_paid', 'paid'];
/** States in which an invoice holds what it bills. */
const TAKING = ['matched', 'pending_approval', ...APPROVED];
const CREDITING = ['approved', 'partially_applied', 'applied'];
/** Codes of one piece in UN/ECE Recommendation 20, as suppliers write it. */
const PIECE = ['EA', 'PCE', 'H87', 'C62'];

/** In the order's unit, as far as anybody can tell: as stated where that is known, else as a clerk said. */
function quantityOf(line: Loose, ordered: Loose): Num {
  const unit = line.unit ?? ordered.unit;
  const same = unit === ordered.unit || (PIECE.includes(unit) && PIECE.includes(ordered.unit));
  return same ? line.quantity : (line.po_quantity ?? '0');
}

const billedBy = (invoice: Loose, ordered: Loose): Num =>
  add(
    ...invoice.line_items
      .filter((line: Loose) => line.po_line_number === ordered.line_number)
      .map((line: Loose) => quantityOf(line, ordered)),
  );

function billedOn({ invoices }: State, order: Loose, line: Loose): { readonly billed: Num; readonly overridden: Num } {
  let [billed, overridden] = [ZERO, ZERO];
  for (const invoice of invoices) {
    if (invoice.po_id !== order.id) continue;
    const credits = invoice.type === 'credit_note';
    if (!(credits ? CREDITING : TAKING).includes(invoice.status)) continue;
    const quantity = billedBy(invoice, line);
    billed = credits ? subtract(billed, quantity) : add(billed, quantity);
    for (const take of invoice.takes)
      if (take.po_line_number === line.line_number) overridden = add(overridden, take.override_quantity);
  }
  // A credit note gives back what was overridden first.
  return { billed, overridden: isPositive(overridden) ? overridden : ZERO };
}

/** Accepted, gone back or not: goods may go back after they were billed. */
const receivedOn = ({ receipts }: State, order: Loose, line: Loose): Num =>
  add(
    ...receipts
      .filter(({ po_id, status }) => po_id === order.id && status !== 'reversed')
      .flatMap(({ line_items }) => line_items)
      .filter(({ line_number }: Loose) => line_number === line.line_number)
      .map(({ accepted_quantity }: Loose) => accepted_quantity),
  );

export const billing: Invariant = (state) =>
  state.orders.flatMap((order) =>
    order.line_items.flatMap((line: Loose) => {
      const { billed, overridden } = billedOn(state, order, line);
      const received = receivedOn(state, order, line);
      const most = order.match_type === 'two_way' ? big(line.quantity) : smaller(line.quantity, received);
      const clean = subtract(billed, overridden);
      return compare(clean, most) > 0
        ? [`${order.id} line ${line.line_number}: ${plain(clean)} billed and not overridden, of ${plain(most)}`]
        : [];
    }),
  );

/** A credit note that matched credits each line at a price at which it is billed: another would be nobody's. */
export const billedPrices: Invariant = ({ invoices }) =>
  invoices.flatMap((note) => {
    if (note.type !== 'credit_note' || note.match?.verdict !== 'matched' || !CREDITING.includes(note.status)) return [];
    return note.line_items
      .filter((line: Loose) => !invoices.some((invoice) => billsAt(invoice, note.po_id, line)))
      .map(
        (line: Loose) =>
          `${note.id} credits line ${line.po_line_number} at ${line.unit_price}, at which nothing is billed`,
      );
  });

const billsAt = (invoice: Loose, poId: string, line: Loose): boolean =>
  invoice.type === 'invoice' &&
  invoice.po_id === poId &&
  TAKING.includes(invoice.status) &&
  invoice.line_items.some(
    (billed: Loose) => billed.po_line_number === line.po_line_number && equal(billed.unit_price, line.unit_price),
  );

/** No invoice is, or was ever, approved on an order that was not open at that moment. */
export const openOrders: Invariant = (state) =>
  state.invoices
    .filter(({ type, po_id }) => type === 'invoice' && po_id !== null && po_id !== undefined)
    .flatMap((invoice) => {
      const order = state.orders.find(({ id }) => id === invoice.po_id);
      const breaches: string[] = [];
      if (APPROVED.includes(invoice.status) && (order?.status === 'cancelled' || order?.sent_revision == null))
        breaches.push(`${invoice.id} is ${invoice.status} on ${order?.id}, which is ${order?.status}`);
      for (const event of chainOf(state, invoice.id)) {
        if (!APPROVED.includes(String(changed(event, 'status')))) continue;
        const status = statusAt(chainOf(state, invoice.po_id), event);
        if (event.action === 'approve' && (status === 'closed' || status === 'cancelled'))
          breaches.push(`${invoice.id} was approved while ${invoice.po_id} was ${status}`);
      }
      return breaches;
    });

/** The status that an order surely had when this was decided; undefined where it changed in parallel. */
function statusAt(chain: readonly Told[], moment: Told): unknown {
  let status: unknown;
  for (const event of chain) {
    if (isBefore(event, moment)) status = changed(event, 'status') ?? status;
    else if (!isBefore(moment, event) && changed(event, 'status') !== undefined) return undefined;
  }
  return status;
}
