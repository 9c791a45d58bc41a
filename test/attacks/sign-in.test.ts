/** Somebody at the sign-in, with guesses, a stolen password or a stolen token, against a server with the rules of production. */
import { randomUUID } from 'node:crypto';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import t from 'tap';
import { caller, enrol, mailedToken, TEST_PASSWORD, type TestReply, testApi } from '../support/api.ts';
import { PRODUCTION, PRODUCTION_RULES } from '../support/production.ts';

t.setTimeout(300_000);
const api = await testApi(t, { ...PRODUCTION, TRUST_PROXY: '127.0.0.1/32' }, PRODUCTION_RULES);
const admin = await api.as('admin');
const second = await api.as('admin', 'second');
const emailOf = async ({ id }: { readonly id: string }): Promise<string> =>
  (await api.dependencies.users.get(id)).email;
let addresses = 0;
const newAddress = (): string => {
  addresses += 1;
  return `10.1.${addresses >> 8}.${addresses & 255}`;
};
const signIn = (email: string, password: string, ip: string = newAddress()) =>
  api.raw('POST', '/api/v1/auth/token', { headers: { 'x-forwarded-for': ip }, payload: { email, password } });
const guesses = (email: string, count: number, ip?: string) =>
  Promise.all(Array.from({ length: count }, () => signIn(email, 'not the password', ip)));
const counted = (replies: readonly TestReply[], status: number): number =>
  replies.filter((reply) => reply.status === status).length;

t.test('nobody has a password that is guessed first, and the link is still good for another one', async (t) => {
  const email = 'jane.doe@example.com';
  const invited = await admin.post('/users', { email, name: 'Jane Doe', roles: ['buyer'] });
  t.equal(invited.status, 201, JSON.stringify(invited.body));
  const token = mailedToken(api.letters, email);
  const guesses = [
    'Password1234',
    'P@SSW0RD 2026!',
    'summer2026summer',
    'Jane.Doe@Example.com',
    'doejane-2026',
    'erp-lite-2026',
  ];
  for (const password of [...guesses, ...guesses])
    t.match(
      (await enrol(api, token, password)).body,
      { status: 422, code: 'user.invalid', errors: [{ pointer: '#/password' }] },
      password,
    );
  t.equal((await enrol(api, token, 'a sentence of my own')).status, 200, 'a refused choice is no failed sign-in');
  const buyer = await api.as('buyer', 'chooses');
  for (const password of guesses.slice(0, 3))
    t.match(
      (await buyer.post('/auth/password', { current_password: TEST_PASSWORD, password })).body,
      { status: 422, code: 'user.invalid', errors: [{ pointer: '#/password' }] },
      password,
    );
});

t.test(
  'nobody locks an office out: who guesses from one address locks that address, and only for one account',
  async (t) => {
    const office = [await api.as('buyer', 'desk 1'), await api.as('buyer', 'desk 2')];
    for (const person of office) {
      const email = await emailOf(person);
      const replies = await guesses(email, 13, '203.0.113.7');
      t.same([counted(replies, 401), counted(replies, 429)], [10, 3], 'counted exactly, also all at once');
      t.equal((await signIn(email, TEST_PASSWORD, '203.0.113.7')).status, 429);
      t.equal((await signIn(email, TEST_PASSWORD, '198.51.100.1')).status, 200, 'at the office');
    }
  },
);

t.test('who guesses from many addresses is stopped for the account as a whole, to the guess', async (t) => {
  const victim = await api.as('treasurer', 'known to a botnet');
  const email = await emailOf(victim);
  // As if 95 of the 100 had been made.
  const account = `account#${api.infrastructure.vault.sign('throttle', `account ${email.toUpperCase()}`)}`;
  const expires_at = Math.floor(Date.now() / 1000) + 3000;
  const Item = { id: account, failures: 95, expires_at };
  await api.client.send(new PutCommand({ TableName: api.dynamo.names.throttles, Item }));
  const replies = await guesses(email, 9);
  t.same([counted(replies, 401), counted(replies, 429)], [5, 4]);
  const refused = await signIn(email, TEST_PASSWORD);
  t.match(refused, { status: 429, body: { code: 'auth.too-many-failures', detail: /administrator/ } });
  t.ok(Number(refused.headers['retry-after']) <= 3600);
  const reset = await admin.post(`/users/${victim.id}/reset-password`, {});
  t.equal(reset.status, 200, JSON.stringify(reset.body));
  const link = mailedToken(api.letters, email);
  t.equal((await enrol(api, link, 'a sentence of my own')).status, 200);
  t.equal(
    (await signIn(email, 'a sentence of my own')).status,
    200,
    'the reset that the text recommends ends the wait',
  );
});

