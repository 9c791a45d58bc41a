import t from 'tap';
import { ROLES } from '../../../src/shared/permissions.ts';
import { type Loose, testApi } from '../../support/api.ts';
import { verified } from '../../support/verified.ts';

const api = await testApi(t);
const manager = await api.as('vendor_manager');
const second = await api.as('vendor_manager', 'second');

const PAPER = {
  name: 'Northwind Paper BV',
  email: 'billing@northwind.example',
  payment_terms: 'net 30',
  currency: 'EUR',
};

async function activeVendor(body: object = {}): Promise<Loose> {
  const created = await manager.post('/vendors', { ...PAPER, ...body });
  const approved = await second.post(`/vendors/${created.body.id}/approve`, undefined, { version: 1 });
  t.equal(approved.status, 200, JSON.stringify(approved.body));
  return approved.body;
}

t.test('a vendor is proposed by one person and approved by another', async (t) => {
  const created = await manager.post('/vendors', PAPER);
  t.equal(created.status, 201, JSON.stringify(created.body));
  t.equal(created.headers.location, `/api/v1/vendors/${created.body.id}`);
  t.equal(created.headers.etag, '"1"');
  t.match(created.body, { status: 'pending', payment_terms: 'NET 30', version: 1, bank_accounts: [] });
  t.notHas(created.body, 'audit');

  const own = await manager.post(`/vendors/${created.body.id}/approve`, {}, { version: 1 });
  t.equal(own.status, 403);
  t.equal(own.body.code, 'vendor.segregation-of-duties');
  const unseen = await second.post(`/vendors/${created.body.id}/approve`);
  t.equal(unseen.status, 428);
  const stale = await second.post(`/vendors/${created.body.id}/approve`, {}, { version: 7 });
  t.equal(stale.status, 412);
  const approved = await second.post(`/vendors/${created.body.id}/approve`, {}, { version: 1 });
  t.match(approved.body, { status: 'active', version: 2, approved_by: second.id });
  t.same((await second.get(`/vendors/${created.body.id}`)).body, approved.body);
});

t.test('every role may read vendors, and only a vendor manager may propose one', async (t) => {
  const vendor = await activeVendor();
  for (const role of ROLES) {
    const person = await api.as(role);
    const read = await person.get(`/vendors/${vendor.id}`);
    t.equal(read.status, role === 'integration' ? 403 : 200, `${role} reads`);
    const proposed = await person.post('/vendors', PAPER);
    t.equal(proposed.status, role === 'vendor_manager' ? 201 : 403, `${role} proposes`);
  }
});

t.test('a vendor walks through its states and no others', async (t) => {
  const { id } = await activeVendor();
  const act = (action: string, body: object = { reason: 'checked' }) => manager.post(`/vendors/${id}/${action}`, body);
  t.equal((await act('release')).body.code, 'vendor.wrong-status');
  t.match((await act('hold', {})).body, { status: 400, errors: [{ pointer: '#/reason', detail: 'is required' }] });
  for (const [action, status] of [
    ['hold', 'payment_hold'],
    ['release', 'active'],
    ['block', 'blocked'],
    ['archive', 'archived'],
    ['unarchive', 'blocked'],
    ['unblock', 'active'],
  ] as const)
    t.equal((await act(action)).body.status, status, action);
});

t.test('a vendor that was blocked while its payments were on hold is on hold again', async (t) => {
  const { id } = await activeVendor();
  for (const [action, status] of [
    ['hold', 'payment_hold'],
    ['block', 'blocked'],
    ['unblock', 'payment_hold'],
    ['block', 'blocked'],
    ['archive', 'archived'],
    ['unarchive', 'blocked'],
    ['unblock', 'payment_hold'],
    ['release', 'active'],
  ] as const) {
    const { body } = await manager.post(`/vendors/${id}/${action}`, { reason: 'checked' });
    t.equal(body.status, status, action);
    t.notHas(body, 'blocked_from');
  }
});

