import { createHmac } from 'node:crypto';
import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import t from 'tap';
import { decideRefresh, newSession, parseRefreshToken } from '../../../src/modules/auth/session.ts';
import { idSource } from '../../../src/shared/command.ts';
import { addressKey } from '../../../src/shared/http/client-address.ts';
import { permissionsOf, ROLES } from '../../../src/shared/permissions.ts';
import { caller, enrol, type Loose, TEST_PASSWORD, testApi } from '../../support/api.ts';
import { changeItem } from '../../support/stored-items.ts';

const api = await testApi(t, { TRUST_PROXY: '127.0.0.1/32', CORS_ORIGINS: 'https://erp.example' });
const production = await api.another({ secondAdmin: true });
const admin = await api.as('admin');
const emailOf = async (person: Loose): Promise<string> => (await api.dependencies.users.get(person.id)).email;
let address = 0;
/** Every call from an address of its own, unless one is given: failures are counted by address too. */
const auth = (path: string, payload: Loose, ip?: string) => {
  address += 1;
  return api.raw('POST', `/api/v1/auth/${path}`, {
    headers: { 'x-forwarded-for': ip ?? `10.0.${address >> 8}.${address & 255}` },
    payload,
  });
};
const signIn = (email: string, password = TEST_PASSWORD, ip?: string) => auth('token', { email, password }, ip);
const get = (path: string, token: string) =>
  api.raw('GET', `/api/v1${path}`, { headers: { authorization: `Bearer ${token}` } });
const post = (path: string, token: string, payload: Loose = {}) =>
  api.raw('POST', `/api/v1${path}`, { headers: { authorization: `Bearer ${token}` }, payload });

t.test('a person signs in, is told who they are, and signs out', async (t) => {
  const buyer = await api.as('buyer');
  const email = await emailOf(buyer);
  const signedIn = await signIn(email.toUpperCase());
  t.equal(signedIn.status, 200, JSON.stringify(signedIn.body));
  t.match(signedIn.body, { token_type: 'Bearer', expires_in: 300, password_change_required: false });
  t.equal(signedIn.headers['cache-control'], 'no-store');
  const { iat, exp } = JSON.parse(Buffer.from(signedIn.body.access_token.split('.')[1], 'base64url').toString());
  t.equal(exp - iat, 300, 'an access token lives 5 minutes');
  const me = await get('/auth/me', signedIn.body.access_token);
  t.match(me.body, { id: buyer.id, email, roles: ['buyer'], approval_limit: null, via: null });
  t.ok(me.body.permissions.includes('purchase_order:create'));
  t.notOk(me.body.permissions.includes('purchase_order:approve'));
  const { refresh_token } = signedIn.body;
  t.equal((await auth('logout', { refresh_token })).status, 204);
  t.equal((await auth('logout', { refresh_token })).status, 204, 'again is no error');
  t.equal((await auth('refresh', { refresh_token })).status, 401);
});

t.test('every role signs in', async (t) => {
  for (const role of ROLES) {
    const person = await api.as(role);
    const { status, body } = await signIn(await emailOf(person));
    t.equal(status, 200, role);
    t.same((await get('/auth/me', body.access_token)).body.roles, [role]);
  }
});

t.test('an unknown e-mail, a wrong password and a disabled user are refused alike', async (t) => {
  const { body: user } = await admin.post('/users', {
    email: 'gone@example.com',
    name: 'Gone',
    roles: ['buyer'],
  });
  await enrol(api, user.enrolment.token);
  await admin.post(`/users/${user.id}/disable`);
  const replies = [
    await signIn('nobody@example.com'),
    await signIn('gone@example.com'),
    await signIn(await emailOf(admin), 'not the password'),
  ];
  const told = replies.map(({ status, body: { code, detail, errors } }) => ({ status, code, detail, errors }));
  t.match(told[0], { status: 401, code: 'auth.invalid-credentials' });
  t.same(told[1], told[0]);
  t.same(told[2], told[0]);
});

t.test('a page of a listed origin may ask before it signs in', async (t) => {
  const preflight = await api.raw('OPTIONS', '/api/v1/auth/token', {
    headers: { origin: 'https://erp.example', 'access-control-request-method': 'POST' },
  });
  t.equal(preflight.status, 204);
  t.equal(preflight.headers['access-control-allow-origin'], 'https://erp.example');
});

t.test('a malformed sign-in is 400, and there is no dry run of one', async (t) => {
  t.equal((await auth('token', { email: 'a@example.com' })).status, 400);
  t.equal((await auth('token', { email: 5, password: 'x', more: 1 })).status, 400);
  t.equal(
    (await auth('token?dry_run=true', { email: 'a@example.com', password: 'x' })).body.code,
    'request.no-dry-run',
  );
  t.equal((await auth('refresh?dry_run=false', { refresh_token: 'x' })).body.code, 'request.no-dry-run');
});

