/** Somebody who holds an API key, or an administrator who makes one, against a server with the rules of production. */
import t from 'tap';
import { type Caller, caller, type Loose, testApi } from '../support/api.ts';
import { payables } from '../support/payables.ts';
import { PRODUCTION, PRODUCTION_RULES } from '../support/production.ts';

t.setTimeout(300_000);
const api = await testApi(t, PRODUCTION, PRODUCTION_RULES);
const attacker = await api.as('admin', 'attacker');
const second = await api.as('admin', 'second');
const victim = await api.as(['treasurer', 'ap_clerk'], 'victim');
const withKey = (key: string, method: string, path: string, payload?: Loose) =>
  api.raw(method, `/api/v1${path}`, {
    headers: { 'x-api-key': key },
    ...(payload === undefined ? {} : { payload }),
  });
const make = async (by: Caller, body: object): Promise<Loose> => {
  const made = await by.post('/api-keys', { name: 'Machine', ...body });
  if (made.status !== 201) throw new Error(JSON.stringify(made.body));
  return made.body;
};
const opens = async ({ key }: Loose): Promise<boolean> => (await withKey(key, 'GET', '/auth/me')).status === 200;

t.test(
  'an administrator makes no key in the name of another: it takes that person and a second administrator',
  async (t) => {
    const key = await make(attacker, { scopes: ['payment:create', 'invoice:read'], owner_id: victim.id });
    t.match(key, { status: 'proposed', awaits: ['consent', 'approval'] });
    t.notOk(await opens(key));
    const path = `/api-keys/${key.id}`;
    t.equal((await attacker.post(`${path}/approve`, {}, { version: 1 })).body.code, 'api_key.segregation-of-duties');
    for (const other of [attacker, second])
      t.equal((await other.post(`/me${path}/consent`, {}, { version: 1 })).status, 404, 'nobody consents for another');
    t.equal((await second.post(`${path}/approve`, {}, { version: 1 })).body.status, 'proposed');
    t.notOk(await opens(key), 'nor do two administrators without the person');
    t.equal((await victim.post(`/me${path}/consent`, {})).status, 428);
    t.equal((await victim.post(`/me${path}/consent`, {}, { version: 2 })).body.status, 'active');
    t.ok(await opens(key));
  },
);

t.test('the owner is told of the key, sees it, and ends it without an administrator', async (t) => {
  const key = await make(attacker, { scopes: ['invoice:read'], owner_id: victim.id });
  const told = api.letters.filter(({ text }) => text.includes('API key was made'));
  t.ok(told.length > 0);
  const own = await victim.get('/me/api-keys');
  t.ok(own.body.data.some(({ id }: Loose) => id === key.id));
  t.notMatch(JSON.stringify(own.body), /secret|sha256/);
  t.notOk(
    (await second.get('/me/api-keys')).body.data.some(({ id }: Loose) => id === key.id),
    'nobody else does',
  );
  t.equal((await second.post(`/me/api-keys/${key.id}/revoke`, { reason: 'not mine' })).status, 404);
  t.equal((await victim.post(`/me/api-keys/${key.id}/revoke`, { reason: 'not asked for' })).body.status, 'revoked');
  t.equal((await victim.post(`/me/api-keys/${key.id}/consent`, {}, { version: 2 })).status, 409, 'for good');
});

t.test(
  'no key takes a bank file, sees account numbers, or makes people and keys, whatever its owner may',
  async (t) => {
    const all = await api.as(['treasurer', 'admin', 'integration'], 'everything');
    const scopes = [
      'export:download',
      'bank_details:read',
      'user:create',
      'user:approve',
      'api_key:create',
      'api_key:revoke',
    ];
    const refused = await all.post('/api-keys', { name: 'Greedy', scopes });
    t.equal(refused.status, 422);
    t.equal(refused.body.errors.length, scopes.length);
  },
);

t.test('a key ends: after 366 days at most, with the password of its owner, and with their roles', async (t) => {
  const far = new Date(Date.now() + 367 * 86_400_000).toISOString();
  const long = await victim.get('/auth/me');
  t.equal(long.status, 200);
  t.equal((await attacker.post('/api-keys', { name: 'X', scopes: ['vendor:read'], expires_at: far })).status, 422);
  const owner = await api.as('admin', 'owner');
  const key = await make(owner, { scopes: ['vendor:read'] });
  t.ok(Date.parse(key.expires_at) <= Date.now() + 366 * 86_400_000);
  t.ok(await opens(key));
  await attacker.post(`/users/${owner.id}/reset-password`, {});
  t.notOk(await opens(key), 'a key of a stolen account does not outlive its reset');
});