t.test('all that is wrong with a vendor is told at once, and nothing is written', async (t) => {
  const before = (await manager.get('/vendors?q=nowhere')).body;
  const malformed = await manager.post('/vendors', {
    name: 'Nowhere\u0000',
    email: 'nobody',
    colour: 'red',
    currency: 978,
  });
  t.equal(malformed.status, 400);
  t.same(malformed.body.errors.map(({ pointer }: Loose) => pointer).sort(), [
    '#/colour',
    '#/currency',
    '#/email',
    '#/name',
    '#/payment_terms',
  ]);
  const refused = await manager.post('/vendors', { ...PAPER, name: 'Nowhere', currency: 'ZZZ', payment_terms: 'SOON' });
  t.equal(refused.status, 422);
  t.same(refused.body.errors.map(({ pointer }: Loose) => pointer).sort(), ['#/currency', '#/payment_terms']);
  t.same((await manager.get('/vendors?q=nowhere')).body, before);
});

t.test('a tax id belongs to one vendor', async (t) => {
  const first = await manager.post('/vendors', { ...PAPER, tax_id: 'NL 0012.345' });
  const again = await manager.post('/vendors', { ...PAPER, tax_id: 'nl0012345' });
  t.equal(again.status, 409);
  t.match(again.body, { code: 'vendor.tax-id-taken', detail: new RegExp(first.body.id) });
  const moved = await manager.patch(`/vendors/${first.body.id}`, { tax_id: null }, { version: 1 });
  t.equal(moved.status, 200, JSON.stringify(moved.body));
  t.equal((await manager.post('/vendors', { ...PAPER, tax_id: 'NL0012345' })).status, 201);
});

t.test('a dry run gives the reply without ids and writes nothing', async (t) => {
  const dry = await manager.post('/vendors?dry_run=true', { ...PAPER, name: 'Dry Goods', tax_id: 'DRY1' });
  t.equal(dry.status, 201, JSON.stringify(dry.body));
  t.equal(dry.headers['dry-run'], 'true');
  t.notOk(dry.headers.location);
  t.match(dry.body, { id: null, name: 'Dry Goods', status: 'pending' });
  t.same((await manager.get('/vendors?q=dry')).body.data, []);
  await manager.post('/vendors', { ...PAPER, tax_id: 'DRY1' });
  t.equal((await manager.post('/vendors?dry_run=true', { ...PAPER, tax_id: 'DRY1' })).status, 409);
});

t.test('the same request with the same Idempotency-Key is carried out once', async (t) => {
  const headers = { 'idempotency-key': 'vendor-1' };
  const body = { ...PAPER, name: 'Once Only' };
  const replies = await Promise.all([1, 2, 3, 4].map(() => manager.post('/vendors', body, { headers })));
  t.same(
    replies.map(({ status }) => status),
    [201, 201, 201, 201],
  );
  t.equal(new Set(replies.map(({ body }) => body.id)).size, 1);
  t.equal(replies.filter(({ headers }) => headers['idempotency-replayed'] === 'true').length, 3);
  t.equal((await manager.get('/vendors?q=once')).body.data.length, 1);
  const other = await manager.post('/vendors', { ...body, name: 'Another' }, { headers });
  t.match(other.body, { status: 422, code: 'idempotency.key-reused' });
  t.equal((await second.post('/vendors', body, { headers })).status, 201, 'a key is its caller’s own');
});

t.test('a refusal releases its Idempotency-Key', async (t) => {
  const headers = { 'idempotency-key': 'vendor-2' };
  t.equal((await manager.post('/vendors', { ...PAPER, currency: 'ZZZ' }, { headers })).status, 422);
  t.equal((await manager.post('/vendors', { ...PAPER, currency: 'USD' }, { headers })).status, 201);
});

