import t from 'tap';
import { ROLES } from '../../../src/shared/permissions.ts';
import { caller, type Loose, testApi } from '../../support/api.ts';

const api = await testApi(t);
const production = await api.another({ secondAdmin: true });
const admin = await api.as('admin');
const manager = await api.as('vendor_manager');

const PAPER = {
  name: 'Northwind Paper BV',
  email: 'billing@northwind.example',
  payment_terms: 'NET 30',
  currency: 'EUR',
};
const withKey = (key: string, method: string, path: string, payload?: Loose, version?: number) =>
  api.raw(method, `/api/v1${path}`, {
    headers: { 'x-api-key': key, ...(version === undefined ? {} : { 'if-match': `"${version}"` }) },
    ...(payload === undefined ? {} : { payload }),
  });
const newKey = async (scopes: readonly string[], owner_id: string): Promise<Loose> => {
  const created = await admin.post('/api-keys', { name: 'Machine', scopes, owner_id });
  t.equal(created.status, 201, JSON.stringify(created.body));
  return created.body;
};

t.test('a key is shown once and opens what its scopes name', async (t) => {
  const created = await admin.post('/api-keys', { name: 'Scanner', scopes: ['vendor:read'], owner_id: manager.id });
  t.equal(created.status, 201, JSON.stringify(created.body));
  t.equal(created.headers['cache-control'], 'no-store');
  t.match(created.body, { status: 'active', owner_id: manager.id, scopes: ['vendor:read'], created_by: admin.id });
  const read = await admin.get(`/api-keys/${created.body.id}`);
  t.equal(read.status, 200);
  t.notMatch(JSON.stringify(read.body), /secret|sha256/);
  t.notHas(read.body, 'key');
  const listed = await admin.get('/api-keys?status=active');
  t.match(listed.body.data[0], { id: created.body.id, name: 'Scanner' });
  const { key } = created.body;
  t.equal((await withKey(key, 'GET', '/vendors')).status, 200);
  t.match((await withKey(key, 'POST', '/vendors', PAPER)).body, { status: 403, code: 'auth.permission-missing' });
  t.match((await withKey(key, 'GET', '/auth/me')).body, {
    id: manager.id,
    via: created.body.id,
    roles: ['integration'],
    permissions: ['vendor:read'],
  });
  const change = { current_password: 'x', password: 'another long sentence' };
  t.equal((await withKey(key, 'POST', '/auth/password', change)).body.code, 'auth.person-only');
  t.notOk(
    api.log.some((line) => line.includes(key.split('.')[1])),
    'no secret in the log',
  );
});

t.test('a dry run makes no key and shows none', async (t) => {
  const dry = await admin.post('/api-keys?dry_run=true', {
    name: 'Dry',
    scopes: ['vendor:read'],
    owner_id: manager.id,
  });
  t.match(dry.body, { id: null, key: null, name: 'Dry' });
});

t.test('the same Idempotency-Key makes another key: no secret is kept to be replayed', async (t) => {
  const body = { name: 'Twice', scopes: ['vendor:read'], owner_id: manager.id };
  const headers = { 'idempotency-key': 'twice' };
  const [first, second] = [
    await admin.post('/api-keys', body, { headers }),
    await admin.post('/api-keys', body, { headers }),
  ];
  t.not(first.body.id, second.body.id);
});

t.test('only an admin makes and ends keys', async (t) => {
  for (const role of ROLES) {
    const person = await api.as(role);
    const made = await person.post('/api-keys', { name: 'Mine', scopes: ['user:read'], owner_id: admin.id });
    t.equal(made.status, role === 'admin' ? 201 : 403, role);
    t.equal((await person.get('/api-keys')).status, ['admin', 'auditor'].includes(role) ? 200 : 403, role);
  }
});

t.test('a key that is unknown, altered, revoked or over is refused alike', async (t) => {
  const { id, key } = await newKey(['vendor:read'], manager.id);
  const [, secret = ''] = key.split('.');
  const other = await newKey(['vendor:read'], manager.id);
  for (const wrong of [
    '',
    'x',
    `${id}.`,
    `${id}.${secret.replace(/^./, (c: string) => (c === 'A' ? 'B' : 'A'))}`,
    `${other.id}.${secret}`,
    `key_0196f2b4-6f0a-7d11-9d0a-0c6f5c1b2a3d.${secret}`,
  ])
    t.match((await withKey(wrong, 'GET', '/vendors')).body, { status: 401, code: 'auth.invalid-key' }, wrong);
  t.equal((await admin.post(`/api-keys/${id}/revoke`)).status, 400, 'revoking has a reason');
  t.equal((await admin.post(`/api-keys/${id}/revoke`, { reason: 'leaked' })).body.status, 'revoked');
  t.equal((await withKey(key, 'GET', '/vendors')).body.code, 'auth.invalid-key');
  t.equal((await admin.post(`/api-keys/${id}/revoke`, { reason: 'again' })).body.code, 'api_key.wrong-status');
  const soon = new Date(Date.now() + 1500).toISOString();
  const short = await admin.post('/api-keys', {
    name: 'Short',
    scopes: ['vendor:read'],
    owner_id: manager.id,
    expires_at: soon,
  });
  while (Date.now() <= Date.parse(soon)) await new Promise((resolve) => setTimeout(resolve, 50));
  t.equal((await withKey(short.body.key, 'GET', '/vendors')).status, 401);
});

