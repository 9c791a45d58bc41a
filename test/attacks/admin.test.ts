/** One administrator against a server with the rules of production: what they alone can take over, and what they cannot. */
import t from 'tap';
import { ensureTwoAdmins } from '../../src/modules/users/index.ts';
import type { Letter } from '../../src/shared/mail/mail.ts';
import type { Role } from '../../src/shared/permissions.ts';
import { type Caller, caller, enrol, type Loose, mailedToken, TEST_PASSWORD, testApi } from '../support/api.ts';
import { PRODUCTION, PRODUCTION_RULES } from '../support/production.ts';

t.setTimeout(300_000);
const api = await testApi(t, PRODUCTION, PRODUCTION_RULES);
const attacker = await api.as('admin', 'attacker');
const second = await api.as('admin', 'second');
const third = await api.as('admin', 'third');
let people = 0;
const hire = (...roles: Role[]): Promise<Caller> => {
  people += 1;
  return api.as(roles, `victim ${people}`);
};
const stored = (id: string) => api.dependencies.users.get(id);
const emailOf = async (id: string): Promise<string> => (await stored(id)).email;
const signIn = async (id: string, password = TEST_PASSWORD): Promise<Caller> => {
  const { body } = await api.raw('POST', '/api/v1/auth/token', { payload: { email: await emailOf(id), password } });
  return caller(api.app, id, body.access_token);
};
/** As the person does who reads the mail. */
const enrolledAgain = async (id: string, password: string): Promise<Caller> => {
  const { status, body } = await enrol(api, mailedToken(api.letters, await emailOf(id)), password);
  if (status !== 200) throw new Error(JSON.stringify(body));
  return caller(api.app, id, body.access_token);
};
const newVendor = { name: 'Paper Mill', email: 'a@mill.example', payment_terms: 'NET 30', currency: 'EUR' };

t.test('an administrator cannot choose the password of another, nor see the link by which it is chosen', async (t) => {
  const invited = { email: 'treasurer@example.com', name: 'Treasurer', roles: ['buyer'] };
  t.equal((await attacker.post('/users', { ...invited, password: 'chosen by the attacker' })).status, 400);
  const created = await attacker.post('/users', invited);
  t.match(created, { status: 201, body: { enrolment: { token: null } } });
  const victim = await hire('treasurer');
  t.equal((await attacker.post(`/users/${victim.id}/reset-password`, { password: 'chosen by me, too' })).status, 400);
  const reset = await attacker.post(`/users/${victim.id}/reset-password`, {});
  t.match(reset, { status: 200, body: { enrolment: { token: null } } });
  const seen = JSON.stringify([created, reset, await attacker.get(`/users/${victim.id}`)]);
  for (const address of [invited.email, await emailOf(victim.id)]) {
    const token = mailedToken(api.letters, address);
    t.notMatch(seen, token.split('.')[1] ?? '');
    t.notMatch(api.log.join(), token.split('.')[1] ?? '', 'nor does the log have it');
    t.notMatch(JSON.stringify(await stored(token.split('.')[0] ?? '')), token.split('.')[1] ?? '', 'nor the table');
  }
});

t.test('a reset by one administrator, even with the mailbox of the victim, gives no decision', async (t) => {
  const victim = await hire('buyer', 'treasurer', 'vendor_manager');
  t.equal((await victim.post('/vendors', newVendor)).status, 201, 'the victim acts');
  await attacker.post(`/users/${victim.id}/reset-password`, {});
  t.match((await victim.post('/vendors', newVendor)).body, { code: 'auth.ended' });
  const stolen = await enrolledAgain(victim.id, 'chosen by the attacker');
  t.match((await stolen.get('/auth/me')).body, { roles: ['buyer'], suspended: true });
  t.match((await stolen.post('/vendors', newVendor)).body, { code: 'auth.permission-missing' });
  t.match((await (await signIn(victim.id, 'chosen by the attacker')).post('/vendors', newVendor)).body, {
    code: 'auth.permission-missing',
  });
  const { version } = await stored(victim.id);
  for (const hand of [attacker, stolen])
    t.equal((await hand.post(`/users/${victim.id}/confirm`, {}, { version })).status, 403, 'their own confirmation');
  t.equal((await attacker.post(`/users/${victim.id}/disable`)).status, 200, 'one may stop a treasurer');
  t.match((await attacker.post(`/users/${victim.id}/enable`)).body, {
    status: 'disabled',
    proposed: { changes: { status: 'active' } },
  });
});

