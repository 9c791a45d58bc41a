/** Somebody who has a person's password, or their session, against a server that asks guarded roles for a second factor, as production does. */
import { ScanCommand } from '@aws-sdk/client-dynamodb';
import { GetCommand } from '@aws-sdk/lib-dynamodb';
import t from 'tap';
import { type Caller, caller, enrol, type Json, mailedToken, TEST_PASSWORD, testApi } from '../support/api.ts';
import { PRODUCTION, PRODUCTION_RULES } from '../support/production.ts';
import { totpCode, withSecondFactor } from '../support/second-factor.ts';
import { changeItem } from '../support/stored-items.ts';

t.setTimeout(600_000);
const api = await testApi(
  t,
  { ...PRODUCTION, TRUST_PROXY: '127.0.0.1/32' },
  { ...PRODUCTION_RULES, secondFactor: true },
);
const admin = await withSecondFactor(api, await api.as('admin'));
const second = await withSecondFactor(api, await api.as('admin', 'second'));
const emailOf = async ({ id }: Pick<Caller, 'id'>): Promise<string> => (await api.dependencies.users.get(id)).email;
let addresses = 0;
const newAddress = (): string => {
  addresses += 1;
  return `10.2.${addresses >> 8}.${addresses & 255}`;
};
const signIn = async (person: Pick<Caller, 'id'>, more: Json = {}, ip: string = newAddress()) =>
  api.raw('POST', '/api/v1/auth/token', {
    headers: { 'x-forwarded-for': ip },
    payload: { email: await emailOf(person), password: TEST_PASSWORD, ...more },
  });
const wrongFor = (code: string): string => (code === '000000' ? '000001' : '000000');
const NEW_VENDOR = { name: 'Paper Mill', email: 'a@mill.example', payment_terms: 'NET 30', currency: 'EUR' };
const REQUIRED = { status: 401, code: 'auth.second-factor-required', errors: [{ pointer: '#/totp_code' }] };
const WRONG = { status: 401, code: 'auth.wrong-code' };

t.test('without a second factor whoever holds a guarded role signs in, decides nothing, and can set one', async (t) => {
  const person = await api.as(['vendor_manager', 'buyer'], 'new here');
  const { body } = await signIn(person);
  t.match(body, { second_factor_required: true });
  const before = caller(api.app, person.id, body.access_token);
  t.match((await before.get('/auth/me')).body, {
    roles: ['buyer'],
    second_factor: null,
    second_factor_required: true,
    suspended: false,
  });
  t.equal((await before.post('/vendors', NEW_VENDOR)).body.code, 'auth.permission-missing');
  t.not((await before.post('/purchase-orders', {})).status, 403, 'other roles act');
  const factor = await withSecondFactor(api, person);
  t.equal((await factor.person.post('/vendors', NEW_VENDOR)).status, 201);
  t.match((await factor.person.get('/auth/me')).body, {
    roles: ['vendor_manager', 'buyer'],
    second_factor: { kind: 'totp', recovery_codes_left: 10 },
    second_factor_required: false,
  });
  t.match((await before.post('/purchase-orders', {})).body, { status: 401, code: 'auth.ended' }, 'it ended the others');
  const refreshed = await api.raw('POST', '/api/v1/auth/refresh', { payload: { refresh_token: body.refresh_token } });
  t.equal(refreshed.body.code, 'auth.ended');
  const letter = api.letters.filter(({ text }) => text.includes('A second factor was set')).at(-1);
  t.equal(letter?.to, await emailOf(person), 'and the person is told');
  t.match((await admin.person.get(`/users/${person.id}`)).body, { second_factor: { kind: 'totp' } });
  const clerk = await signIn(await api.as('ap_clerk'));
  t.match(clerk.body, { second_factor_required: false }, 'other roles need none');
});

