/** Signing in through an OpenID provider that runs as a process of its own. */
import t from 'tap';
import type { Infrastructure } from '../../src/dependencies.ts';
import { caller, enrol, type Loose, TEST_PASSWORD, type TestReply, testApi } from '../support/api.ts';
import {
  comeBack,
  cookieFrom,
  goToProvider,
  identityProvider,
  REDIRECT_URI,
  signInThere,
  signInThrough,
} from '../support/identity-provider.ts';
import { changeItem } from '../support/stored-items.ts';

t.setTimeout(300_000);
const MINUTE = 60_000;
let late = 0;
const provider = await identityProvider(t);
const infrastructure: Partial<Infrastructure> = { oidc: provider.options, oidcClock: () => Date.now() + late };
const api = await testApi(t, {}, infrastructure);
const admin = await api.as('admin');

let people = 0;
/** A person whom an administrator made, with an account at the provider of the same verified e-mail. */
async function hire(roles: readonly string[], claims: Record<string, unknown> = {}) {
  people += 1;
  const email = `person${people}@example.com`;
  const { body: user } = await admin.post('/users', { email, name: `Person ${people}`, roles });
  const account = `account-${people}`;
  const says = { email, email_verified: true, ...claims };
  await provider.account(account, says);
  return { user, account, email, says };
}
const stored = (id: string) => api.dependencies.users.get(id);
const refusedAs = (code: string) => ({ status: 401, body: { code: `auth.oidc-${code}`, access_token: undefined } });
const idOf = async (reply: TestReply): Promise<Loose> =>
  (await caller(api.app, '', reply.body.access_token).get('/auth/me')).body.id;

t.test('a person signs in with the verified e-mail that an admin entered, and is that user from then on', async (t) => {
  const { user, account } = await hire(['buyer']);
  const reply = await signInThrough(api, account);
  t.equal(reply.status, 200);
  const person = caller(api.app, user.id, reply.body.access_token);
  t.match((await person.get('/auth/me')).body, { id: user.id, roles: ['buyer'] });
  t.match(await stored(user.id), {
    identities: [{ issuer: provider.options.issuer, subject: account }],
    enrolment: null,
  });
  const token = user.enrolment.token;
  t.equal((await enrol(api, token)).status, 401, 'the link of the invitation is used');
  await provider.account(account, { email: 'another@example.com', email_verified: false });
  t.equal(await idOf(await signInThrough(api, account)), user.id, 'whatever becomes of the e-mail');
  const { data } = (await (await api.as('auditor')).get(`/audit?entity=user&entity_id=${user.id}`)).body;
  t.ok(data.some(({ action }: Loose) => action === 'identity_linked'));
  t.notMatch(JSON.stringify(data), account, 'the trail names nobody at the provider');
});

t.test('a sign-in through the provider can be refreshed and signed out, and ends after 12 hours', async (t) => {
  const { account } = await hire(['buyer']);
  const { body } = await signInThrough(api, account);
  const refreshed = await api.raw('POST', '/api/v1/auth/refresh', { payload: { refresh_token: body.refresh_token } });
  t.equal(refreshed.status, 200);
  const [id = ''] = String(body.refresh_token).split('.');
  await changeItem(api.client, api.dynamo.names.sessions, id, (item) => {
    const hours = (Number(item['expires_at']) - Date.now() / 1000) / 3600;
    t.ok(hours > 11.9 && hours <= 12, `${hours}`);
    return item;
  });
});

t.test('whoever signs in through the provider alone has no password that opens anything', async (t) => {
  const { account, email } = await hire(['buyer']);
  await signInThrough(api, account);
  const known = await api.raw('POST', '/api/v1/auth/token', { payload: { email, password: TEST_PASSWORD } });
  const nobody = await api.raw('POST', '/api/v1/auth/token', {
    payload: { email: 'nobody@example.com', password: TEST_PASSWORD },
  });
  const said = ({ status, body }: TestReply) => [status, body.code, body.detail];
  t.same(said(known), said(nobody));
});