t.test(
  'a second administrator confirms a reset once the person has a password, and only then do they decide',
  async (t) => {
    const victim = await hire('vendor_manager');
    await attacker.post(`/users/${victim.id}/reset-password`, {});
    const confirm = async (by: Caller) =>
      by.post(`/users/${victim.id}/confirm`, {}, { version: (await stored(victim.id)).version });
    t.match((await confirm(second)).body, { code: 'user.not-enrolled' });
    const back = await enrolledAgain(victim.id, 'a sentence of my own');
    t.equal((await second.post(`/users/${victim.id}/confirm`, {})).status, 428);
    t.match(await confirm(second), { status: 200, body: { suspended: null } });
    t.equal((await back.post('/vendors', newVendor)).status, 201);
    const told = api.letters.filter(({ text }) => text.includes('confirmed the reset')).map(({ to }) => to);
    t.same(told, [await emailOf(victim.id)]);
  },
);

t.test('roles given after a reset rest as well, until another administrator confirmed it', async (t) => {
  const victim = await hire('buyer');
  await attacker.post(`/users/${victim.id}/reset-password`, {});
  const stolen = await enrolledAgain(victim.id, 'chosen by the attacker');
  const { version } = await stored(victim.id);
  const proposed = await attacker.patch(`/users/${victim.id}`, { roles: ['vendor_manager'] }, { version });
  await second.post(`/users/${victim.id}/approve`, {}, { version: proposed.body.version });
  const again = await signIn(stolen.id, 'chosen by the attacker');
  t.match((await again.get('/auth/me')).body, { roles: [], suspended: true });
  t.equal((await again.post('/vendors', newVendor)).status, 403);
});

t.test(
  'an administrator who resets another one does not become them, and cannot approve their own proposals',
  async (t) => {
    const [one, two] = [await api.as('admin', 'evil'), await api.as('admin', 'good')];
    t.equal((await one.post(`/users/${two.id}/reset-password`, {})).status, 200);
    const stolen = await enrolledAgain(two.id, 'chosen by the attacker');
    const created = await one.post('/users', { email: 'mule@example.com', name: 'Mule', roles: ['treasurer'] });
    t.match(created.body, { roles: [], proposed: { proposed_by: one.id } });
    for (const hand of [one, stolen])
      t.equal((await hand.post(`/users/${created.body.id}/approve`, {}, { version: 1 })).status, 403);
  },
);

t.test('nobody changes their own rights alone, not even to a role that decides nothing', async (t) => {
  const own = await api.as('admin', 'ambitious');
  const path = `/users/${own.id}`;
  for (const body of [{ roles: ['admin', 'ap_clerk'] }, { approval_limit: { amount: '9', currency: 'EUR' } }]) {
    const { version } = await stored(own.id);
    const changed = await own.patch(path, body, { version });
    t.match(changed.body, { roles: ['admin'], approval_limit: null, proposed: { proposed_by: own.id } });
  }
  const { version } = await stored(own.id);
  t.equal((await own.post(`${path}/approve`, {}, { version })).status, 403);
  t.equal((await own.post(`/users/${own.id}/reset-password`, {})).body.code, 'user.own-password');
});

t.test('one administrator ends no other, and the other does not keep it from being decided', async (t) => {
  const victim = await api.as('admin', 'about to go');
  const path = `/users/${victim.id}`;
  t.match((await attacker.post(`${path}/disable`)).body, {
    status: 'active',
    proposed: { changes: { status: 'disabled' } },
  });
  const { version } = await stored(victim.id);
  t.equal((await attacker.post(`${path}/approve`, {}, { version })).status, 403);
  t.equal((await victim.post(`${path}/reject`, { reason: 'no' })).status, 403);
  t.equal((await victim.patch(path, { roles: [] }, { version })).body.code, 'user.proposal-pending');
  t.match((await attacker.patch(path, { roles: ['buyer'] }, { version })).body, { roles: ['admin'], proposed: {} });
  const now = (await stored(victim.id)).version;
  t.match((await second.post(`${path}/approve`, {}, { version: now })).body, { roles: ['buyer'], proposed: null });
});