t.test('the secret is shown once and stands nowhere in the clear', async (t) => {
  const person = await api.as('treasurer', 'careful');
  const { secret, recovery_codes } = await withSecondFactor(api, person);
  const { users, audit_log } = api.dynamo.names;
  const { Item: item } = await api.client.send(new GetCommand({ TableName: users, Key: { id: person.id } }));
  const stored = item?.['second_factor'] as { secret: string };
  t.equal(stored.secret, secret, 'a read by the server decrypts it');
  const scan = (TableName: string) => api.dynamo.client.send(new ScanCommand({ TableName }));
  const [raw, events] = [await scan(users), await scan(audit_log)];
  const shown = await admin.person.get(`/users/${person.id}`);
  const everywhere = JSON.stringify([raw, events, shown.body, api.letters]) + api.log.join();
  for (const text of [secret, ...recovery_codes]) t.notOk(everywhere.includes(text));
});

t.test('nobody without the right password learns whether there is a second factor', async (t) => {
  const having = await withSecondFactor(api, await api.as('treasurer', 'has one'));
  const without = await api.as('buyer', 'has none');
  const tellable = async (person: Pick<Caller, 'id'>, more: Json) => {
    const { status, body } = await signIn(person, { password: 'not the password', ...more });
    return { status, code: body.code, detail: body.detail, errors: body.errors };
  };
  for (const more of [{}, { totp_code: having.code(1) }, { recovery_code: having.recovery_codes[0] }]) {
    const told = await tellable(having.person, more);
    t.match(told, { status: 401, code: 'auth.invalid-credentials' });
    t.same(await tellable(without, more), told);
  }
  t.match((await signIn(having.person)).body, REQUIRED);
  t.equal((await signIn(without, { totp_code: '123456' })).status, 200, 'a code too many is no error');
  t.equal((await signIn(having.person, { recovery_code: having.recovery_codes[0] })).status, 200, 'nor was it used');
});

t.test('a code is good once, in parallel too, and none before it is good any more', async (t) => {
  const { person, first, code, later } = await withSecondFactor(api, await api.as('treasurer', 'watched'));
  const other = await withSecondFactor(api, await api.as('treasurer', 'another'));
  t.match((await signIn(person, { totp_code: first })).body, WRONG, 'the first code was used to set it');
  t.match((await signIn(person, { totp_code: other.code(1) })).body, WRONG, 'of another person');
  const seen = code(1);
  const replies = await Promise.all(Array.from({ length: 6 }, () => signIn(person, { totp_code: seen })));
  t.same(replies.map(({ status }) => status).sort(), [200, 401, 401, 401, 401, 401]);
  await later();
  const shown = [-1, 0, 1].map(code);
  t.equal((await signIn(person, { totp_code: shown[2] })).status, 200);
  for (const totp_code of shown) t.match((await signIn(person, { totp_code })).body, WRONG);
  await later();
  for (const steps of [-3, 3]) t.match((await signIn(person, { totp_code: code(steps) })).body, WRONG, 'too far');
  t.equal((await signIn(person, { totp_code: code() })).status, 200);
  t.equal((await signIn(person, { totp_code: '12345' })).status, 400);
});

t.test('a recovery code is good once, however it is written, and renewing them takes password and code', async (t) => {
  const { person, recovery_codes, code, later } = await withSecondFactor(api, await api.as('treasurer', 'lost phone'));
  t.equal(new Set(recovery_codes).size, 10);
  const [first = '', next = '', last = ''] = recovery_codes;
  const replies = await Promise.all(Array.from({ length: 4 }, () => signIn(person, { recovery_code: first })));
  t.same(replies.map(({ status }) => status).sort(), [200, 401, 401, 401]);
  const written = ` ${next.toLowerCase().replaceAll('-', ' ')} `;
  t.equal((await signIn(person, { recovery_code: written })).status, 200);
  t.match((await signIn(person, { recovery_code: next })).body, WRONG);
  const used = api.letters.filter(({ text }) => text.includes('A recovery code was used'));
  t.equal(used.filter(({ to }) => to.includes('lost.phone')).length, 2, 'the person is told');
  t.match((await person.get('/auth/me')).body, { second_factor: { recovery_codes_left: 8 } });
  const renew = (body: Json) => person.post('/auth/second-factor/recovery-codes', body);
  t.equal((await renew({ current_password: 'wrong', totp_code: code(1) })).body.code, 'auth.wrong-password');
  t.match((await renew({ current_password: TEST_PASSWORD })).body, { ...REQUIRED, status: 403 });
  await later();
  const renewed = await renew({ current_password: TEST_PASSWORD, totp_code: code(1) });
  t.equal(renewed.body.recovery_codes.length, 10, JSON.stringify(renewed.body));
  t.match((await signIn(person, { recovery_code: last })).body, WRONG, 'those before are over');
  t.equal((await signIn(person, { recovery_code: renewed.body.recovery_codes[0] })).status, 200);
  const none = await api.as('buyer', 'without a factor');
  t.equal(
    (await none.post('/auth/second-factor/recovery-codes', { current_password: TEST_PASSWORD })).body.code,
    'auth.no-second-factor',
  );
});