t.test('nobody is made by signing in, nor linked by an e-mail that is not verified or only looks alike', async (t) => {
  const { user, email } = await hire(['buyer']);
  const cases: [string, Record<string, unknown>][] = [
    ['stranger', { email: 'stranger@example.com', email_verified: true }],
    ['unverified', { email, email_verified: false }],
    ['unsaid', { email }],
    ['as-text', { email, email_verified: 'true' }],
    ['look-alike', { email: email.replace('person', 'perſon'), email_verified: true }],
    ['spaces', { email: ` ${email}`, email_verified: true }],
    ['none', {}],
  ];
  for (const [account, claims] of cases) {
    await provider.account(account, claims);
    t.match(await signInThrough(api, account), refusedAs('user'), account);
  }
  t.same((await stored(user.id)).identities ?? [], []);
  await provider.account('capitals', { email: email.toUpperCase(), email_verified: true });
  t.equal(await idOf(await signInThrough(api, 'capitals')), user.id, 'ASCII letters in another case are the same');
});

t.test('a user has one account at the provider, and a disabled user none that opens anything', async (t) => {
  const { user, account, says } = await hire(['buyer']);
  await signInThrough(api, account);
  await provider.account('twin', says);
  t.match(await signInThrough(api, 'twin'), refusedAs('user'));
  await admin.post(`/users/${user.id}/disable`);
  t.match(await signInThrough(api, account), refusedAs('user'));
  t.match(await signInThrough(api, 'twin'), refusedAs('user'));
  await admin.post(`/users/${user.id}/enable`);
  t.equal((await signInThrough(api, account)).status, 200);
});

t.test('first sign-ins at the same moment link one account to one user', async (t) => {
  const { user, account, says } = await hire(['buyer']);
  await provider.account('rival', says);
  const same = await Promise.all([1, 2, 3, 4].map(() => goToProvider(api, account)));
  const rivals = await Promise.all([1, 2].map(() => goToProvider(api, 'rival')));
  const replies = await Promise.all([...same, ...rivals].map((each) => comeBack(api, each)));
  const { identities = [] } = await stored(user.id);
  t.equal(identities.length, 1);
  const [winner] = identities;
  const expected = [...same.map(() => account), ...rivals.map(() => 'rival')].map((each) =>
    each === winner?.subject ? 200 : 401,
  );
  t.same(
    replies.map(({ status }) => status),
    expected,
  );
  const { data } = (await (await api.as('auditor')).get(`/audit?entity=user&entity_id=${user.id}`)).body;
  t.equal(data.filter(({ action }: Loose) => action === 'identity_linked').length, 1);
});

t.test('an invitation is taken with an account of any e-mail, once', async (t) => {
  const { user } = await hire(['buyer']);
  await provider.account('private', { email: 'private@example.com', email_verified: true });
  const { token } = user.enrolment;
  const begin = () => api.raw('POST', '/api/v1/auth/oidc/enrol', { payload: { token } });
  const [first, second] = [await begin(), await begin()];
  t.equal(first.status, 200);
  t.notMatch(first.body.authorization_url, token, 'the token is in no address');
  const back = await signInThere(first.body.authorization_url, cookieFrom(first), 'private');
  t.equal(await idOf(await comeBack(api, back)), user.id);
  await provider.account('late', { email: 'late@example.com', email_verified: true });
  const late = await signInThere(second.body.authorization_url, cookieFrom(second), 'late');
  t.match(await comeBack(api, late), { status: 401, body: { code: 'auth.invalid-enrolment' } });
  t.match(await begin(), { status: 401, body: { code: 'auth.invalid-enrolment' } });
  const another = await hire(['buyer']);
  const payload = { token: another.user.enrolment.token };
  const taking = await api.raw('POST', '/api/v1/auth/oidc/enrol', { payload });
  const taken = await signInThere(taking.body.authorization_url, cookieFrom(taking), 'private');
  t.match(await comeBack(api, taken), { status: 409, body: { code: 'user.identity-taken' } });
  t.same((await stored(another.user.id)).identities ?? [], [], 'an account is of one user');
});