t.test('once there are two administrators two stay, also when two are ended at the same moment', async (t) => {
  const small = await testApi(t, PRODUCTION, PRODUCTION_RULES);
  const [a, b, c, d] = [
    await small.as('admin', 'a'),
    await small.as('admin', 'b'),
    await small.as('admin', 'c'),
    await small.as('admin', 'd'),
  ];
  const proposal = async (by: Caller, of: Caller): Promise<number> =>
    (await by.post(`/users/${of.id}/disable`)).body.version;
  const [ofC, ofD] = [await proposal(a, c), await proposal(a, d)];
  const replies = await Promise.all([
    b.post(`/users/${c.id}/approve`, {}, { version: ofC }),
    b.post(`/users/${d.id}/approve`, {}, { version: ofD }),
  ]);
  t.same(
    replies.map(({ status }) => status),
    [200, 200],
    'four become two',
  );
  const ofA = await proposal(b, a);
  const third = await small.as('admin', 'third');
  t.match(await third.post(`/users/${a.id}/approve`, {}, { version: ofA }), { status: 200 }, 'three become two');
  const ofB = await proposal(third, b);
  t.match((await third.post(`/users/${b.id}/approve`, {}, { version: ofB })).body, { status: 403 });
  const gone = await small.dependencies.users.activeWithRole('admin');
  t.equal(gone.length, 2);
  const fresh = await small.as('admin', 'rests');
  await third.post(`/users/${fresh.id}/reset-password`, {});
  t.match(
    (await b.post(`/users/${third.id}/disable`)).body,
    { proposed: { changes: { status: 'disabled' } } },
    'an administrator whose password was reset does not count',
  );
  const ofThird = (await small.dependencies.users.get(third.id)).version;
  const late = await small.as('buyer', 'late');
  t.equal((await late.post(`/users/${third.id}/approve`, {}, { version: ofThird })).status, 403);
  const helper = await small.as('admin', 'helper');
  t.match((await helper.post(`/users/${third.id}/approve`, {}, { version: ofThird })).body.status, 'disabled');
  t.match(
    await (async () => {
      const version = await proposal(helper, b);
      const outsider = await small.as('admin', 'outsider');
      await outsider.post(`/users/${helper.id}/reset-password`, {});
      return outsider.post(`/users/${b.id}/approve`, {}, { version });
    })(),
    { status: 409, body: { code: 'user.last-admins' } },
  );
});

t.test('two administrators who reset each other at the same moment do not both lose their office', async (t) => {
  const small = await testApi(t, PRODUCTION, PRODUCTION_RULES);
  const [a, b] = [await small.as('admin', 'a'), await small.as('admin', 'b')];
  const replies = await Promise.all([
    a.post(`/users/${b.id}/reset-password`, {}),
    b.post(`/users/${a.id}/reset-password`, {}),
  ]);
  t.equal(replies.filter(({ status }) => status === 200).length, 1, JSON.stringify(replies.map(({ body }) => body)));
});

t.test('of two administrators who resets the other brings them back only with somebody who approves', async (t) => {
  const small = await testApi(t, PRODUCTION, PRODUCTION_RULES);
  const [evil, good] = [await small.as('admin', 'evil'), await small.as('admin', 'good')];
  const [treasurer, buyer] = [await small.as('treasurer'), await small.as('buyer')];
  const tired = await small.as('approver', 'reset as well');
  for (const each of [tired, good]) await evil.post(`/users/${each.id}/reset-password`, {});
  const { email } = await small.dependencies.users.get(good.id);
  const { body } = await enrol(small, mailedToken(small.letters, email), 'chosen by the attacker');
  const stolen = caller(small.app, good.id, body.access_token);
  const link = mailedToken(small.letters, (await small.dependencies.users.get(tired.id)).email);
  const again = await enrol(small, link, 'a sentence of my own');
  const resting = caller(small.app, tired.id, again.body.access_token);
  const confirm = async (by: Caller, of = good) =>
    by.post(`/users/${of.id}/confirm`, {}, { version: (await small.dependencies.users.get(of.id)).version });
  const refused = await confirm(evil);
  t.match(refused.body, { status: 403, code: 'user.segregation-of-duties', detail: /treasurer/ }, 'it says who can');
  for (const by of [stolen, buyer, resting]) t.equal((await confirm(by)).status, 403);
  t.equal((await treasurer.post(`/users/${good.id}/approve`, {}, { version: 1 })).status, 403, 'and nothing else');
  t.equal((await treasurer.post(`/users/${buyer.id}/reset-password`, {})).status, 403);
  const replies = await Promise.all([confirm(treasurer), confirm(treasurer)]);
  t.same(replies.map(({ status }) => status).sort(), [200, 412]);
  t.equal((await confirm(treasurer, tired)).body.code, 'user.administrator-confirms', 'there is one again');
  const back = await small.raw('POST', '/api/v1/auth/token', {
    payload: { email, password: 'chosen by the attacker' },
  });
  t.equal((await confirm(caller(small.app, good.id, back.body.access_token), tired)).status, 200);
});

