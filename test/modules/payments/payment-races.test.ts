/** Decisions on one payment, or on one invoice with a credit note, at the same moment: one is carried out, the others are told. */
import { GetCommand } from '@aws-sdk/lib-dynamodb';
import t from 'tap';
import { nextBankingDay } from '../../../src/shared/business-days.ts';
import { addDays, calendarDay } from '../../../src/shared/clock.ts';
import type { DocumentClient } from '../../../src/shared/dynamo/client.ts';
import { type Caller, caller, type Loose, type TestReply, testApi } from '../../support/api.ts';
import { DAY, payables } from '../../support/payables.ts';

const api = await testApi(t);
const store = payables(api);
const treasurer = await api.as('treasurer');
const second = await api.as('treasurer', 'second');
const manager = await api.as('ap_manager');
const today = calendarDay(new Date(), 'UTC');
const ok = (reply: TestReply, status = 200): Loose => {
  if (reply.status !== status) throw new Error(JSON.stringify(reply.body));
  return reply.body;
};
const { id: vendorId } = await store.vendor();
const payment = async (): Promise<Loose> => {
  const invoice = await store.invoice(vendorId);
  return ok(await treasurer.post('/payments', { invoice_id: invoice.id }), 201);
};
const approved = async (): Promise<Loose> =>
  ok(await second.post(`/payments/${(await payment()).id}/approve`, {}, { version: 1 }));
const debtor = ok(
  await (await api.as('admin')).post('/settings/debtor-accounts', {
    name: 'Example Company BV',
    iban: 'NL91ABNA0417164300',
    currency: 'EUR',
    country: 'NL',
  }),
  201,
);
const member = async (): Promise<Loose> => {
  const { id } = await approved();
  const execution_date = nextBankingDay(addDays(today, 3));
  const body = { debtor_account_id: debtor.id, execution_date, payment_ids: [id] };
  ok(await treasurer.post('/payment-batches', body), 201);
  return ok(await treasurer.get(`/payments/${id}`));
};
/** In a file that was downloaded and sent: the bank may answer. */
const sent = async (): Promise<Loose> => {
  const { id, batch_id } = await member();
  const path = `/payment-batches/${batch_id}`;
  const { version } = ok(await treasurer.post(`${path}/submit`));
  ok(await second.post(`${path}/approve`, {}, { version }));
  ok(await treasurer.post(`${path}/generate`));
  ok(await treasurer.get(`/exports/${batch_id}/xml`));
  ok(await treasurer.post(`${path}/send`, { channel: 'portal' }));
  return ok(await treasurer.get(`/payments/${id}`));
};
const settled = async (): Promise<Loose> => {
  const { id } = await sent();
  return ok(await second.post(`/payments/${id}/settle`, { booked_on: today, bank_reference: `B-${id}` }));
};

interface Race {
  readonly made: () => Promise<Loose>;
  readonly who: Caller;
  readonly action: string;
  readonly body: object;
}
const RACES: Readonly<Record<string, Race>> = {
  'cancel of a payment that is pending approval': {
    made: payment,
    who: treasurer,
    action: 'cancel',
    body: { reason: 'x' },
  },
  'cancel of a member of a batch': { made: member, who: treasurer, action: 'cancel', body: { reason: 'x' } },
  reject: { made: payment, who: second, action: 'reject', body: { reason: 'x' } },
  settle: { made: sent, who: second, action: 'settle', body: { booked_on: today, bank_reference: 'B-1' } },
  fail: { made: sent, who: second, action: 'fail', body: { reason_code: 'AC04' } },
  return: { made: settled, who: second, action: 'return', body: { reason_code: 'AC04' } },
};

/** Another server over the same tables, on which something happens between a read of a payment and what is read next. */
let between: (() => Promise<unknown>) | undefined;
const gated = new Proxy(api.infrastructure.client, {
  get(client, name) {
    if (name !== 'send') return Reflect.get(client, name);
    return async (sending: object, ...rest: never[]) => {
      const reply = await (client.send as (...all: unknown[]) => Promise<unknown>)(sending, ...rest);
      const act = between;
      if (act === undefined || !(sending instanceof GetCommand)) return reply;
      between = undefined;
      await act();
      return reply;
    };
  },
}) as DocumentClient;
const slow = await api.another({ client: gated });

for (const [title, { made, who, action, body }] of Object.entries(RACES)) {
  t.test(`${title} between the reads of the same command leaves one 200 and one 409`, async (t) => {
    const { id, invoice_id } = await made();
    const path = `/payments/${id}/${action}`;
    const late = caller(slow, who.id, who.token);
    let first: TestReply | undefined;
    between = async () => {
      first = await who.post(path, body);
    };
    const reply = await late.post(path, body);
    t.equal(first?.status, 200, JSON.stringify(first?.body));
    t.match(reply.body, { status: 409, code: 'payment.wrong-status' });
    t.match(
      await store.stored(invoice_id),
      action === 'settle' ? { open_amount: '0.00' } : { payable_amount: '100.00' },
    );
  });

  t.test(`of eight of ${title} at once one is 200 and the others are 409`, async (t) => {
    const { id, invoice_id } = await made();
    // A bank's reference settles the payments of one batch alone.
    const bodyOf = (paymentId: string) => (action === 'settle' ? { ...body, bank_reference: `B-${paymentId}` } : body);
    const replies = await Promise.all(
      Array.from({ length: 8 }, () => who.post(`/payments/${id}/${action}`, bodyOf(id))),
    );
    t.same(replies.map(({ status }) => status).sort(), [200, 409, 409, 409, 409, 409, 409, 409]);
    t.match(
      await store.stored(invoice_id),
      action === 'settle' ? { open_amount: '0.00' } : { payable_amount: '100.00' },
    );
  });
}

const credited = async () => ({
  invoice: await store.invoice(vendorId),
  note: await store.invoice(vendorId, { type: 'credit_note', invoice_date: DAY, amount_due: '30.00' }),
});

t.test('of eight applications of one credit note at once one is 200 and the others are refused', async (t) => {
  const { invoice, note } = await credited();
  const body = { invoice_id: invoice.id };
  const replies = await Promise.all(Array.from({ length: 8 }, () => manager.post(`/invoices/${note.id}/apply`, body)));
  const statuses = replies.map(({ status }) => status);
  t.equal(statuses.filter((status) => status === 200).length, 1, statuses.join());
  t.ok(statuses.every((status) => [200, 409, 422].includes(status)));
  t.match(await store.stored(invoice.id), { open_amount: '70.00', payable_amount: '70.00' });
  const back = await Promise.all(Array.from({ length: 8 }, () => manager.post(`/invoices/${note.id}/unapply`, body)));
  t.same(back.map(({ status }) => status).sort(), [200, 409, 409, 409, 409, 409, 409, 409]);
  t.match(await store.stored(invoice.id), { open_amount: '100.00', payable_amount: '100.00' });
});

t.test('unapply between the reads of another unapply leaves one 200 and one 409', async (t) => {
  const { invoice, note } = await credited();
  const body = { invoice_id: invoice.id };
  ok(await manager.post(`/invoices/${note.id}/apply`, body));
  const path = `/invoices/${note.id}/unapply`;
  let first: TestReply | undefined;
  between = async () => {
    first = await manager.post(path, body);
  };
  const late = await caller(slow, manager.id, manager.token).post(path, body);
  t.equal(first?.status, 200);
  t.match(late.body, { status: 409, code: 'invoice.credit-not-applied' });
  t.match(await store.stored(invoice.id), { open_amount: '100.00' });
});