t.test(
  'a second factor is replaced with a code of the one before only, and the one before is good until then',
  async (t) => {
    const old = await withSecondFactor(api, await api.as('treasurer', 'new phone'));
    const begin = (body: Json) => old.person.post('/auth/second-factor', { current_password: TEST_PASSWORD, ...body });
    t.equal(
      (await old.person.post('/auth/second-factor', { current_password: 'wrong' })).body.code,
      'auth.wrong-password',
    );
    t.match((await begin({})).body, { ...REQUIRED, status: 403 });
    t.match((await begin({ totp_code: wrongFor(old.code()) })).body, { ...WRONG, status: 403 });
    const confirm = (totp_code: string) => old.person.post('/auth/second-factor/confirm', { totp_code });
    t.equal((await confirm(old.code(1))).body.code, 'auth.no-second-factor-pending');
    await old.later();
    const begun = await begin({ totp_code: old.code() });
    t.equal(begun.status, 200, JSON.stringify(begun.body));
    t.match(begun.body.uri, /^otpauth:\/\/totp\/procure-to-pay:.*secret=/);
    const { secret } = begun.body;
    t.equal((await signIn(old.person, { totp_code: old.code(1) })).status, 200, 'the one before, until then');
    await old.later();
    t.match((await confirm(wrongFor(totpCode(secret)))).body, { ...WRONG, status: 403 });
    const confirmed = await confirm(totpCode(secret));
    t.equal(confirmed.status, 200, JSON.stringify(confirmed.body));
    t.equal((await old.person.post('/payments', {})).body.code, 'auth.ended');
    t.match((await signIn(old.person, { totp_code: old.code(1) })).body, WRONG);
    t.match((await signIn(old.person, { recovery_code: old.recovery_codes[0] })).body, WRONG);
    t.equal((await signIn(old.person, { totp_code: totpCode(secret, 1) })).status, 200);
    const fresh = await api.as('treasurer', 'too slow');
    await fresh.post('/auth/second-factor', { current_password: TEST_PASSWORD });
    await changeItem(api.client, api.dynamo.names.users, fresh.id, (item) => ({
      ...item,
      second_factor_pending: { ...(item['second_factor_pending'] as Json), expires_at: new Date(0).toISOString() },
    }));
    const late = await fresh.post('/auth/second-factor/confirm', { totp_code: '123456' });
    t.equal(late.body.code, 'auth.no-second-factor-pending');
  },
);

t.test(
  'who knows the password guesses 10 codes at an address and 20 a day, and a question without a code forgets none',
  async (t) => {
    const victim = await withSecondFactor(api, await api.as('treasurer', 'phished'));
    const wrong = { totp_code: wrongFor(victim.code()) };
    for (let n = 0; n < 9; n += 1) t.match((await signIn(victim.person, wrong, '203.0.113.1')).body, WRONG);
    t.match((await signIn(victim.person, {}, '203.0.113.1')).body, REQUIRED);
    t.match((await signIn(victim.person, wrong, '203.0.113.1')).body, WRONG);
    t.equal((await signIn(victim.person, wrong, '203.0.113.1')).status, 429);
    const replies = await Promise.all(Array.from({ length: 12 }, () => signIn(victim.person, wrong)));
    const statuses = replies.map(({ status }) => status);
    t.equal(statuses.filter((status) => status === 401).length, 10, 'exactly 20 in all');
    t.equal(statuses.filter((status) => status === 429).length, 2);
    await victim.later();
    t.equal((await signIn(victim.person, { totp_code: victim.code() })).status, 429, 'also the right one');
    const signedIn = await victim.person.post('/auth/second-factor', {
      current_password: TEST_PASSWORD,
      totp_code: victim.code(),
    });
    t.equal(signedIn.status, 429, 'through no other door');
    t.equal((await admin.person.post(`/users/${victim.person.id}/reset-password`, {})).status, 200);
    const link = mailedToken(api.letters, await emailOf(victim.person));
    t.equal((await enrol(api, link, 'a sentence of my own')).status, 200, 'a reset ends it');
  },
);