t.test('no key may more than its owner, and all that is too much is told', async (t) => {
  const body = { name: 'Greedy', owner_id: manager.id, expires_at: '2020-01-01T00:00:00Z' };
  const refused = await admin.post('/api-keys', {
    ...body,
    scopes: ['vendor:read', 'payment:approve', 'invoice:create'],
  });
  t.equal(refused.status, 422);
  t.same(
    refused.body.errors.map(({ pointer }: Loose) => pointer),
    ['#/scopes/1', '#/scopes/2', '#/expires_at'],
  );
  t.equal((await admin.post('/api-keys', { ...body, scopes: ['fly'] })).status, 400);
  const nobody = 'usr_0196f2b4-6f0a-7d11-9d0a-0c6f5c1b2a3d';
  t.equal(
    (await admin.post('/api-keys', { name: 'X', scopes: ['vendor:read'], owner_id: nobody })).body.code,
    'api_key.no-owner',
  );
  const gone = await api.as('buyer', 'gone');
  await admin.post(`/users/${gone.id}/disable`);
  t.equal(
    (await admin.post('/api-keys', { name: 'X', scopes: ['vendor:read'], owner_id: gone.id })).body.code,
    'api_key.owner-disabled',
  );
});

t.test('an owner with the role integration covers the work of a machine, and no decision', async (t) => {
  const service = await api.as('integration', 'service');
  t.equal((await newKey(['invoice:create', 'purchase_order:read'], service.id)).status, 'active');
  const deciding = ['payment:approve', 'invoice:override', 'user:create', 'bank_details:read', 'payment:settle'];
  const refused = await admin.post('/api-keys', { name: 'X', scopes: deciding, owner_id: service.id });
  t.equal(refused.body.errors.length, deciding.length);
});

t.test('what the owner loses the key loses', async (t) => {
  const owner = await api.as(['buyer', 'vendor_manager'], 'losing');
  const { key } = await newKey(['vendor:create', 'purchase_order:read'], owner.id);
  t.equal((await withKey(key, 'POST', '/vendors', PAPER)).status, 201);
  await admin.patch(`/users/${owner.id}`, { roles: ['buyer'] }, { version: 1 });
  t.equal((await withKey(key, 'GET', '/purchase-orders')).status, 401, 'other roles end it, as they end sign-ins');
  const again = caller(api.app, owner.id, api.app.signAccessToken({ sub: owner.id, roles: ['buyer'], epoch: 2 }));
  const consent = `/me/api-keys/${key.split('.')[0]}/consent`;
  t.equal((await again.post(consent, {}, { version: 1 })).status, 200);
  t.equal((await withKey(key, 'POST', '/vendors', PAPER)).status, 403);
  t.equal((await withKey(key, 'GET', '/purchase-orders')).status, 200);
  await admin.post(`/users/${owner.id}/disable`);
  t.equal((await withKey(key, 'GET', '/purchase-orders')).status, 401);
});

t.test("a key's acts are its owner's: neither approves what the other made", async (t) => {
  const { key } = await newKey(['vendor:create', 'vendor:approve'], manager.id);
  const byKey = await withKey(key, 'POST', '/vendors', PAPER);
  t.equal(byKey.body.created_by, manager.id);
  const own = await manager.post(`/vendors/${byKey.body.id}/approve`, {}, { version: 1 });
  t.equal(own.body.code, 'vendor.segregation-of-duties');
  const byOwner = await manager.post('/vendors', PAPER);
  t.equal(
    (await withKey(key, 'POST', `/vendors/${byOwner.body.id}/approve`, {}, 1)).body.code,
    'vendor.segregation-of-duties',
  );
  const second = await api.as('vendor_manager', 'second');
  const another = await second.post('/vendors', PAPER);
  t.equal((await withKey(key, 'POST', `/vendors/${another.body.id}/approve`, {}, 1)).status, 200);
});

t.test('in production a key that decides opens nothing before a second admin approved it', async (t) => {
  const first = caller(production, admin.id, admin.token);
  const otherAdmin = await api.as('admin', 'other');
  const second = caller(production, otherAdmin.id, otherAdmin.token);
  const work = await first.post('/api-keys', { name: 'Work', scopes: ['vendor:read'] });
  t.equal(work.body.status, 'active');
  const created = await first.post('/api-keys', { name: 'Deciding', scopes: ['settings:approve'] });
  t.equal(created.body.status, 'proposed');
  t.equal((await withKey(created.body.key, 'GET', '/auth/me')).status, 401);
  const path = `/api-keys/${created.body.id}`;
  t.equal((await first.post(`${path}/approve`, {}, { version: 1 })).body.code, 'api_key.segregation-of-duties');
  t.equal((await second.post(`${path}/approve`)).status, 428);
  t.match((await second.post(`${path}/approve`, {}, { version: 1 })).body, {
    status: 'active',
    approved_by: second.id,
  });
  t.equal((await second.post(`${path}/approve`, {}, { version: 2 })).status, 409);
  t.equal((await withKey(created.body.key, 'GET', '/auth/me')).status, 200);
});