t.test('a key consents to no key, and ends none', async (t) => {
  const owner = await api.as('admin', 'machines');
  const key = await make(owner, { scopes: ['vendor:read'] });
  const headers = { 'x-api-key': key.key, 'if-match': '"1"' };
  for (const action of ['consent', 'revoke']) {
    const url = `/api/v1/me/api-keys/${key.id}/${action}`;
    const reply = await api.raw('POST', url, { headers, payload: { reason: 'by a machine' } });
    t.equal(reply.body.code, 'auth.person-only', action);
  }
});

t.test('a second server knows of a revocation with the next request', async (t) => {
  const key = await make(attacker, { scopes: ['vendor:read'] });
  const other = await api.another();
  const elsewhere = caller(other, attacker.id, attacker.token);
  await elsewhere.post(`/api-keys/${key.id}/revoke`, { reason: 'leaked' });
  t.notOk(await opens(key));
});

t.test(
  'whoever makes a key for another is as barred by what it does as that person, also once it is revoked',
  async (t) => {
    const store = payables(api);
    const vendor = await store.vendor();
    const maker = await api.as(['admin', 'treasurer'], 'makes keys');
    const owner = await api.as('treasurer', 'owns the key');
    const apart = await api.as('treasurer', 'apart');
    const scopes = ['payment:create', 'payment:approve', 'payment:read'];
    const key = await make(maker, { scopes, owner_id: owner.id });
    const approval = await second.post(`/api-keys/${key.id}/approve`, {}, { version: 1 });
    const consent = await owner.post(`/me/api-keys/${key.id}/consent`, {}, { version: approval.body.version });
    t.equal(consent.body.status, 'active', JSON.stringify([approval.body, consent.body]));
    const byKey = async (): Promise<Loose> => {
      const { id: invoice_id } = await store.invoice(vendor.id);
      const made = await withKey(key.key, 'POST', '/payments', { invoice_id });
      if (made.status !== 201) throw new Error(JSON.stringify(made.body));
      return made.body;
    };
    const approve = (by: Caller, { id }: Loose) => by.post(`/payments/${id}/approve`, {}, { version: 1 });
    const waits = async (by: Caller, { id }: Loose): Promise<boolean> =>
      (await by.get('/approvals?limit=100')).body.data.some(({ entity_id }: Loose) => entity_id === id);
    const payment = await byKey();
    for (const hand of [maker, owner]) {
      t.notOk(await waits(hand, payment));
      t.equal((await approve(hand, payment)).body.code, 'payment.segregation-of-duties');
    }
    const account = await api.as(['admin', 'treasurer', 'vendor_manager'], 'x');
    t.ok(account.id);
    const own = (await maker.post('/payments', { invoice_id: (await store.invoice(vendor.id)).id })).body;
    const decided = await api.raw('POST', `/api/v1/payments/${own.id}/approve`, {
      headers: { 'x-api-key': key.key, 'if-match': '"1"' },
      payload: {},
    });
    t.match(
      decided,
      { status: 403, body: { code: 'payment.segregation-of-duties' } },
      'nor does the key decide for its maker',
    );
    const later = await byKey();
    t.equal((await owner.post(`/me/api-keys/${key.id}/revoke`, { reason: 'over' })).body.status, 'revoked');
    for (const hand of [maker, owner])
      t.equal((await approve(hand, later)).body.code, 'payment.segregation-of-duties', 'after the revocation');
    const byHand = (await owner.post('/payments', { invoice_id: (await store.invoice(vendor.id)).id })).body;
    t.equal((await approve(maker, byHand)).status, 200, 'what the owner did without the key is their own');
    t.equal((await approve(apart, payment)).status, 200);
  },
);

t.test('the owner and an administrator see on which day a key was used last', async (t) => {
  const owner = await api.as('admin', 'watches');
  const key = await make(owner, { scopes: ['vendor:read'] });
  t.equal((await attacker.get(`/api-keys/${key.id}`)).body.last_used_on, null);
  for (const _time of [1, 2, 3]) t.ok(await opens(key));
  const today = new Date().toISOString().slice(0, 10);
  const seen = async (): Promise<Loose[]> => [
    (await attacker.get(`/api-keys/${key.id}`)).body,
    ...['/me/api-keys', '/api-keys?limit=100'].map(async (path) =>
      (await owner.get(path)).body.data.find(({ id }: Loose) => id === key.id),
    ),
  ];
  for (const each of await Promise.all(await seen())) t.equal(each.last_used_on, today);
});
