/** Every command by name, with how often it is chosen. */
import type { Loose } from '../../support/api.ts';
import type { World } from '../world.ts';
import { type Choice, type Command, readOne, targetOf } from './command.ts';
import { advanceInvoice, applyCredit, changeInvoice, creditInvoice, decideInvoice, enterInvoice } from './invoices.ts';
import { advanceOrder, amendOrder, createOrder, decideOrder, receiveGoods, undoReceipt } from './orders.ts';
import {
  advanceBatch,
  advancePayment,
  decideBatch,
  decidePayment,
  download,
  makeBatch,
  makePayment,
  pay,
} from './payments.ts';
import { changeVendor, createVendor, decideAccount, decideVendor, proposeAccount } from './vendors.ts';

type Next = (world: World, choice: Choice, entity: Loose) => Promise<Loose>;

/** Several steps of one entity's life, each by somebody who may take it: that is how a history reaches what is rare. */
const drive =
  (kind: 'order' | 'invoice' | 'payment' | 'batch', next: Next): Command =>
  async (world, choice) => {
    const id = targetOf(world, kind, choice);
    for (let step = 0; step <= choice.much % 12; step += 1) {
      const entity = await readOne(world, kind, id);
      if (entity === undefined) return;
      const reply = await next(world, { ...choice, who: choice.who + step }, entity);
      if (reply === undefined || reply.status >= 400) return;
    }
  };

/** From entry to the bank: an approved invoice is paid, and its latest payment goes on. */
const driveToBank: Next = async (world, choice, invoice) => {
  const decided = ['approved', 'partially_paid'].includes(invoice.status) && invoice.type === 'invoice';
  if (!decided) return advanceInvoice(world, choice, invoice);
  if (invoice.payable_amount !== '0.00') return pay(world, choice, invoice);
  const payment = await readOne(world, 'payment', world.ids.payment.at(-1));
  return payment === undefined ? undefined : advancePayment(world, choice, payment);
};

/** [command, weight]. */
export const COMMANDS = {
  createVendor: [createVendor, 1],
  changeVendor: [changeVendor, 1],
  decideVendor: [decideVendor, 1],
  proposeAccount: [proposeAccount, 1],
  decideAccount: [decideAccount, 1],
  createOrder: [createOrder, 2],
  driveOrder: [drive('order', advanceOrder), 8],
  decideOrder: [decideOrder, 8],
  amendOrder: [amendOrder, 6],
  receiveGoods: [receiveGoods, 4],
  undoReceipt: [undoReceipt, 6],
  enterInvoice: [enterInvoice, 18],
  creditInvoice: [creditInvoice, 10],
  driveInvoice: [drive('invoice', driveToBank), 32],
  decideInvoice: [decideInvoice, 12],
  changeInvoice: [changeInvoice, 8],
  applyCredit: [applyCredit, 6],
  makePayment: [makePayment, 6],
  drivePayment: [drive('payment', advancePayment), 10],
  decidePayment: [decidePayment, 12],
  makeBatch: [makeBatch, 6],
  driveBatch: [drive('batch', advanceBatch), 8],
  decideBatch: [decideBatch, 12],
  download: [download, 4],
} satisfies Readonly<Record<string, readonly [Command, number]>>;

export type CommandName = keyof typeof COMMANDS;
