/** Somebody with an account of their own at the identity provider, and somebody who administers one of the two sides, against a server with the rules of production. */
import type { FastifyInstance } from 'fastify';
import t from 'tap';
import type { OidcOptions } from '../../src/modules/oidc/index.ts';
import type { Role } from '../../src/shared/permissions.ts';
import { type Caller, caller, type Loose, mailedToken, type TestReply, testApi } from '../support/api.ts';
import {
  comeBack,
  cookieFrom,
  goToProvider,
  identityProvider,
  signInThere,
  signInThrough,
} from '../support/identity-provider.ts';
import { PRODUCTION, PRODUCTION_RULES } from '../support/production.ts';

t.setTimeout(300_000);
const provider = await identityProvider(t);
const oidc: OidcOptions = {
  ...provider.options,
  secondFactor: ['mfa'],
  roleClaim: 'groups',
  roles: { finance: ['treasurer'], warehouse: ['receiver'], bosses: ['admin'] },
};
const api = await testApi(t, PRODUCTION, { ...PRODUCTION_RULES, oidc });
const [one, two] = [await api.as('admin', 'one'), await api.as('admin', 'two')];
await api.as('admin', 'three');
const stored = (id: string) => api.dependencies.users.get(id);
const emailOf = async (id: string) => (await stored(id)).email;
let people = 0;
/** A person who signed in through the provider before. */
async function employed(roles: readonly Role[], claims: Record<string, unknown> = {}) {
  people += 1;
  const person = await api.as(roles, `employee ${people}`);
  const account = `employee-${people}`;
  const says = { email: await emailOf(person.id), email_verified: true, amr: ['pwd', 'mfa'], ...claims };
  await provider.account(account, says);
  return { person, account, says };
}
const again = async (account: string, says: Record<string, unknown>) => {
  await provider.account(account, says);
  const reply = await signInThrough(api, account);
  return { ...reply, as: (id: string): Caller => caller(api.app, id, reply.body.access_token) };
};
await provider.account('attacker', { email: 'attacker@example.com', email_verified: true, amr: ['mfa'] });
/** Another server, asked as the first one is. */
const asking =
  (app: FastifyInstance) =>
  async (method: string, url: string, { headers = {} }: Loose = {}): Promise<TestReply> => {
    const reply = await app.inject({ method: method as 'GET', url, headers });
    return { status: reply.statusCode, headers: reply.headers, body: reply.body === '' ? {} : reply.json() };
  };
const outsider = { status: 401, body: { code: 'auth.oidc-user', access_token: undefined } };
const notBegunHere = { status: 401, body: { code: 'auth.oidc-state' } };

t.test('an account at the provider alone opens nothing, whatever roles it claims', async (t) => {
  const claims = { email: 'attacker@example.com', email_verified: true, amr: ['mfa'], groups: ['bosses'] };
  await provider.account('attacker', claims);
  t.match(await signInThrough(api, 'attacker'), outsider);
  t.equal(await api.dependencies.users.findByEmail('attacker@example.com'), undefined);
});

t.test('the e-mail of another person in an account of mine does not make me that person', async (t) => {
  const { person, account, says } = await employed(['auditor']);
  const email = await emailOf(person.id);
  await provider.account('thief', { email, email_verified: false, amr: ['mfa'] });
  t.match(await signInThrough(api, 'thief'), outsider, 'entered, and not verified');
  t.equal((await again(account, says)).status, 200);
  await provider.account('thief', { email, email_verified: true, amr: ['mfa'] });
  t.match(await signInThrough(api, 'thief'), outsider, 'verified, after the person left the address');
});

t.test("a person made to open the attacker's sign-in does not end up as the attacker", async (t) => {
  const attacker = await employed(['receiver']);
  const theirs = await goToProvider(api, attacker.account);
  t.match(await comeBack(api, { ...theirs, cookie: '' }), notBegunHere, 'a browser that began none');
  const victims = cookieFrom(await api.raw('GET', '/api/v1/auth/oidc/login'));
  t.match(await comeBack(api, { ...theirs, cookie: victims }), notBegunHere, 'one that began another');
  const forged = theirs.cookie.replace(/.{4}$/, 'AAAA');
  t.match(await comeBack(api, { ...theirs, cookie: forged }), notBegunHere, 'one with a cookie that we did not make');
  t.match(await comeBack(api, { ...theirs, cookie: '__Host-p2p_oidc=%' }), notBegunHere);
});

t.test('a code of another sign-in is worth nothing, in whichever browser it is put', async (t) => {
  const victim = await employed(['receiver']);
  const stolen = await goToProvider(api, victim.account);
  const mine = await goToProvider(api, 'attacker');
  const query = new URLSearchParams(mine.query);
  query.set('code', new URLSearchParams(stolen.query).get('code') ?? '');
  t.match(await comeBack(api, { cookie: mine.cookie, query: `?${query}` }), {
    status: 401,
    body: { code: 'auth.oidc-code' },
  });
});

