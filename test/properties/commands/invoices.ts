/** Invoices and credit notes. */
import { add, amount, compare, multiply, plain, subtract } from '../../../src/shared/money.ts';
import type { Loose } from '../../support/api.ts';
import type { World } from '../world.ts';
import {
  act,
  actBySomebody,
  type Choice,
  type Command,
  oneOf,
  personOf,
  readOne,
  sendAs,
  targetOf,
} from './command.ts';

const reason = 'as the history goes';

/** Amounts that agree with the lines, at 21 percent. */
function stated(lines: readonly Loose[]): Loose {
  const line_items = lines.map((line) => ({
    ...line,
    amount: amount(multiply(line.quantity, line.unit_price), 'EUR'),
  }));
  const subtotal = amount(add(...line_items.map((line) => line.amount)), 'EUR');
  const tax_amount = amount(multiply(subtotal, '0.21'), 'EUR');
  return { line_items, subtotal, tax_amount, total_amount: amount(add(subtotal, tax_amount), 'EUR') };
}

const lineOf = (quantity: string, unit_price: string, more: object = {}) => ({
  description: 'Copy paper A4',
  quantity,
  unit_price,
  tax_rate: '21',
  ...more,
});

export const enterInvoice: Command = async (world, choice) => {
  const vendor_id = targetOf(world, 'vendor', choice);
  const order = choice.how % 8 === 7 ? undefined : await orderToBill(world, choice);
  if (vendor_id === undefined) return;
  const body = {
    vendor_id: order?.vendor_id ?? vendor_id,
    ...(order === undefined ? {} : { po_id: order.id }),
    invoice_number: `INV-${100_000 + world.unique()}`,
    invoice_date: world.today,
    due_date: world.today,
    currency: 'EUR',
    ...(choice.much % 3 === 0 ? { payment_terms: '2/10 NET 30' } : {}),
    ...stated(order === undefined ? [lineOf('10', '2.50')] : order.line_items.map(billed(choice))),
  };
  await sendAs(world, personOf(world, choice), choice, 'POST', '/invoices', body);
};

/** Mostly the first, which was sent; any other may be in any state. */
async function orderToBill(world: World, choice: Choice): Promise<Loose> {
  const id = choice.how % 3 === 0 ? targetOf(world, 'order', choice) : world.ids.order[0];
  return readOne(world, 'order', id);
}

const billed = (choice: Choice) => (line: Loose) => {
  const left = subtract(line.quantity, line.invoiced_quantity);
  const quantity = oneOf([compare(left, '0') > 0 ? plain(left) : line.quantity, line.quantity, '10'], choice.much);
  const unit = oneOf([line.unit, line.unit, 'PCE', 'BOX', undefined], choice.how);
  const unit_price = oneOf([line.unit_price, line.unit_price, line.unit_price, '2.00'], choice.who + choice.much);
  return lineOf(quantity, unit_price, {
    po_line_number: line.line_number,
    ...(unit === undefined ? {} : { unit }),
    // What a clerk adds where the unit is not the order's: so much is taken of the order line.
    ...(unit === 'BOX' && choice.much % 2 === 1 ? { po_quantity: quantity } : {}),
  });
};

export const creditInvoice: Command = async (world, choice) => {
  const invoice = await readOne(world, 'invoice', targetOf(world, 'invoice', choice));
  if (invoice === undefined || invoice.type !== 'invoice') return;
  const names = oneOf(['both', 'invoice', 'order', 'none'], choice.how);
  const ofOrder = (names === 'both' || names === 'order') && invoice.po_id !== null;
  const lines = invoice.line_items.map(({ quantity, unit_price, unit, po_line_number }: Loose) => {
    const line = lineOf(
      oneOf([quantity, '5', quantity], choice.much),
      oneOf([unit_price, unit_price, '2.50'], choice.who),
    );
    return { ...line, ...(unit === undefined ? {} : { unit }), ...(ofOrder ? { po_line_number } : {}) };
  });
  await sendAs(world, personOf(world, choice), choice, 'POST', '/invoices', {
    type: 'credit_note',
    vendor_id: invoice.vendor_id,
    ...(names === 'both' || names === 'invoice' ? { credited_invoice_id: invoice.id } : {}),
    ...(ofOrder ? { po_id: invoice.po_id } : {}),
    invoice_number: `CRN-${100_000 + world.unique()}`,
    invoice_date: world.today,
    currency: 'EUR',
    ...stated(lines),
  });
};

/** The next step of its life, by somebody who may take it. */
export async function advanceInvoice(world: World, choice: Choice, invoice: Loose): Promise<Loose> {
  const next: Readonly<Record<string, string>> = {
    received: 'match',
    matched: 'approve',
    exception: 'approve',
    pending_approval: 'approve',
    disputed: 'resolve',
  };
  const action = next[invoice.status];
  return action === undefined ? undefined : actBySomebody(world, choice, 'invoice', invoice, action, { reason });
}

const ACTIONS = ['dispute', 'void', 'reject', 'hold', 'match', 'dispute', 'approve', 'free-number', 'resolve'];

export const decideInvoice: Command = async (world, choice) => {
  const invoice = await readOne(world, 'invoice', targetOf(world, 'invoice', choice));
  if (invoice === undefined) return;
  const [hold] = invoice.holds;
  if (hold !== undefined && choice.how % 2 === 0)
    return void (await act(world, choice, 'invoice', invoice, 'release', { hold_id: hold.id, reason }));
  const action = invoice.status === 'disputed' ? 'resolve' : oneOf(ACTIONS, choice.how);
  await act(world, choice, 'invoice', invoice, action, { reason });
};

export const changeInvoice: Command = async (world, choice) => {
  const invoice = await readOne(world, 'invoice', targetOf(world, 'invoice', choice));
  if (invoice === undefined) return;
  const lines = invoice.line_items.map(({ amount: _amount, line_number: _number, ...line }: Loose) => ({
    ...line,
    quantity: oneOf([line.quantity, '5', '10', '100'], choice.much),
    unit_price: oneOf([line.unit_price, line.unit_price, '2.50', '1.00'], choice.how),
  }));
  const other = targetOf(world, 'invoice', { ...choice, target: choice.much });
  const body = oneOf<Loose>(
    [stated(lines), stated(lines), { notes: 'checked' }, { credited_invoice_id: other ?? null }],
    choice.how,
  );
  await sendAs(world, personOf(world, choice), choice, 'PATCH', `/invoices/${invoice.id}`, body, {
    version: invoice.version,
  });
};

export const applyCredit: Command = async (world, choice) => {
  const read = await Promise.all(world.ids.invoice.map((id) => readOne(world, 'invoice', id)));
  const notes = read.filter((invoice) => invoice?.type === 'credit_note');
  const open = read.filter((invoice) => invoice?.type === 'invoice' && invoice.open_amount !== '0.00');
  if (notes.length === 0 || open.length === 0) return;
  const note = oneOf(notes, choice.target);
  const [applied] = note.credits;
  if (applied !== undefined && choice.how % 3 === 0)
    return void (await act(world, choice, 'invoice', note, 'unapply', { invoice_id: applied.invoice_id, reason }));
  const { id: invoice_id } = oneOf(open, choice.much);
  const body = { invoice_id, ...(choice.how % 4 === 1 ? { amount: '10.00' } : {}) };
  await act(world, choice, 'invoice', note, 'apply', body);
};
