/** Purchase orders and receipts. */
import { plain, subtract } from '../../../src/shared/money.ts';
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
const LINE = { description: 'Copy paper A4', unit: 'EA', unit_price: '2.50', tax_rate: '21' };

export const createOrder: Command = async (world, choice) => {
  const vendor_id = targetOf(world, 'vendor', choice);
  if (vendor_id === undefined) return;
  const body = {
    vendor_id,
    currency: 'EUR',
    match_type: oneOf(['three_way', 'two_way'], choice.how),
    line_items: [
      { ...LINE, quantity: oneOf(['100', '10'], choice.much) },
      ...(choice.much % 3 === 0 ? [{ ...LINE, quantity: '40', unit_price: '1.00' }] : []),
    ],
  };
  await sendAs(world, personOf(world, choice), choice, 'POST', '/purchase-orders', body);
};

/** The next step of its life, by somebody who may take it. */
export async function advanceOrder(world: World, choice: Choice, order: Loose): Promise<Loose> {
  const next: Readonly<Record<string, string>> = {
    draft: 'submit',
    pending_approval: 'approve',
    approved: 'send',
    closed: 'reopen',
  };
  const action = next[order.status];
  if (action !== undefined) return actBySomebody(world, choice, 'order', order, action, { reason });
  if (order.status === 'sent') await receive(world, choice, order);
  return undefined;
}

export async function receive(world: World, choice: Choice, order: Loose): Promise<void> {
  const line_items = order.line_items.flatMap((line: Loose) => {
    const missing = plain(subtract(line.quantity, line.received_quantity));
    const quantity = choice.much % 3 === 0 ? '5' : missing;
    return missing === '0' ? [] : [{ line_number: line.line_number, quantity }];
  });
  if (line_items.length === 0) return;
  await sendAs(world, personOf(world, choice), choice, 'POST', `/purchase-orders/${order.id}/receipts`, { line_items });
}

export const receiveGoods: Command = async (world, choice) => {
  const order = await readOne(world, 'order', targetOf(world, 'order', choice));
  if (order !== undefined) await receive(world, choice, order);
};

const ACTIONS = ['close', 'cancel', 'reopen', 'recall', 'reject', 'submit', 'approve', 'send'];

export const decideOrder: Command = async (world, choice) => {
  const order = await readOne(world, 'order', targetOf(world, 'order', choice));
  if (order !== undefined) await act(world, choice, 'order', order, oneOf(ACTIONS, choice.how), { reason });
};

export const amendOrder: Command = async (world, choice) => {
  const order = await readOne(world, 'order', targetOf(world, 'order', choice));
  if (order === undefined) return;
  const lines = order.line_items.map(({ line_number, description, unit, tax_rate, ...line }: Loose) => ({
    line_number,
    description,
    unit,
    tax_rate,
    quantity: oneOf([line.quantity, '120', '50', line.received_quantity], choice.much),
    unit_price: oneOf([line.unit_price, line.unit_price, '3.00', '2.50'], choice.how),
  }));
  const line_items = choice.how % 5 === 0 ? [...lines, { ...LINE, quantity: '20' }] : lines;
  if (order.status === 'draft' || order.status === 'rejected')
    await sendAs(
      world,
      personOf(world, choice),
      choice,
      'PATCH',
      `/purchase-orders/${order.id}`,
      { line_items },
      {
        version: order.version,
      },
    );
  else await act(world, choice, 'order', order, 'amend', { line_items, reason });
};

export const undoReceipt: Command = async (world, choice) => {
  const receipt = await readOne(world, 'receipt', targetOf(world, 'receipt', choice));
  if (receipt === undefined) return;
  if (choice.how % 2 === 0) return void (await act(world, choice, 'receipt', receipt, 'reverse', { reason }));
  const [line] = receipt.line_items;
  const quantity = oneOf([line.accepted_quantity, '5', '1'], choice.much);
  const line_items = [{ line_number: line.line_number, quantity }];
  await act(world, choice, 'receipt', receipt, 'return', { line_items, reason });
};