t.test('a callback is taken once, on whichever server, and no later than 10 minutes after it was begun', async (t) => {
  const { account } = await employed(['receiver']);
  const back = await goToProvider(api, account);
  const url = `/api/v1/auth/oidc/callback${back.query}`;
  const other = await api.another();
  const ask = () => other.inject({ method: 'GET', url, headers: { cookie: back.cookie } });
  const replies = await Promise.all([comeBack(api, back), ask(), ask()]);
  const statuses = replies.map((reply) => ('status' in reply ? reply.status : (reply as Loose).statusCode));
  t.same(statuses.toSorted(), [200, 401, 401]);
  t.match(await comeBack(api, back), notBegunHere);
  const late = await goToProvider(api, account);
  const query = new URLSearchParams(late.query);
  const answer = { query, cookies: late.cookie };
  const origin = { ip: '127.0.0.1', request_id: 'late', now: new Date(Date.now() + 601_000) };
  await t.rejects(api.dependencies.oidc.complete(answer, origin), { code: 'auth.oidc-state' });
});

t.test('an answer of another provider, or none, signs nobody in', async (t) => {
  const { account } = await employed(['receiver']);
  const { cookie, query } = await goToProvider(api, account);
  const changed = (change: (query: URLSearchParams) => void) => {
    const other = new URLSearchParams(query);
    change(other);
    return { cookie, query: `?${other}` };
  };
  t.match(
    await comeBack(
      api,
      changed((each) => each.delete('state')),
    ),
    notBegunHere,
  );
  t.match(
    await comeBack(
      api,
      changed((each) => each.set('iss', 'https://login.example.com')),
    ),
    {
      status: 401,
      body: { code: 'auth.oidc-token' },
    },
  );
  const refused = await goToProvider(api, account);
  const { searchParams } = new URL(`http://x${refused.query}`);
  const query2 = new URLSearchParams({ state: searchParams.get('state') ?? '', error: 'access_denied' });
  query2.set('iss', searchParams.get('iss') ?? '');
  t.match(await comeBack(api, { cookie: refused.cookie, query: `?${query2}` }), {
    status: 401,
    body: { code: 'auth.oidc-provider' },
  });
  const twice = await goToProvider(api, account);
  t.equal((await comeBack(api, { ...twice, query: `${twice.query}&code=again` })).status, 400);
});

t.test(
  'who stole the password of a treasurer at the provider lacks the second factor that guarded roles take',
  async (t) => {
    const { account, person, says } = await employed(['treasurer'], { groups: ['finance'] });
    for (const amr of [['pwd'], [], undefined, 'pwd'])
      t.match(await again(account, { ...says, amr }), {
        status: 403,
        body: { code: 'auth.oidc-second-factor-missing' },
      });
    t.same((await stored(person.id)).identities ?? [], [], 'nor is the account linked by such a sign-in');
    t.equal((await again(account, { ...says, amr: ['mfa'] })).status, 200);
    t.equal((await again(account, { ...says, amr: undefined, acr: 'mfa' })).status, 200);
    t.equal((await again(account, { ...says, amr: ['pwd'] })).status, 403);
  },
);

t.test(
  'the second factor of the provider is one for every command, refreshed or not, and ends with the account there',
  async (t) => {
    const strict = await api.another({ secondFactor: true });
    const { account, person } = await employed(['treasurer', 'vendor_manager'], { groups: ['finance'] });
    const vendor = { name: 'Paper Mill', email: 'a@mill.example', payment_terms: 'NET 30', currency: 'EUR' };
    const { body } = await signInThrough({ raw: asking(strict) }, account);
    t.match(body, { second_factor_required: false });
    const refreshed = await strict.inject({
      method: 'POST',
      url: '/api/v1/auth/refresh',
      payload: { refresh_token: body.refresh_token },
    });
    for (const token of [body.access_token, refreshed.json().access_token])
      t.equal((await caller(strict, person.id, token).post('/vendors', vendor)).status, 201);
    t.equal((await caller(strict, person.id, person.token).post('/vendors', vendor)).status, 403, 'a password alone');
    await one.post(`/users/${person.id}/unlink-identity`, { reason: 'left' });
    const { access_token } = refreshed.json();
    t.equal((await caller(strict, person.id, access_token).post('/vendors', vendor)).body.code, 'auth.ended');
  },
);