t.test('forged, expired and foreign tokens are 401, never 500', async (t) => {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const now = Math.floor(Date.now() / 1000);
  const [realHeader = '', realPayload = '', realSignature = ''] = admin.token.split('.');
  const header = JSON.parse(Buffer.from(realHeader, 'base64url').toString());
  const claims = JSON.parse(Buffer.from(realPayload, 'base64url').toString());
  const signed = (head: object, payload: object, secret = String(api.config.secrets.jwtSecret)) => {
    const text = `${part(head)}.${part(payload)}`;
    return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
  };
  const raised = { ...claims, roles: ['admin', 'treasurer'] };
  const tokens: Record<string, string> = {
    empty: '',
    'no token at all': 'nonsense',
    'three empty parts': '..',
    'not JSON': 'a.b.c',
    'alg none': `${part({ alg: 'none', typ: 'JWT' })}.${part(raised)}.`,
    'alg none with our kid': `${part({ ...header, alg: 'none' })}.${part(raised)}.`,
    'another algorithm': signed({ ...header, alg: 'HS512' }, claims),
    'unknown kid': signed({ ...header, kid: 'unknown' }, claims),
    'kid of another type': signed({ ...header, kid: 5 }, claims),
    'no kid': signed({ alg: 'HS256', typ: 'JWT' }, claims),
    'another secret': signed(header, raised, 'another secret of the same length, at least'),
    'a changed payload': `${realHeader}.${part(raised)}.${realSignature}`,
    expired: signed(header, { ...claims, iat: now - 900, exp: now - 600 }),
    'another issuer': signed(header, { ...claims, iss: 'https://elsewhere.example' }),
    'no issuer': signed(header, { ...claims, iss: undefined }),
    'no roles': signed(header, { ...claims, roles: undefined }),
    'no subject': signed(header, { ...claims, sub: undefined }),
    'no expiry': signed(header, { ...claims, exp: undefined }),
    'a JWKS of its own': signed({ ...header, jku: 'https://elsewhere.example/jwks', kid: 'theirs' }, claims),
  };
  t.equal((await get('/users', signed(header, claims))).status, 200, 'the forger of this test forges well');
  for (const [name, token] of Object.entries(tokens)) {
    const read = await get('/users', token);
    t.equal(read.status, 401, name);
    t.match(read.body.code, /^auth\./, name);
    t.equal(read.headers['www-authenticate'], 'Bearer');
    t.equal((await post('/users', token)).status, 401, name);
  }
  t.equal((await get('/users', tokens['expired'] ?? '')).body.code, 'auth.expired');
  t.equal((await api.raw('GET', '/api/v1/users')).body.code, 'auth.missing');
  const basic = await api.raw('GET', '/api/v1/users', { headers: { authorization: 'Basic YTpi' } });
  t.equal(basic.status, 401);
  t.equal((await post('/users', signed(header, { ...claims, sub: 'usr_unknown' }))).body.code, 'auth.ended');
  t.notOk(
    api.log.some((line) => line.includes(realSignature)),
    'no token in the log',
  );
});

t.test('a refresh token is good once, and gives the same successor for a moment', async (t) => {
  const { body } = await signIn(await emailOf(await api.as('buyer')));
  const next = await auth('refresh', { refresh_token: body.refresh_token });
  t.equal(next.status, 200, JSON.stringify(next.body));
  t.not(next.body.refresh_token, body.refresh_token);
  t.equal((await get('/auth/me', next.body.access_token)).status, 200);
  const again = await auth('refresh', { refresh_token: body.refresh_token });
  t.equal(again.body.refresh_token, next.body.refresh_token);
});

t.test('of many refreshes at once all get the one successor', async (t) => {
  const { body } = await signIn(await emailOf(await api.as('buyer')));
  const replies = await Promise.all(
    Array.from({ length: 8 }, () => auth('refresh', { refresh_token: body.refresh_token })),
  );
  t.same(new Set(replies.map(({ status }) => status)), new Set([200]));
  t.equal(new Set(replies.map(({ body }) => body.refresh_token)).size, 1);
});

t.test('a refresh token used long after its successor was made ends the sign-in', async (t) => {
  const { body } = await signIn(await emailOf(await api.as('buyer')));
  const next = await auth('refresh', { refresh_token: body.refresh_token });
  const newest = await auth('refresh', { refresh_token: next.body.refresh_token });
  t.equal(newest.status, 200);
  const stolen = await auth('refresh', { refresh_token: body.refresh_token });
  t.match(stolen.body, { status: 401, code: 'auth.refresh-token-reused' });
  t.equal((await auth('refresh', { refresh_token: newest.body.refresh_token })).status, 401, 'for both');
});

