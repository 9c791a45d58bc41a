import t from 'tap';
import { nextBankingDay } from '../../../src/shared/business-days.ts';
import { addDays, calendarDay } from '../../../src/shared/clock.ts';
import { type Caller, caller, type Loose, testApi } from '../../support/api.ts';
import { activeVendor, approvedOrder, draftOrder, LINE } from '../../support/orders.ts';
import { payables } from '../../support/payables.ts';
import { verified } from '../../support/verified.ts';

const api = await testApi(t);
const store = payables(api);
const waiting = async (person: Caller): Promise<Loose[]> => (await person.get('/approvals')).body.data;
const limited = async (roles: readonly ('approver' | 'treasurer')[], name: string, limit: object): Promise<Caller> => {
  const person = await api.as(roles, name);
  const admin = await api.as('admin');
  const { version } = (await admin.get(`/users/${person.id}`)).body;
  const reply = await admin.patch(`/users/${person.id}`, { approval_limit: limit }, { version });
  t.equal(reply.status, 200, JSON.stringify(reply.body));
  return person;
};

t.test('an order waits for an approver who had no hand in it and whose limit reaches it', async (t) => {
  const vendor = await activeVendor(api);
  const buyer = await api.as('buyer');
  const both = await api.as(['buyer', 'approver'], 'both');
  const approver = await api.as('approver');
  await draftOrder(api, vendor.id);
  const own = await both.post('/purchase-orders', { vendor_id: vendor.id, currency: 'EUR', line_items: [LINE] });
  t.equal((await buyer.post(`/purchase-orders/${own.body.id}/submit`)).status, 200);
  const [order] = await waiting(approver);
  t.match(order, {
    entity: 'purchase_order',
    entity_id: own.body.id,
    version: 2,
    title: `Order ${own.body.po_number}`,
    amount: '302.50',
    currency: 'EUR',
    path: `/api/v1/purchase-orders/${own.body.id}`,
  });
  t.equal((await waiting(approver)).length, 1, 'a draft does not wait');
  t.same(await waiting(both), [], 'not the one they made');
  t.same(await waiting(await api.as('treasurer')), [], 'not for who may not approve orders');
  const approved = await approver.post(`${order.path}/approve`, {}, { version: order.version });
  t.equal(approved.status, 200, JSON.stringify(approved.body));
  t.same(await waiting(approver), [], 'what was decided waits no longer');
});

t.test('an amendment waits with the amount it would come to', async (t) => {
  const vendor = await activeVendor(api, { name: 'Amended BV' });
  const order = await approvedOrder(api, vendor.id);
  const buyer = await api.as('buyer');
  const sent = await buyer.post(`/purchase-orders/${order.id}/send`);
  const amended = await buyer.post(
    `/purchase-orders/${order.id}/amend`,
    { reason: 'more', line_items: [{ ...LINE, line_number: 1, quantity: '200' }] },
    { version: sent.body.version },
  );
  t.equal(amended.status, 200, JSON.stringify(amended.body));
  const [found] = await waiting(await api.as('approver'));
  t.match(found, { title: `Order ${order.po_number}, an amendment`, amount: '605.00' });
  for (const [limit, sees] of [
    [{ amount: '605.00', currency: 'EUR' }, 1],
    [{ amount: '604.99', currency: 'EUR' }, 0],
    [{ amount: '9000.00', currency: 'USD' }, 0],
  ] as const) {
    const name = `limited ${limit.amount} ${limit.currency}`;
    const { token } = await limited(['approver'], name, limit);
    const { body } = await api.raw('GET', '/api/v1/approvals', { headers: { authorization: `Bearer ${token}` } });
    t.equal(body.data.length, sees, name);
  }
});