t.test('an unlinked account opens nothing, and no other is linked but by an invitation', async (t) => {
  const { user, account, says, email } = await hire(['buyer']);
  const { body } = await signInThrough(api, account);
  const path = `/users/${user.id}/unlink-identity`;
  t.equal((await admin.post(path, {})).status, 400, 'with a reason');
  t.match(await admin.post(path, { reason: 'left the directory' }), { status: 200, body: { identities: [] } });
  t.match((await caller(api.app, user.id, body.access_token).post('/purchase-orders', {})).body, {
    code: 'auth.ended',
  });
  t.match(await signInThrough(api, account), refusedAs('user'));
  await provider.account('successor', says);
  t.match(await signInThrough(api, 'successor'), refusedAs('user'));
  t.match(await admin.post(path, { reason: 'again' }), { status: 409, body: { code: 'user.no-identity' } });
  t.ok(api.letters.some(({ to, text }) => to === email && text.includes('unlinked')));
  const { token } = (await admin.post(`/users/${user.id}/reset-password`, {})).body.enrolment;
  const begun = await api.raw('POST', '/api/v1/auth/oidc/enrol', { payload: { token } });
  const back = await signInThere(begun.body.authorization_url, cookieFrom(begun), account);
  t.equal(await idOf(await comeBack(api, back)), user.id);
  t.equal(await idOf(await signInThrough(api, account)), user.id);
  t.equal((await admin.post(`/users/${admin.id}/unlink-identity`, { reason: 'mine' })).body.code, 'user.own-identity');
});

t.test('an ID token is taken only as the provider signs it for this server and this sign-in', async (t) => {
  const { account } = await hire(['buyer']);
  const now = Math.floor(Date.now() / 1000);
  const cases: [string, Parameters<typeof provider.tamper>[0]][] = [
    ['another nonce', { claims: { nonce: 'of another sign-in' } }],
    ['no nonce', { claims: { nonce: null } }],
    ['another audience', { claims: { aud: 'another server' } }],
    ['issued for another server, for us too', { claims: { aud: ['p2p', 'other'], azp: 'other' } }],
    ['for us among others, issued for nobody', { claims: { aud: ['p2p', 'other'] } }],
    ['issued for another server', { claims: { azp: 'other' } }],
    ['another issuer', { claims: { iss: 'https://login.example.com' } }],
    ['expired', { claims: { iat: now - 300, exp: now - 60 } }],
    ['issued long ago', { claims: { iat: now - 3600 } }],
    ['issued in the future', { claims: { iat: now + 3600 } }],
    ['no subject', { claims: { sub: null } }],
    ['a subject that is none', { claims: { sub: 'a'.repeat(256) } }],
    ['an unknown key', { kid: 'unknown' }],
    ['signed by somebody else', { signature: 'other key' }],
    ['not signed', { signature: 'none' }],
    ['signed with the public key as a secret', { signature: 'public' }],
  ];
  for (const [what, how] of cases) {
    await provider.tamper(how);
    t.match(await signInThrough(api, account), refusedAs('token'), what);
  }
  await provider.tamper(null);
  t.equal((await signInThrough(api, account)).status, 200);
});

t.test('new keys of the provider are taken, and unknown ones ask it no more than twice a minute', async (t) => {
  const { account } = await hire(['buyer']);
  await signInThrough(api, account);
  await provider.rotate();
  late += MINUTE;
  t.equal((await signInThrough(api, account)).status, 200, 'a key that was not known a moment ago');
  const asked = await provider.count('/jwks');
  for (const kid of ['a', 'b', 'c']) {
    await provider.tamper({ kid });
    t.match(await signInThrough(api, account), refusedAs('token'));
  }
  t.equal(await provider.count('/jwks'), asked);
  await provider.tamper(null);
  t.equal((await signInThrough(api, account)).status, 200);
});

