import t from 'tap';
import { addDays, calendarDay } from '../../../src/shared/clock.ts';
import { newId } from '../../../src/shared/ids.ts';
import { type Caller, caller, type Loose, testApi } from '../../support/api.ts';
import { commandOf, invoiceBody } from '../../support/invoices.ts';
import { activeVendor, draftOrder, LINE } from '../../support/orders.ts';
import { payables } from '../../support/payables.ts';

const api = await testApi(t);
const store = payables(api);
const production = await api.another({ secondAdmin: true });
const admin = await api.as('admin');
const other = await api.as('admin', 'other');
const first = caller(production, admin.id, admin.token);
const second = caller(production, other.id, other.token);
const today = calendarDay(new Date(), 'UTC');
const path = '/settings/exchange-rates';
const pointers = ({ body }: Loose): string[] => body.errors.map(({ pointer }: Loose) => pointer).sort();

const rate = async (from: string, to: string, value: string, valid_from = today): Promise<Loose> => {
  const reply = await admin.post(path, { from, to, rate: value, valid_from });
  t.equal(reply.status, 201, JSON.stringify(reply.body));
  return reply.body;
};
const limited = async (role: 'approver' | 'ap_manager' | 'treasurer', amount: string): Promise<Caller> => {
  const person = await api.as(role, `limit ${amount}`);
  const { userRepository, unitOfWork } = api.dependencies;
  const command = commandOf(person);
  await unitOfWork.run(command, async () => {
    const before = await userRepository.users.require(person.id);
    const after = { ...before, approval_limit: { amount, currency: 'EUR' } };
    return { result: undefined, writes: userRepository.users.update(command, before, after, { action: 'l' }).writes };
  });
  return person;
};
const waiting = async (person: Caller): Promise<string[]> =>
  (await person.get('/approvals?limit=100')).body.data.map(({ entity_id }: Loose) => entity_id);

t.test('an admin adds a dated rate, which stands at once in the embedded default', async (t) => {
  const body = { from: 'EUR', to: 'CHF', rate: '0.9300', valid_from: '2026-01-05' };
  t.equal((await admin.post(`${path}?dry_run=true`, body)).body.id, null);
  const made = await admin.post(path, body);
  t.equal(made.status, 201, JSON.stringify(made.body));
  t.equal(made.headers.location, `/api/v1${path}/${made.body.id}`);
  t.match(made.body, { status: 'active', from: 'EUR', to: 'CHF', rate: '0.93', valid_from: '2026-01-05', version: 1 });
  t.same((await (await api.as('auditor')).get(`${path}/${made.body.id}`)).body, made.body);
  const list = await (await api.as('treasurer')).get(`${path}?from=EUR&to=CHF&status=active`);
  t.same(list.body.data, [made.body]);
  t.same((await admin.get(`${path}?from=CHF`)).body.data, []);
  t.equal((await admin.get(`${path}/${newId('exchange_rate')}`)).status, 404);
  t.equal((await (await api.as('treasurer')).post(path, body)).status, 403);
  t.equal((await (await api.as('buyer')).get(path)).status, 403);
});

t.test('all that is wrong with a rate is told at once', async (t) => {
  const none = await admin.post(path, { from: 'EUR', to: 'EUR', rate: '0.000', valid_from: '1999-12-31' });
  t.equal(none.status, 422);
  t.same(pointers(none), ['#/rate', '#/to', '#/valid_from']);
  const unknown = await admin.post(path, { from: 'QQQ', to: 'ZZZ', rate: '1', valid_from: addDays(today, 367) });
  t.same(pointers(unknown), ['#/from', '#/to', '#/valid_from']);
  const malformed = await admin.post(path, { from: 'EUR', to: 'USD', rate: 1.1, valid_from: '2026-02-30' });
  t.equal(malformed.status, 400);
  t.same(pointers(malformed), ['#/rate', '#/valid_from']);
  t.equal((await admin.post(path, { from: 'EUR', to: 'USD', rate: '1.0000001', valid_from: today })).status, 400);
});