t.test('the person is told of what an administrator does to them', async (t) => {
  const victim = await hire('buyer');
  const to = await emailOf(victim.id);
  await attacker.patch(`/users/${victim.id}`, { roles: ['buyer', 'treasurer'] }, { version: 1 });
  await second.post(`/users/${victim.id}/approve`, {}, { version: 2 });
  await attacker.post(`/users/${victim.id}/disable`);
  const { name } = await stored(attacker.id);
  const told = api.letters.filter((letter) => letter.to === to).map(({ text }) => text);
  t.equal(told.length, 3);
  t.match(told, [/was proposed/, /were changed/, /was disabled/]);
  t.match(told[0], `By: ${name}`);
});

t.test('a letter that is lost undoes nothing, and the security log tells', async (t) => {
  const failing = await testApi(t, PRODUCTION, {
    ...PRODUCTION_RULES,
    mail: { send: async () => Promise.reject(new TypeError('no mail today')) },
  });
  const admin = await failing.as('admin');
  const created = await admin.post('/users', { email: 'lost@example.com', name: 'Lost', roles: ['buyer'] });
  t.equal(created.status, 201);
  await failing.dependencies.securityLog.drain();
  const page = { limit: 100, binding: { principal: admin.id, query: '' } };
  const { data } = await failing.dependencies.securityLog.list(new Date().toISOString().slice(0, 10), page);
  t.match(
    data.find(({ kind }) => kind === 'mail_failed'),
    { subject_id: created.body.id, detail: 'TypeError' },
  );
});

t.test('an installation begins with two people, each with a link, and one of them alone names nobody', async (t) => {
  const fresh = await testApi(t, PRODUCTION, PRODUCTION_RULES);
  const { userRepository: users, unitOfWork } = fresh.dependencies;
  const deps = { client: fresh.client, tableNames: fresh.dynamo.names, users, unitOfWork };
  const emails = ['first@example.com', 'second@example.com'] as const;
  const letters: Letter[] = [];
  const mail = { send: async (letter: Letter) => void letters.push(letter) };
  const start = (now: Date, more: object = {}) =>
    ensureTwoAdmins(deps, { emails, mail, page: 'https://p2p.example/enrol', now, ...more });
  const yesterday = new Date(Date.now() - 25 * 3_600_000);
  await t.rejects(start(yesterday, { mail: { send: async () => Promise.reject(new Error('refused')) } }), /refused/);
  t.equal((await users.findByEmail(emails[0])) ?? 'none', 'none', 'without mail nobody is made');
  await start(yesterday);
  await start(yesterday);
  t.same(
    letters.map(({ to }) => to),
    emails,
    'a second start sends nothing',
  );
  const early = letters.map(({ text }) => /https:\/\/p2p\.example\/enrol#(\S+)/.exec(text)?.[1] ?? '');
  t.equal((await enrol(fresh, early[0] ?? '')).status, 401, 'the link has ended');
  await Promise.all([start(new Date()), start(new Date())]);
  // Of two servers that start at once both write, and one link of each person is good.
  const enrolled: Loose[] = [];
  for (const { text } of letters.slice(2)) enrolled.push(await enrol(fresh, /enrol#(\S+)/.exec(text)?.[1] ?? ''));
  t.equal(enrolled.filter(({ status }) => status === 200).length, 2);
  await start(new Date(Date.now() + 48 * 3_600_000));
  const [admin] = enrolled.filter(({ status }) => status === 200);
  const made = caller(fresh.app, '', admin.body.access_token);
  t.match((await made.post('/users', { email: 'x@example.com', name: 'X', roles: ['admin'] })).body, {
    roles: [],
    proposed: {},
  });
});

t.test('an administrator alone gives no role that lends a machine its work', async (t) => {
  const created = await third.post('/users', { email: 'robot@example.com', name: 'Robot', roles: ['integration'] });
  t.match(created.body, { roles: [], proposed: { changes: { roles: ['integration'] } } });
});