t.test('a provider that is out of reach stops nobody else, and is found again when it is back', async (t) => {
  const { account } = await hire(['buyer']);
  const clerk = await hire(['ap_clerk']);
  await enrol(api, clerk.user.enrolment.token);
  await signInThrough(api, account);
  const underWay = await goToProvider(api, account);
  await provider.stop();
  const { status, body, headers } = await comeBack(api, underWay);
  t.match({ status, body }, { status: 503, body: { code: 'auth.oidc-unavailable' } });
  t.match(headers, { 'retry-after': /^\d+$/ });
  t.equal((await api.raw('GET', '/api/v1/auth/oidc/login')).status, 302, 'what was known of it is still known');
  const payload = { email: clerk.email, password: TEST_PASSWORD };
  t.equal((await api.raw('POST', '/api/v1/auth/token', { payload })).status, 200, 'passwords open as ever');
  const fresh = await api.another();
  const unknown = await fresh.inject({ method: 'GET', url: '/api/v1/auth/oidc/login' });
  t.equal(unknown.statusCode, 503, 'a server that started without it waits for it');
  t.equal((await fresh.inject({ method: 'GET', url: '/api/v1/auth/oidc' })).json().name, 'Example directory');
  late += 25 * 60 * MINUTE;
  t.equal((await api.raw('GET', '/api/v1/auth/oidc/login')).status, 503, 'but not for more than a day');
  await provider.start();
  await provider.account(account, { email: 'person@example.com' });
  late += MINUTE;
  t.equal((await signInThrough(api, account)).status, 200);
  t.equal((await fresh.inject({ method: 'GET', url: '/api/v1/auth/oidc/login' })).statusCode, 302);
});

t.test('a provider that answers with anything else than it should is out of reach', async (t) => {
  const { account } = await hire(['buyer']);
  for (const how of ['error', 'redirect', 'large', 'garbage'] as const) {
    await provider.fail('/token', how);
    t.match(await signInThrough(api, account), { status: 503, body: { code: 'auth.oidc-unavailable' } }, how);
    t.equal(await provider.count('/elsewhere'), 0, 'nor is it followed anywhere');
  }
  await provider.fail('/token', null);
  late += 11 * MINUTE;
  for (const how of ['error', 'redirect', 'large', 'garbage'] as const) {
    await provider.fail('/jwks', how);
    t.equal((await signInThrough(api, account)).status, 200, `keys of a moment ago do, though the next are ${how}`);
    late += MINUTE;
  }
  await provider.fail('/jwks', null);
  await api.dependencies.securityLog.drain();
  const log = (await (await api.as('auditor')).get('/audit/security?limit=100')).body.data;
  t.ok(log.some(({ kind, detail }: Loose) => kind === 'identity_provider_lost' && detail !== null));
});

t.test('what the provider publishes makes the server call no address of another kind', async (t) => {
  await provider.publish({ token_endpoint: 'http://169.254.169.254/latest/meta-data' });
  late += 61 * MINUTE;
  const { account } = await hire(['buyer']);
  t.match(await signInThrough(api, account), { status: 503, body: { code: 'auth.oidc-unavailable' } });
  await provider.publish({});
  late += 61 * MINUTE;
  t.equal((await signInThrough(api, account)).status, 200);
});