t.test('a rate of the same day replaces the one before, in either direction; an earlier day is refused', async (t) => {
  const wrong = await rate('EUR', 'SEK', '1.1', '2026-02-02');
  const right = await rate('SEK', 'EUR', '0.09', '2026-02-02');
  t.match((await admin.get(`${path}/${wrong.id}`)).body, { status: 'superseded', version: 2 });
  t.equal((await admin.get(`${path}/${right.id}`)).body.status, 'active');
  const late = await admin.post(path, { from: 'EUR', to: 'SEK', rate: '11', valid_from: '2026-02-01' });
  t.equal(late.status, 422);
  t.match(late.body.errors, [{ pointer: '#/valid_from', detail: /2026-02-02/ }]);
});

t.test('in production a rate is pending until a second admin approves it', async (t) => {
  const made = await first.post(path, { from: 'EUR', to: 'NOK', rate: '11.5', valid_from: today });
  t.match(made.body, { status: 'proposed', version: 1 });
  const { id } = made.body;
  t.notOk((await waiting(first)).includes(id), 'not for who proposed it');
  const { data } = (await second.get('/approvals?limit=100')).body;
  const found = data.find(({ entity_id }: Loose) => entity_id === id);
  t.match(found, { entity: 'exchange_rate', title: `Exchange rate: 1 EUR = 11.5 NOK from ${today}` });
  t.equal(found.path, `/api/v1${path}/${id}`);
  const own = await first.post(`${path}/${id}/approve`, {}, { version: 1 });
  t.match(own.body, { status: 403, code: 'exchange_rate.segregation-of-duties' });
  t.equal((await second.post(`${path}/${id}/approve`)).status, 428);
  t.equal((await second.post(`${path}/${id}/approve`, {}, { version: 2 })).status, 412);
  const approved = await second.post(`${path}/${id}/approve`, {}, { version: 1 });
  t.match(approved.body, { status: 'active', approved_by: second.id, version: 2 });
  t.match((await second.post(`${path}/${id}/approve`, {}, { version: 2 })).body, {
    code: 'exchange_rate.wrong-status',
  });
  const refused = await first.post(path, { from: 'EUR', to: 'NOK', rate: '99', valid_from: addDays(today, 1) });
  const rejected = await second.post(`${path}/${refused.body.id}/reject`, { reason: 'mistyped' });
  t.equal(rejected.body.status, 'rejected');
  t.equal((await second.post(`${path}/${refused.body.id}/reject`, { reason: 'again' })).status, 409);
});

t.test(
  'an order in another currency is approved within the limit at the rate of the day of the decision',
  async (t) => {
    const buyer = await api.as('buyer');
    const vendor = await activeVendor(api, { name: 'Dollars Inc' });
    const approver = await limited('approver', '242.00');
    const submitted = async (quantity: string): Promise<string> => {
      const order = await draftOrder(api, vendor.id, { currency: 'USD', line_items: [{ ...LINE, quantity }] });
      await buyer.post(`/purchase-orders/${order.id}/submit`);
      return order.id;
    };
    const approve = (id: string) => approver.post(`/purchase-orders/${id}/approve`, {}, { version: 2 });
    const same = await submitted('100');
    t.match((await approve(same)).body, { code: 'purchase_order.beyond-approval-limit', detail: /no rate/ });
    t.same(await waiting(approver), [], 'nor does it wait for them');
    await rate('USD', 'EUR', '9.9', addDays(today, 1));
    t.match((await approve(same)).body, { detail: /no rate/ }, 'a rate to come does not count');
    await rate('USD', 'EUR', '0.9', addDays(today, -9));
    t.match((await approve(same)).body, { code: 'purchase_order.beyond-approval-limit', detail: /1 USD = 0\.9 EUR/ });
    await rate('USD', 'EUR', '0.8', addDays(today, -5));
    t.same(await waiting(approver), [same], 'the list asks the same rate');
    t.equal((await approve(same)).status, 200, 'exactly at the limit');
    const more = await submitted('101');
    t.match((await approve(more)).body, { status: 403, detail: /USD, which is .* EUR/ });
    await rate('EUR', 'USD', '1.5', addDays(today, -5));
    t.equal((await approve(more)).status, 200, 'by the inverse rate that replaced it');
  },
);