t.test('who administers the provider gives nobody a role that decides: another admin here confirms it', async (t) => {
  const { account, person, says } = await employed(['receiver'], { groups: ['warehouse'] });
  t.equal((await again(account, says)).status, 200);
  const promoted = await again(account, { ...says, groups: ['warehouse', 'finance', 'bosses'] });
  t.match((await promoted.as(person.id).get('/auth/me')).body, { roles: ['receiver'] });
  const { version, proposed } = await stored(person.id);
  t.match(proposed, { changes: { roles: ['receiver', 'admin', 'treasurer'] }, proposed_by: person.id });
  t.equal((await promoted.as(person.id).post(`/users/${person.id}/approve`, {}, { version })).status, 403);
  await again(account, { ...says, groups: ['warehouse', 'finance', 'bosses'] });
  t.equal((await stored(person.id)).version, version, 'the same claim proposes nothing new');
  t.equal((await one.post(`/users/${person.id}/approve`, {}, { version })).status, 200);
  t.same((await stored(person.id)).roles, ['receiver', 'admin', 'treasurer']);
});

t.test('who was proposed something by an admin does not get rid of it by signing in', async (t) => {
  const { account, person, says } = await employed(['receiver', 'vendor_manager'], { groups: ['warehouse'] });
  await one.post(`/users/${person.id}/reset-password`, {});
  await one.patch(`/users/${person.id}`, { roles: ['approver'] }, { version: 2 });
  await again(account, { ...says, groups: ['finance'] });
  t.match(await stored(person.id), {
    roles: ['vendor_manager'],
    proposed: { changes: { roles: ['approver'] }, proposed_by: one.id },
  });
});

t.test(
  'who lost a group at the provider loses the role at the next sign-in, and every other sign-in ends',
  async (t) => {
    const { account, person, says } = await employed(['treasurer'], { groups: ['finance'] });
    const before = await again(account, says);
    t.match((await before.as(person.id).get('/auth/me')).body, { roles: ['treasurer'] });
    const after = await again(account, { ...says, groups: [] });
    t.match((await after.as(person.id).get('/auth/me')).body, { roles: [] });
    t.match((await before.as(person.id).get('/payments')).body, { code: 'auth.ended' });
    const { refresh_token } = before.body;
    t.equal((await api.raw('POST', '/api/v1/auth/refresh', { payload: { refresh_token } })).status, 401);
  },
);

t.test('the last administrators lose no role by a claim: nobody would be left to put it right', async (t) => {
  const small = await testApi(t, PRODUCTION, { ...PRODUCTION_RULES, oidc });
  const admin = await small.as('admin', 'last');
  await small.as('admin', 'but one');
  const { email } = await small.dependencies.users.get(admin.id);
  await provider.account('last', { email, email_verified: true, amr: ['mfa'], groups: [] });
  t.match(await signInThrough(small, 'last'), { status: 409, body: { code: 'user.last-admins' } });
  t.same((await small.dependencies.users.get(admin.id)).roles, ['admin']);
});

t.test('guarded roles of the claim take effect at once only where the operator said so, resets apart', async (t) => {
  const trusting = await api.another({ oidc: { ...oidc, trustGuardedRoles: true } });
  const raw = asking(trusting);
  const { account, person, says } = await employed(['auditor'], { groups: ['finance'] });
  await provider.account(account, says);
  t.equal((await signInThrough({ raw }, account)).status, 200);
  t.same((await stored(person.id)).roles, ['auditor', 'treasurer']);
  await one.post(`/users/${person.id}/reset-password`, {});
  const reply = await signInThrough({ raw }, account);
  t.match((await caller(trusting, person.id, reply.body.access_token).get('/auth/me')).body, {
    roles: ['auditor'],
    suspended: true,
  });
});

t.test('one admin who unlinks a treasurer becomes nobody: the roles rest until another admin confirms', async (t) => {
  const { account, person, says } = await employed(['treasurer'], { groups: ['finance'] });
  const before = await again(account, says);
  const path = `/users/${person.id}`;
  t.equal((await one.post(`${path}/unlink-identity`, { reason: 'to take it over' })).status, 200);
  t.match((await before.as(person.id).get('/payments')).body, { code: 'auth.ended' });
  const email = await emailOf(person.id);
  await provider.account('attacker', { email, email_verified: true, amr: ['mfa'], groups: ['finance'] });
  t.match(await signInThrough(api, 'attacker'), outsider, 'the e-mail alone links no other account');
  await one.post(`${path}/reset-password`, {});
  const token = mailedToken(api.letters, email);
  const begun = await api.raw('POST', '/api/v1/auth/oidc/enrol', { payload: { token } });
  const back = await signInThere(begun.body.authorization_url, cookieFrom(begun), 'attacker');
  const stolen = await comeBack(api, back);
  t.match((await caller(api.app, person.id, stolen.body.access_token).get('/auth/me')).body, {
    roles: [],
    suspended: true,
  });
  const { version } = await stored(person.id);
  t.equal((await one.post(`${path}/confirm`, {}, { version })).status, 403);
  t.equal((await two.post(`${path}/confirm`, {}, { version })).status, 200);
  t.equal((await person.post(`/users/${one.id}/unlink-identity`, { reason: 'mine' })).status, 401);
});