t.test('payments and batches wait for another treasurer', async (t) => {
  const [maker, second] = [await api.as('treasurer'), await api.as('treasurer', 'second')];
  const vendor = await store.vendor();
  const approval = { step: 'ap_manager' as const, approved_at: '2026-01-31T10:00:00.000Z', reason: null };
  const other = await api.as('treasurer', 'approver of the invoice');
  const invoice = await store.invoice(vendor.id, { approvals: [{ ...approval, approved_by: other.id }] });
  const made = await maker.post('/payments', { invoice_id: invoice.id });
  t.equal(made.status, 201, JSON.stringify(made.body));
  const [payment, ...rest] = await waiting(second);
  t.same(rest, []);
  t.match(payment, {
    entity: 'payment',
    entity_id: made.body.id,
    title: `Payment of ${invoice.invoice_number}`,
    amount: '100.00',
    currency: 'EUR',
    path: `/api/v1/payments/${made.body.id}`,
  });
  t.same(await waiting(maker), [], 'not for its maker');
  t.same(await waiting(other), [], 'nor for who approved the invoice');
  const small = { amount: '99.99', currency: 'EUR' };
  const { token } = await limited(['treasurer'], 'limited', small);
  const asLimited = () => api.raw('GET', '/api/v1/approvals', { headers: { authorization: `Bearer ${token}` } });
  t.same((await asLimited()).body.data, [], 'nor beyond a limit');
  t.equal((await second.post(`${payment.path}/approve`, {}, { version: payment.version })).status, 200);
  t.same(await waiting(second), []);

  const debtor = await (await api.as('admin')).post('/settings/debtor-accounts', {
    name: 'Example Company BV',
    iban: 'NL91ABNA0417164300',
    bic: 'ABNANL2A',
    currency: 'EUR',
    country: 'NL',
  });
  const batch = await maker.post('/payment-batches', {
    debtor_account_id: debtor.body.id,
    execution_date: nextBankingDay(addDays(calendarDay(new Date(), 'UTC'), 3)),
    payment_ids: [made.body.id],
  });
  t.equal(batch.status, 201, JSON.stringify(batch.body));
  t.same(await waiting(second), [], 'a draft does not wait');
  const submitted = await maker.post(`/payment-batches/${batch.body.id}/submit`);
  t.equal(submitted.status, 200, JSON.stringify(submitted.body));
  const [found] = await waiting(second);
  t.match(found, {
    entity: 'payment_batch',
    entity_id: batch.body.id,
    version: submitted.body.version,
    amount: '100.00',
    path: `/api/v1/payment-batches/${batch.body.id}`,
  });
  t.same(await waiting(maker), []);
  t.same((await asLimited()).body.data, []);
  t.equal((await second.post(`${found.path}/approve`, {}, { version: found.version })).status, 200);
  t.same(await waiting(second), []);
});

t.test('in production what takes a second admin waits for them, and for nobody who had a hand in it', async (t) => {
  const production = await api.another({ secondAdmin: true });
  const [first, second] = await Promise.all(
    ['first', 'another'].map(async (name) => {
      const { id, token } = await api.as('admin', name);
      return caller(production, id, token);
    }),
  );
  if (first === undefined || second === undefined) throw new Error('two admins');
  const ofAdmins = async (person: Caller) =>
    (await waiting(person)).filter(({ entity }) => ['api_key', 'debtor_account', 'settings'].includes(entity));
  t.same(await ofAdmins(second), [], 'nothing waits as shipped');
  const account = await first.post('/settings/debtor-accounts', {
    name: 'Example Holding BV',
    iban: 'NL91ABNA0417164300',
    currency: 'EUR',
    country: 'NL',
  });
  t.equal(account.status, 201, JSON.stringify(account.body));
  const company = (await first.get('/settings/company')).body;
  const proposed = await first.patch('/settings/company', { currency: 'USD' }, { version: company.version });
  t.equal(proposed.status, 200, JSON.stringify(proposed.body));
  const owner = await api.as('treasurer');
  const key = await first.post('/api-keys', { name: 'payments', owner_id: owner.id, scopes: ['payment:approve'] });
  t.equal(key.status, 201, JSON.stringify(key.body));
  t.same(await ofAdmins(first), [], 'not for who proposed it');
  const found = await ofAdmins(second);
  t.same(found.map(({ entity, title }) => [entity, title]).sort(), [
    ['api_key', 'API key payments'],
    ['debtor_account', 'Account that pays: Example Holding BV'],
    ['settings', 'Settings: currency'],
  ]);
  t.notMatch(JSON.stringify(found), /NL91ABNA/);
  for (const { entity, path, version } of found) {
    const body = entity === 'debtor_account' ? verified('NL91ABNA0417164300') : {};
    const reply = await second.post(`${path.slice('/api/v1'.length)}/approve`, body, { version });
    t.equal(reply.status, 200, JSON.stringify(reply.body));
  }
  t.same(await ofAdmins(second), []);
  const { version } = (await first.get(`/settings/debtor-accounts/${account.body.id}`)).body;
  await first.patch(`/settings/debtor-accounts/${account.body.id}`, { name: 'Example BV' }, { version });
  t.match(await ofAdmins(second), [{ title: 'Change of the account that pays: Example Holding BV' }]);
});