t.test(
  'a reset ends the second factor, and guarded roles rest until it is confirmed and another one is set',
  async (t) => {
    const victim = await withSecondFactor(api, await api.as('vendor_manager', 'reset'));
    const { id } = victim.person;
    const email = await emailOf(victim.person);
    await admin.person.post(`/users/${id}/reset-password`, {});
    const { body } = await enrol(api, mailedToken(api.letters, email), 'a sentence of my own');
    const back = caller(api.app, id, body.access_token);
    t.match((await back.get('/auth/me')).body, { second_factor: null, roles: [], suspended: true });
    const set = await withSecondFactor(api, victim.person, 'a sentence of my own');
    t.equal((await set.person.post('/vendors', NEW_VENDOR)).status, 403, 'by itself it gives nothing');
    const { version } = await api.dependencies.users.get(id);
    t.equal((await admin.person.post(`/users/${id}/confirm`, {}, { version })).status, 403);
    t.equal((await second.person.post(`/users/${id}/confirm`, {}, { version })).status, 200);
    t.equal((await set.person.post('/vendors', NEW_VENDOR)).status, 201);
  },
);

t.test('a stolen session without the password sets no second factor, and neither does an API key', async (t) => {
  const victim = await api.as('treasurer', 'left it open');
  const { body } = await signIn(victim);
  const stolen = caller(api.app, victim.id, body.access_token);
  t.equal((await stolen.post('/auth/second-factor', {})).status, 400);
  t.equal((await stolen.post('/auth/second-factor', { current_password: 'a guess' })).body.code, 'auth.wrong-password');
});

t.test('a key of an owner without a second factor lends no guarded role', async (t) => {
  const lenient = await api.another({ secondFactor: false, secondAdmin: false });
  const owner = await api.as(['integration', 'buyer'], 'machine room');
  const maker = caller(lenient, admin.person.id, admin.person.token);
  const made = await maker.post('/api-keys', {
    name: 'ERP',
    owner_id: owner.id,
    scopes: ['vendor:create', 'purchase_order:create'],
  });
  t.equal(made.status, 201, JSON.stringify(made.body));
  const by = (path: string, server = api.app) =>
    server.inject({ method: 'POST', url: `/api/v1${path}`, headers: { 'x-api-key': made.body.key }, payload: {} });
  t.equal((await by('/vendors', lenient)).statusCode, 400, 'where none is required');
  t.equal((await by('/vendors')).statusCode, 403);
  t.equal((await by('/purchase-orders')).statusCode, 400, 'what other roles of the owner allow');
  t.equal((await by('/auth/second-factor')).statusCode, 400);
  const setting = await api.app.inject({
    method: 'POST',
    url: '/api/v1/auth/second-factor',
    headers: { 'x-api-key': made.body.key },
    payload: { current_password: TEST_PASSWORD },
  });
  t.equal(setting.json().code, 'auth.person-only');
  await withSecondFactor(api, owner);
  t.equal((await by('/vendors')).statusCode, 400);
});

t.test('a change of the password keeps what the sign-in has shown', async (t) => {
  const { person } = await withSecondFactor(api, await api.as('vendor_manager', 'changes it'));
  const { body } = await person.post('/auth/password', {
    current_password: TEST_PASSWORD,
    password: 'a sentence of my own',
  });
  t.equal((await caller(api.app, person.id, body.access_token).post('/vendors', NEW_VENDOR)).status, 201);
});