t.test('an altered, foreign or over refresh token is refused', async (t) => {
  const { body } = await signIn(await emailOf(await api.as('buyer')));
  const [id = '', , signature = ''] = body.refresh_token.split('.');
  for (const token of ['x', `${id}.2.${signature}`, `${id}.1.${signature.replace(/^./, '_')}`, `${id}.1.`])
    t.equal((await auth('refresh', { refresh_token: token })).body.code, 'auth.invalid-refresh-token', token);
  t.equal((await auth('refresh', { refresh_token: body.refresh_token })).status, 200, 'and harms nobody');
  const over = await signIn(await emailOf(await api.as('buyer')));
  const session = over.body.refresh_token.split('.')[0];
  await changeItem(api.client, api.dynamo.names.sessions, session, (item) => ({ ...item, expires_at: 1 }));
  t.equal((await auth('refresh', { refresh_token: over.body.refresh_token })).body.code, 'auth.ended');
});

t.test('nothing a thief could use is stored', async (t) => {
  const { body } = await signIn(await emailOf(await api.as('buyer')));
  const [id, , signature] = body.refresh_token.split('.');
  const { Item: item } = await api.client.send(new GetCommand({ TableName: api.dynamo.names.sessions, Key: { id } }));
  t.match(item, { generation: '1' });
  t.notOk(JSON.stringify(item).includes(signature));
});

t.test('disabling, other roles and another password end every sign-in', async (t) => {
  const ways: Record<string, (id: string) => Promise<Loose>> = {
    disabling: (id) => admin.post(`/users/${id}/disable`),
    'other roles': (id) => admin.patch(`/users/${id}`, { roles: ['receiver'] }, { version: 1 }),
    'a reset password': (id) => admin.post(`/users/${id}/reset-password`, {}),
  };
  for (const [way, change] of Object.entries(ways)) {
    const person = await api.as('buyer', way);
    const { body } = await signIn(await emailOf(person));
    t.equal((await change(person.id)).status, 200, way);
    t.equal((await post('/users', body.access_token)).body.code, 'auth.ended', `${way}: commands`);
    t.equal((await auth('refresh', { refresh_token: body.refresh_token })).body.code, 'auth.ended', `${way}: refresh`);
  }
});

t.test('a person changes their password with the one they have', async (t) => {
  const person = await api.as('buyer', 'changing a password');
  const email = await emailOf(person);
  const { body: before } = await signIn(email);
  const change = (body: Loose) => person.post('/auth/password', body);
  t.match((await change({ current_password: 'wrong', password: 'another long sentence' })).body, {
    status: 403,
    code: 'auth.wrong-password',
    errors: [{ pointer: '#/current_password' }],
  });
  t.equal((await change({ current_password: TEST_PASSWORD, password: TEST_PASSWORD })).body.code, 'auth.same-password');
  t.equal((await change({ current_password: TEST_PASSWORD, password: 'abababababababab' })).status, 422);
  const changed = await change({ current_password: TEST_PASSWORD, password: 'another long sentence' });
  t.equal(changed.status, 200, JSON.stringify(changed.body));
  t.equal((await auth('refresh', { refresh_token: before.refresh_token })).status, 401);
  t.equal((await auth('refresh', { refresh_token: changed.body.refresh_token })).status, 200);
  t.not((await post('/users', changed.body.access_token)).status, 401);
  t.equal((await signIn(email)).status, 401);
  t.equal((await signIn(email, 'another long sentence')).status, 200);
});

t.test('a one-time password of earlier days opens nothing but its change', async (t) => {
  const { id } = await api.as('buyer', 'set by another');
  const { userRepository, unitOfWork } = api.dependencies;
  const actor = { id, roles: [], permissions: permissionsOf([]) };
  const command = { actor, now: new Date(), request_id: 'test', dryRun: false, ids: idSource() };
  await unitOfWork.run(command, async () => {
    const before = await userRepository.users.require(id);
    const draft = { ...before, password_one_time: true };
    const { entity, writes } = userRepository.users.update(command, before, draft, { action: 'password_reset' });
    return { result: entity, writes };
  });
  const signedIn = await signIn(await emailOf({ id }));
  t.equal(signedIn.body.password_change_required, true);
  const person = caller(production, id, signedIn.body.access_token);
  t.match((await person.get('/vendors')).body, { status: 403, code: 'auth.password-change-required' });
  t.equal((await person.post('/vendors', {})).body.code, 'auth.password-change-required');
  t.match((await person.get('/auth/me')).body, { id, password_one_time: true, suspended: false });
  const refreshed = await auth('refresh', { refresh_token: signedIn.body.refresh_token });
  t.equal(refreshed.body.password_change_required, true, 'refreshing is no way round');
  const change = { current_password: TEST_PASSWORD, password: 'my own long sentence' };
  const changed = await person.post('/auth/password', change);
  t.equal(changed.body.password_change_required, false);
  t.equal((await get('/vendors', changed.body.access_token)).status, 200);
});