t.test('lists are pages, newest first, by status, name and day', async (t) => {
  for (let n = 0; n < 5; n += 1) await activeVendor({ name: `Paged ${n}` });
  const first = await manager.get('/vendors?q=PAGED&limit=2');
  t.same(
    first.body.data.map(({ name }: Loose) => name),
    ['Paged 0', 'Paged 1'],
  );
  t.same(Object.keys(first.body.data[0]).includes('bank_accounts'), false);
  const next = await manager.get(`/vendors?q=PAGED&limit=2&cursor=${first.body.next_cursor}`);
  t.same(
    next.body.data.map(({ name }: Loose) => name),
    ['Paged 2', 'Paged 3'],
  );
  const last = await manager.get(`/vendors?q=PAGED&limit=2&cursor=${next.body.next_cursor}`);
  t.same(
    last.body.data.map(({ name }: Loose) => name),
    ['Paged 4'],
  );
  t.equal(last.body.next_cursor, null);
  t.equal((await manager.get(`/vendors?q=other&limit=2&cursor=${first.body.next_cursor}`)).status, 400);
  t.equal((await second.get(`/vendors?q=PAGED&limit=2&cursor=${first.body.next_cursor}`)).status, 400);
  t.equal((await manager.get(`/vendors?q=PAGED&cursor=${first.body.next_cursor}x`)).status, 400);
  const newest = await manager.get('/vendors?status=active&limit=1');
  t.equal(newest.body.data[0].name, 'Paged 4');
  t.same((await manager.get('/vendors?created_to=2020-01-01')).body.data, []);
  t.ok((await manager.get('/vendors?created_from=2020-01-01&q=paged')).body.data.length === 5);
  t.equal((await manager.get('/vendors?colour=red')).status, 400);
});

t.test('only a vendor that nothing refers to is deleted', async (t) => {
  const { id, version } = await activeVendor();
  const proposal = await manager.post(`/vendors/${id}/bank-accounts`, {
    holder_name: 'Northwind',
    iban: 'NL91ABNA0417164300',
  });
  t.equal(proposal.status, 201);
  t.equal((await manager.delete(`/vendors/${id}`, { version: version + 1 })).body.code, 'vendor.in-use');
  const free = await activeVendor();
  t.equal((await manager.delete(`/vendors/${free.id}`)).status, 428);
  t.equal((await manager.delete(`/vendors/${free.id}`, { version: free.version })).status, 204);
  t.equal((await manager.get(`/vendors/${free.id}`)).status, 404);
});

const IBAN = 'NL91ABNA0417164300';
const US = { routing_number: '021000021', account_number: '1234567890' };

t.test('a bank account needs a second person, replaces the one before, and shows its numbers to few', async (t) => {
  const { id } = await activeVendor();
  const path = `/vendors/${id}/bank-accounts`;
  const wrong = await manager.post(path, {
    holder_name: 'X',
    iban: 'NL91ABNA0417164301',
    bic: 'nope',
    account_number: '1',
  });
  t.equal(wrong.status, 422);
  t.same(wrong.body.errors.map(({ pointer }: Loose) => pointer).sort(), ['#/account_number', '#/bic', '#/iban']);
  const incomplete = await manager.post(path, { holder_name: 'X', country: 'US' });
  t.same(incomplete.body.errors.map(({ pointer }: Loose) => pointer).sort(), ['#/account_number', '#/routing_number']);

  const first = await manager.post(path, { holder_name: 'Northwind', iban: 'nl91 abna 0417 1643 00' });
  t.match(first.body, { status: 'proposed', iban: 'NL** **** 4300', country: 'NL' });
  const own = await manager.post(`${path}/${first.body.id}/approve`, verified(IBAN), { version: 1 });
  t.equal(own.body.code, 'bank_account.segregation-of-duties');
  t.equal(
    (await second.post(`${path}/${first.body.id}/approve`, verified(IBAN), { version: 1 })).body.status,
    'active',
  );
  const us = await second.post(path, { holder_name: 'NW Inc', country: 'US', ...US });
  t.equal((await manager.post(`${path}/${us.body.id}/approve`, verified(US), { version: 1 })).body.status, 'active');

  const vendor = (await manager.get(`/vendors/${id}`)).body;
  t.same(
    vendor.bank_accounts.map(({ status }: Loose) => status),
    ['superseded', 'active'],
  );
  const treasurer = await api.as('treasurer');
  t.equal((await treasurer.get(`${path}/${first.body.id}`)).body.iban, 'NL** **** 4300');
  const revealed = await treasurer.post(`${path}/${first.body.id}/reveal`, { reason: 'A question of the bank' });
  t.equal(revealed.body.iban, IBAN);
  t.equal((await manager.get(`${path}/${first.body.id}`)).body.iban, 'NL** **** 4300');
  t.equal((await manager.get(path)).body.data.length, 2);
  t.match((await manager.get(`${path}?status=active`)).body.data, [{ account_number: '**** **** 7890' }]);
  t.equal((await manager.get(`/vendors/${(await activeVendor()).id}/bank-accounts/${first.body.id}`)).status, 404);
  t.notOk(
    api.log.some((line) => line.includes('NL91ABNA0417164300')),
    'no bank detail in the log',
  );
});