t.test('the cookie of a sign-in is for this host, this browser and 10 minutes', async (t) => {
  const begun = await api.raw('GET', '/api/v1/auth/oidc/login');
  t.match(begun.headers, {
    'set-cookie': /^__Host-p2p_oidc=[\w-]+; Path=\/; HttpOnly; SameSite=Lax; Max-Age=600; Secure$/,
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
  });
  const url = new URL(String(begun.headers.location));
  t.match(Object.fromEntries(url.searchParams), {
    redirect_uri: REDIRECT_URI,
    response_type: 'code',
    code_challenge_method: 'S256',
    scope: 'openid email groups',
  });
  for (const name of ['state', 'nonce', 'code_challenge']) t.ok((url.searchParams.get(name) ?? '').length >= 43, name);
  const { account } = await hire(['buyer']);
  const done = await signInThrough(api, account);
  t.match(done.headers, { 'set-cookie': /^__Host-p2p_oidc=; Path=\/; .*Max-Age=0/ });
  t.notMatch(api.log.join(), /state=|code=/, 'no log has a code');
});

t.test('the provider is public by its name, and a server without one says so', async (t) => {
  t.same((await api.raw('GET', '/api/v1/auth/oidc')).body, {
    name: 'Example directory',
    login_path: '/api/v1/auth/oidc/login',
  });
  const alone = await api.another({ oidc: undefined });
  const ask = async (method: 'GET' | 'POST', path: string, payload?: object) =>
    (await alone.inject({ method, url: `/api/v1/auth/oidc${path}`, ...(payload && { payload }) })).json();
  t.same(await ask('GET', ''), { name: null, login_path: null });
  for (const [method, path] of [
    ['GET', '/login'],
    ['GET', '/callback?state=a&code=b'],
    ['POST', '/enrol'],
  ] as const)
    t.match(await ask(method, path, method === 'POST' ? { token: 'a' } : undefined), {
      status: 404,
      code: 'auth.oidc-not-configured',
    });
});

t.test('roles of a mapped claim are given and taken at the next sign-in; others stay ours', async (t) => {
  const roles = { buyers: ['buyer'], warehouse: ['receiver', 'ap_clerk'] } as const;
  const mapped = await testApi(t, {}, { oidc: { ...provider.options, roleClaim: 'groups', roles } });
  const boss = await mapped.as('admin');
  const { body: user } = await boss.post('/users', { email: 'mapped@example.com', name: 'M', roles: ['auditor'] });
  const says = { email: 'mapped@example.com', email_verified: true };
  const signIn = async (groups: unknown, rest = {}) => {
    await provider.account('mapped', { ...says, groups, ...rest });
    const reply = await signInThrough(mapped, 'mapped');
    return { ...reply, person: caller(mapped.app, user.id, reply.body.access_token) };
  };
  const rolesNow = async () => (await boss.get(`/users/${user.id}`)).body.roles.toSorted();
  const first = await signIn(['buyers', 'strangers']);
  t.same(await rolesNow(), ['auditor', 'buyer']);
  const epoch = (await mapped.dependencies.users.get(user.id)).auth_epoch;
  t.equal((await signIn(['strangers', 'buyers'])).status, 200);
  t.equal((await mapped.dependencies.users.get(user.id)).auth_epoch, epoch, 'the same roles end nothing');
  t.match((await first.person.post('/purchase-orders', {})).status, 400, 'and the sign-in before goes on');
  const second = await signIn('warehouse');
  t.same(await rolesNow(), ['ap_clerk', 'auditor', 'receiver']);
  t.equal(
    (await first.person.post('/purchase-orders', {})).body.code,
    'auth.ended',
    'what was signed in before is over',
  );
  t.equal((await signIn(undefined)).status, 200);
  t.same(await rolesNow(), ['auditor'], 'a claim that is not there gives nothing');
  t.equal((await second.person.post('/purchase-orders', {})).body.code, 'auth.ended');
  for (const groups of [5, [5], { buyers: true }, Array.from({ length: 1001 }, String)])
    t.match(await signIn(groups), refusedAs('token'), 'a claim that is no list');
  t.match(await signIn(undefined, { _claim_names: { groups: 'src1' } }), refusedAs('token'), 'nor one by reference');
  const { data } = (await (await mapped.as('auditor')).get(`/audit?entity=user&entity_id=${user.id}`)).body;
  t.equal(data.filter(({ action }: Loose) => action === 'roles_by_claim').length, 3);
});