t.test(
  'after 10 failures an account waits at that address, whether it exists or not, and nobody else does',
  async (t) => {
    const person = await api.as('buyer', 'forgetful');
    const email = await emailOf(person);
    const failing = (email: string) =>
      Promise.all(Array.from({ length: 14 }, () => signIn(email, 'not the password', '10.7.7.7')));
    for (const tried of [email, 'nobody.at.all@example.com']) {
      const statuses = (await failing(tried)).map(({ status }) => status);
      t.equal(statuses.filter((status) => status === 401).length, 10, tried);
      t.equal(statuses.filter((status) => status === 429).length, 4, 'also of many at once');
    }
    const right = await signIn(email, TEST_PASSWORD, '10.7.7.7');
    t.match(right.body, { status: 429, code: 'auth.too-many-failures' });
    const wait = Number(right.headers['retry-after']);
    t.ok(wait > 0 && wait <= 900);
    t.equal((await signIn(await emailOf(await api.as('buyer')), TEST_PASSWORD, '10.7.7.7')).status, 200);
    t.equal((await signIn(email)).status, 200, 'the person, somewhere else');
  },
);

t.test('success is not counted', async (t) => {
  const email = await emailOf(await api.as('receiver'));
  for (let n = 0; n < 12; n += 1) t.equal((await signIn(email, TEST_PASSWORD, '10.9.9.9')).status, 200);
});

t.test('an address waits after 100 failures, and a window that is over counts no more', async (t) => {
  const key = (kind: string, text: string) => `${kind}#${api.infrastructure.vault.sign('throttle', `${kind} ${text}`)}`;
  const window = (failures: number, expires_at: number) =>
    api.client.send(
      new PutCommand({
        TableName: api.dynamo.names.throttles,
        Item: { id: key('address', '10.8.8.8'), failures, expires_at },
      }),
    );
  const email = await emailOf(await api.as('receiver'));
  const now = Math.floor(Date.now() / 1000);
  await window(100, now + 100);
  const throttled = await signIn(email, TEST_PASSWORD, '10.8.8.8');
  t.equal(throttled.status, 429);
  t.ok(Number(throttled.headers['retry-after']) <= 100);
  t.equal((await signIn(email, TEST_PASSWORD, '10.8.8.9')).status, 200);
  await window(100, now - 1);
  t.equal((await signIn(email, TEST_PASSWORD, '10.8.8.8')).status, 200);
});

t.test('an IPv6 network counts as one address', (t) => {
  t.same(
    [
      '192.0.2.1',
      '::ffff:192.0.2.1',
      '2001:db8:1:2:3:4:5:6',
      '2001:db8:1:2::9',
      '2001:db8::1',
      '::1',
      'fe80::1%eth0',
      'unknown',
    ].map(addressKey),
    [
      '192.0.2.1',
      '192.0.2.1',
      '2001:db8:1:2::/64',
      '2001:db8:1:2::/64',
      '2001:db8:0:0::/64',
      '0:0:0:0::/64',
      'fe80:0:0:0::/64',
      'unknown',
    ],
  );
  t.end();
});

t.test('what a refresh token of a generation may do', (t) => {
  const made = new Date('2026-01-01T00:00:00Z');
  const session = { ...newSession({ id: 's' }, { id: 'u', auth_epoch: 1 }, made), generation: 5 };
  const after = (ms: number) => new Date(made.getTime() + ms);
  const cases = [
    [5, 0, 'rotate'],
    [4, 10_000, 'same_successor'],
    [4, 10_001, 'reused'],
    [3, 0, 'reused'],
    [6, 0, 'reused'],
    [5, 7 * 86_400_000 - 1, 'rotate'],
    [5, 7 * 86_400_000, 'over'],
  ] as const;
  for (const [generation, ms, verdict] of cases)
    t.equal(decideRefresh(session, generation, after(ms)), verdict, `${generation} after ${ms} ms`);
  t.equal(parseRefreshToken('a.b'), undefined);
  t.end();
});

t.test('sign-ins and refusals stand in the security log, without a password or e-mail', async (t) => {
  await api.dependencies.securityLog.drain();
  const page = { limit: 100, binding: { principal: '', query: '' } };
  const { data } = await api.dependencies.securityLog.list(new Date().toISOString().slice(0, 10), page);
  const all = JSON.stringify(data);
  t.notMatch(all, /example\.com|horse/);
  const kinds = new Set(data.map(({ kind }) => kind));
  for (const kind of ['signed_in', 'sign_in_refused', 'sign_in_throttled'] as const) t.ok(kinds.has(kind), kind);
});
