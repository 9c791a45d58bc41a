/** Payments, batches and their files. */
import { amount, divide } from '../../../src/shared/money.ts';
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

export async function pay(world: World, choice: Choice, invoice: Loose): Promise<Loose> {
  const half = amount(divide(invoice.payable_amount, '2'), 'EUR');
  const body = {
    invoice_id: invoice.id,
    ...(choice.much % 4 === 1 ? { payment_amount: oneOf([half, '5.05', invoice.payable_amount], choice.how) } : {}),
  };
  for (let turn = 0; turn < world.people.length; turn += 1) {
    const person = oneOf(world.people, choice.who + turn);
    const reply = await sendAs(world, person, choice, 'POST', '/payments', body);
    if (reply.status !== 403) return reply;
  }
  return undefined;
}

export const makePayment: Command = async (world, choice) => {
  const invoice = await readOne(world, 'invoice', targetOf(world, 'invoice', choice));
  if (invoice !== undefined) await pay(world, choice, invoice);
};

const bankBody = (world: World, action: string): object => {
  if (action === 'settle') return { booked_on: world.today, bank_reference: `B${world.unique()}` };
  return action === 'fail' || action === 'return' ? { reason_code: 'AC04' } : { reason };
};

const ACTIONS = [
  'cancel',
  'fail',
  'settle',
  'return',
  'reject',
  'hold',
  'release',
  'void',
  'approve',
  'cancel',
  'fail',
];

export const decidePayment: Command = async (world, choice) => {
  const payment = await readOne(world, 'payment', targetOf(world, 'payment', choice));
  if (payment === undefined) return;
  const action = payment.hold !== null && choice.how % 2 === 0 ? 'release' : oneOf(ACTIONS, choice.how);
  await act(world, choice, 'payment', payment, action, bankBody(world, action));
};

export async function advancePayment(world: World, choice: Choice, payment: Loose): Promise<Loose> {
  if (payment.status === 'pending_approval')
    return actBySomebody(world, choice, 'payment', payment, 'approve', { reason });
  if (payment.status === 'approved') return makeBatchOf(world, choice, [payment.id]);
  if (payment.status !== 'batched' && payment.status !== 'accepted') return undefined;
  const batch = await readOne(world, 'batch', payment.batch_id);
  if (batch !== undefined && batch.status !== 'sent' && batch.status !== 'partially_accepted')
    return advanceBatch(world, choice, batch);
  const action = oneOf(['settle', 'settle', 'fail', 'return'], choice.how);
  return actBySomebody(world, choice, 'payment', payment, action, bankBody(world, action));
}

async function makeBatchOf(world: World, choice: Choice, payment_ids?: readonly string[]): Promise<Loose> {
  return sendAs(world, personOf(world, choice), choice, 'POST', '/payment-batches', {
    debtor_account_id: world.debtorAccountId,
    execution_date: world.executionDate,
    ...(payment_ids === undefined ? { due_on_or_before: world.today } : { payment_ids }),
  });
}

export const makeBatch: Command = async (world, choice) => {
  if (choice.how % 2 === 0 || world.ids.payment.length === 0) return void (await makeBatchOf(world, choice));
  await makeBatchOf(world, choice, world.ids.payment.slice(-1 - (choice.much % 3)));
};

export async function advanceBatch(world: World, choice: Choice, batch: Loose): Promise<Loose> {
  const next: Readonly<Record<string, string>> = {
    draft: 'submit',
    pending_approval: 'approve',
    approved: 'generate',
    generating: 'generate',
  };
  const action = next[batch.status];
  // A run is never tried dry.
  const told = action === 'generate' ? { ...choice, dryRun: false } : choice;
  if (action !== undefined) return actBySomebody(world, told, 'batch', batch, action);
  if (batch.status !== 'generated') return undefined;
  if (batch.first_downloaded_at === null || choice.how % 3 === 0) return downloadOf(world, choice, batch.id);
  return actBySomebody(world, choice, 'batch', batch, 'send', { channel: 'bank portal' });
}

const downloadOf = (world: World, choice: Choice, id: string): Promise<Loose> =>
  world.send(personOf(world, choice), 'GET', `/exports/${id}/${oneOf(['xml', 'json'], choice.much)}`);

export const download: Command = async (world, choice) => {
  const id = targetOf(world, 'batch', choice);
  if (id !== undefined) await downloadOf(world, choice, id);
};

const BATCH_ACTIONS = ['cancel', 'cancel', 'cancel', 'send', 'reject', 'submit', 'approve', 'recall'];

export const decideBatch: Command = async (world, choice) => {
  const batch = await readOne(world, 'batch', targetOf(world, 'batch', choice));
  if (batch === undefined) return;
  const asked = batch.cancellation !== null && batch.status === 'generated';
  if (asked && choice.how % 3 === 0) return void (await downloadOf(world, choice, batch.id));
  const action = asked ? 'cancel' : oneOf(BATCH_ACTIONS, choice.how);
  const body =
    action === 'cancel' ? { reason, not_transmitted: true } : action === 'send' ? { channel: 'bank portal' } : {};
  await act(world, choice, 'batch', batch, action, body);
};