t.test('a reset ends the wait at the address of the person too, for sign-ins and for links', async (t) => {
  const victim = await api.as('buyer', 'forgot it');
  const email = await emailOf(victim);
  await guesses(email, 10, '198.51.100.2');
  const enrolAt = (token: string, password: string) =>
    api.raw('POST', '/api/v1/auth/enrol', {
      headers: { 'x-forwarded-for': '198.51.100.2' },
      payload: { token, password },
    });
  const forged = `${victim.id}.${'x'.repeat(43)}`;
  for (let n = 0; n < 11; n += 1) await enrolAt(forged, 'a sentence of my own');
  t.equal((await enrolAt(forged, 'a sentence of my own')).status, 429, 'links are guessed no more than passwords');
  await admin.post(`/users/${victim.id}/reset-password`, {});
  t.equal((await enrolAt(mailedToken(api.letters, email), 'a sentence of my own')).status, 200);
  t.equal((await signIn(email, 'a sentence of my own', '198.51.100.2')).status, 200);
});

t.test('a sign-in that succeeds forgets the failures at that address, and nowhere else', async (t) => {
  const email = await emailOf(await api.as('buyer', 'mistypes'));
  for (let day = 0; day < 2; day += 1) {
    t.equal(counted(await guesses(email, 9, '198.51.100.3'), 401), 9);
    t.equal((await signIn(email, TEST_PASSWORD, '198.51.100.3')).status, 200);
  }
  await guesses(email, 10, '203.0.113.8');
  t.equal((await signIn(email, TEST_PASSWORD, '198.51.100.3')).status, 200);
  t.equal((await signIn(email, TEST_PASSWORD, '203.0.113.8')).status, 429);
});

t.test('a dry run of a reset ends no wait', async (t) => {
  const victim = await api.as('buyer', 'rehearsed');
  const email = await emailOf(victim);
  await guesses(email, 10, '203.0.113.9');
  t.equal((await admin.post(`/users/${victim.id}/reset-password?dry_run=true`, {})).status, 200);
  t.equal((await signIn(email, TEST_PASSWORD, '203.0.113.9')).status, 429);
  t.equal((await second.post(`/users/${victim.id}/reset-password`, {})).status, 200);
});

t.test(
  'after sign-out the access token gives no command, no bank details and no bank file, and other sign-ins go on',
  async (t) => {
    const person = await api.as(['treasurer', 'buyer'], 'shared computer');
    const email = await emailOf(person);
    const [left, kept] = [(await signIn(email, TEST_PASSWORD)).body, (await signIn(email, TEST_PASSWORD)).body];
    const stolen = caller(api.app, person.id, left.access_token);
    const other = caller(api.app, person.id, kept.access_token);
    const order = { vendor_id: `ven_${randomUUID()}`, lines: [] };
    t.not((await stolen.post('/purchase-orders', order)).status, 401, 'good until then');
    t.equal((await stolen.get('/payments')).status, 200);
    const logout = (refresh_token: string) => api.raw('POST', '/api/v1/auth/logout', { payload: { refresh_token } });
    t.equal((await logout(left.refresh_token)).status, 204);
    for (const path of ['/vendors', '/purchase-orders', '/payments', '/payment-batches', '/auth/password'])
      t.match((await stolen.post(path, {})).body, { status: 401, code: 'auth.ended' }, path);
    const batch = `/exports/pbt_${randomUUID()}/download`;
    for (const path of [batch, `/vendors/ven_${randomUUID()}/bank-accounts`, '/payments'])
      t.match((await stolen.get(path)).body, { status: 401, code: 'auth.ended' }, path);
    t.equal((await other.get('/payments')).status, 200);
    t.not((await other.post('/purchase-orders', order)).status, 401);
    const next = await api.raw('POST', '/api/v1/auth/refresh', { payload: { refresh_token: kept.refresh_token } });
    const refreshed = caller(api.app, person.id, next.body.access_token);
    t.equal((await logout(kept.refresh_token)).status, 204, 'also by a refresh token that was used');
    for (const each of [other, refreshed]) t.equal((await each.get('/payments')).status, 401);
  },
);

t.test('a refresh token that was used by somebody else ends the access tokens of both', async (t) => {
  const person = await api.as('treasurer', 'copied');
  const { body: first } = await signIn(await emailOf(person), TEST_PASSWORD);
  const refresh = (refresh_token: string) => api.raw('POST', '/api/v1/auth/refresh', { payload: { refresh_token } });
  const { body: next } = await refresh(first.refresh_token);
  const { body: newest } = await refresh(next.refresh_token);
  t.equal((await refresh(first.refresh_token)).body.code, 'auth.refresh-token-reused');
  for (const { access_token } of [first, next, newest])
    t.equal((await caller(api.app, person.id, access_token).post('/payments', {})).body.code, 'auth.ended');
});

t.test('a command reads the person and the sign-in in one round trip', async (t) => {
  const person = await api.as('buyer', 'frugal');
  const { body } = await signIn(await emailOf(person), TEST_PASSWORD);
  const signedIn = caller(api.app, person.id, body.access_token);
  // The first command in five minutes asks besides whether the person was read in their newest version.
  await signedIn.post('/purchase-orders', {});
  let sent = 0;
  const count = (next: (args: object) => Promise<object>) => (args: object) => {
    sent += 1;
    return next(args);
  };
  api.client.middlewareStack.add(count as never, { step: 'initialize', name: 'count' });
  t.equal((await signedIn.post('/purchase-orders', {})).status, 400);
  api.client.middlewareStack.remove('count');
  t.equal(sent, 1);
});