t.test('an invoice, a payment and a batch are approved within the limit by the same rule', async (t) => {
  await rate('EUR', 'GBP', '0.8');
  const vendor = await store.vendor();
  const manager = await limited('ap_manager', '100.00');
  const base = { currency: 'GBP', status: 'pending_approval' as const, approved_by: null };
  const clerk = await api.as('ap_clerk');
  t.equal(
    (await clerk.post('/invoices', invoiceBody(vendor.id, undefined, [{ quantity: '1' }], { currency: 'GBP' }))).status,
    201,
  );
  const approvals = [
    { step: 'approver' as const, approved_by: other.id, approved_at: `${today}T10:00:00.000Z`, reason: null },
  ];
  const beyond = await store.invoice(vendor.id, { ...base, approvals, amount_due: '80.01' });
  const within = await store.invoice(vendor.id, { ...base, approvals, amount_due: '80.00' });
  const approve = (id: string) => manager.post(`/invoices/${id}/approve`, {}, { version: 1 });
  t.match((await approve(beyond.id)).body, { code: 'invoice.beyond-approval-limit', detail: /100\.01 EUR/ });
  t.same(await waiting(manager), [within.id]);
  t.match((await approve(within.id)).body, { status: 'approved', currency: 'GBP' });
  const treasurer = await limited('treasurer', '100.00');
  const { withRate } = api.dependencies.exchangeRates;
  const { approval_limit } = await withRate(
    { id: treasurer.id, roles: [], permissions: new Set(), approval_limit: { amount: '1.00', currency: 'GBP' } },
    'EUR',
    new Date(),
  );
  t.match(approval_limit, { currency: 'GBP', rate: { from: 'EUR', to: 'GBP', rate: '0.8' } });
});

t.test('many rates of one pair at the same time all stand', async (t) => {
  const days = Array.from({ length: 8 }, (_, index) => addDays(today, index + 1));
  await Promise.all(days.map((day, index) => rate('EUR', 'PLN', `4.${index}`, day)));
  const list = await admin.get(`${path}?to=PLN&status=active&limit=100`);
  t.same(list.body.data.map(({ valid_from }: Loose) => valid_from).sort(), days);
  const { withRate } = api.dependencies.exchangeRates;
  const actor = {
    id: admin.id,
    roles: [],
    permissions: new Set<never>(),
    approval_limit: { amount: '1', currency: 'EUR' },
  };
  for (const [index, day] of days.entries()) {
    const asked = await withRate(actor, 'PLN', new Date(`${day}T12:00:00Z`));
    t.equal(asked.approval_limit?.rate?.rate, index === 0 ? '4' : `4.${index}`, day);
  }
});

t.test(
  'of many approvals of one rate at once one is carried out, and each of the others is told why not',
  async (t) => {
    const proposed = await first.post(path, { from: 'EUR', to: 'NOK', rate: '11.72', valid_from: today });
    t.equal(proposed.status, 201, JSON.stringify(proposed.body));
    const replies = await Promise.all(
      Array.from({ length: 6 }, () => second.post(`${path}/${proposed.body.id}/approve`, {}, { version: 1 })),
    );
    t.equal(replies.filter(({ status }) => status === 200).length, 1);
    for (const { status, body } of replies) t.ok([200, 409, 412].includes(status), `${status} ${body.code}`);
  },
);