t.test(
  'only accounts that are proposed or active count towards the bound, and the vendor shows the latest of the others',
  async (t) => {
    const { id } = await activeVendor();
    const path = `/vendors/${id}/bank-accounts`;
    const body = { holder_name: 'NW', iban: 'NL91ABNA0417164300' };
    const propose = async (): Promise<Loose> => {
      const reply = await manager.post(path, body);
      t.equal(reply.status, 201, JSON.stringify(reply.body));
      return reply.body;
    };
    const first = await propose();
    for (let count = 0; count < 51; count += 1) {
      const { id: account } = await propose();
      const rejected = await second.post(`${path}/${account}/reject`, { reason: 'mistyped' });
      t.equal(rejected.status, 200, JSON.stringify(rejected.body));
    }
    const listed = (await manager.get(`/vendors/${id}`)).body.bank_accounts;
    t.equal(listed.length, 50);
    t.equal(listed[0].id, first.id, 'a live one stays');
    const rejected = await manager.get(`${path}?status=rejected&limit=100`);
    t.equal(rejected.body.data.length, 51, 'none is lost');
    t.equal((await second.post(`${path}/${first.id}/approve`, verified(IBAN), { version: 1 })).body.status, 'active');
  },
);

t.test('a name or address of which a bank would be told nothing is refused where it is entered', async (t) => {
  const { id } = await activeVendor();
  const account = await manager.post(`/vendors/${id}/bank-accounts`, {
    holder_name: '☃ ❤',
    iban: 'NL91ABNA0417164301',
  });
  t.match(account.body, { status: 422, code: 'bank_account.invalid' });
  t.same(account.body.errors.map(({ pointer }: Loose) => pointer).sort(), ['#/holder_name', '#/iban']);
  const routed = { holder_name: '—', country: 'US', routing_number: '021000021', account_number: '1' };
  t.match((await manager.post(`/vendors/${id}/bank-accounts`, routed)).body.errors, [{ pointer: '#/holder_name' }]);
  const address = { line1: 'ß'.repeat(36), building_number: '1', city: '…', country: 'NL' };
  const vendor = await manager.post('/vendors', { ...PAPER, tax_id: undefined, name: '???', address });
  t.match(vendor.body, { status: 422, code: 'vendor.invalid' });
  const pointers = vendor.body.errors.map(({ pointer }: Loose) => pointer).sort();
  t.same(pointers, ['#/address/city', '#/address/line1', '#/name']);
  const chinese = await manager.post('/vendors', { ...PAPER, tax_id: undefined, name: '北京纸业' });
  t.equal(chinese.status, 201, 'another script is transliterated');
});
