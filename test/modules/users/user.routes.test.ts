import { GetCommand } from '@aws-sdk/lib-dynamodb';
import t from 'tap';
import { ensureFirstAdmin } from '../../../src/modules/users/index.ts';
import { ROLES } from '../../../src/shared/permissions.ts';
import { type Caller, caller, enrol, type Loose, mailedToken, testApi } from '../../support/api.ts';

const api = await testApi(t);
const production = await api.another({ secondAdmin: true });
const admin = await api.as('admin');
const PASSWORD = 'a sentence nobody else knows';
let made = 0;
const body = (over: object = {}) => {
  made += 1;
  return { email: `person.${made}@example.com`, name: `Person ${made}`, roles: ['buyer'], ...over };
};
const pointers = ({ body }: Loose): string[] => body.errors.map(({ pointer }: Loose) => pointer).sort();
const inProduction = (person: Caller): Caller => caller(production, person.id, person.token);

t.test('an admin creates a user, who is shown without a hash', async (t) => {
  const created = await admin.post(
    '/users',
    body({ email: 'Buyer@Example.com', approval_limit: { amount: '5000.5', currency: 'EUR' } }),
  );
  t.equal(created.status, 201, JSON.stringify(created.body));
  t.equal(created.headers.location, `/api/v1/users/${created.body.id}`);
  t.match(created.body, {
    status: 'active',
    roles: ['buyer'],
    approval_limit: { amount: '5000.50', currency: 'EUR' },
    password_one_time: false,
    enrolment: { token: String, expires_at: String },
    proposed: null,
    created_by: admin.id,
  });
  t.notMatch(JSON.stringify(created.body), /scrypt|epoch|audit|sha256/);
  const { enrolment, ...shown } = created.body;
  t.same((await admin.get(`/users/${created.body.id}`)).body, {
    ...shown,
    enrolment: { expires_at: enrolment.expires_at },
  });
  const again = await admin.post('/users', body({ email: 'buyer@EXAMPLE.com' }));
  t.match(again.body, { status: 409, code: 'user.email-taken' });
  const { Item: event } = await api.client.send(
    new GetCommand({ TableName: api.dynamo.names.audit_log, Key: { entity_id: created.body.id, seq: 1 } }),
  );
  t.notMatch(JSON.stringify(event), /scrypt|xample\.com|Person/i, 'events name people by id and hold no hash');
});

t.test('all that is wrong with a user is told at once', async (t) => {
  const refused = await admin.post('/users', body({ approval_limit: { amount: '1', currency: 'ZZZ' } }));
  t.equal(refused.status, 422);
  t.same(pointers(refused), ['#/approval_limit/currency']);
  const digits = await admin.post('/users', body({ approval_limit: { amount: '1.005', currency: 'EUR' } }));
  t.same(pointers(digits), ['#/approval_limit/amount']);
  const malformed = await admin.post('/users', body({ roles: ['king'], password: PASSWORD, approval_limit: 5 }));
  t.equal(malformed.status, 400);
  t.ok(pointers(malformed).includes('#/password'), 'nobody chooses the password of another');
});

t.test('only an admin changes users, and only an admin or auditor reads them', async (t) => {
  for (const role of ROLES) {
    const person = await api.as(role);
    t.equal((await person.post('/users', body())).status, role === 'admin' ? 201 : 403, role);
    t.equal((await person.get('/users')).status, ['admin', 'auditor'].includes(role) ? 200 : 403, role);
    t.equal((await person.post(`/users/${admin.id}/disable`)).status, role === 'admin' ? 409 : 403, role);
  }
});

t.test('lists are summaries by status and name', async (t) => {
  const { body: user } = await admin.post('/users', body({ name: 'Findable Person' }));
  const found = await admin.get('/users?q=findable');
  t.match(found.body.data, [{ id: user.id, name: 'Findable Person', roles: ['buyer'], version: 1 }]);
  t.notHas(found.body.data[0], 'approval_limit');
  await admin.post(`/users/${user.id}/disable`, { reason: 'left' });
  t.equal((await admin.get('/users?status=disabled&q=findable')).body.data.length, 1);
  t.equal((await admin.get('/users?status=active&q=findable')).body.data.length, 0);
});

t.test('a change of roles ends the tokens made before, a change of name does not', async (t) => {
  const buyer = await api.as('buyer', 'changing');
  const renamed = await admin.patch(`/users/${buyer.id}`, { name: 'Renamed' }, { version: 1 });
  t.match(renamed.body, { name: 'Renamed', version: 2 });
  t.not((await buyer.post('/vendors', {})).status, 401);
  t.equal((await admin.patch(`/users/${buyer.id}`, { name: 'Late' }, { version: 1 })).status, 412);
  t.equal((await admin.patch(`/users/${buyer.id}`, { name: 'Unseen' })).status, 428);
  const changed = await admin.patch(
    `/users/${buyer.id}`,
    { roles: ['receiver'], approval_limit: null },
    { version: 2 },
  );
  t.match(changed.body, { roles: ['receiver'], approval_limit: null, proposed: null });
  t.match((await buyer.post('/vendors', {})).body, { status: 401, code: 'auth.ended' });
});

t.test('a disabled user is out at once and comes back when enabled', async (t) => {
  const { body: user } = await admin.post('/users', body());
  const disabled = await admin.post(`/users/${user.id}/disable`, { reason: 'left' });
  t.match(disabled.body, { status: 'disabled', version: 2 });
  t.equal((await admin.post(`/users/${user.id}/disable`)).body.code, 'user.wrong-status');
  t.equal((await admin.post(`/users/${user.id}/enable`)).body.status, 'active');
  t.equal((await admin.post(`/users/${user.id}/enable`)).status, 409);
});

t.test('the last active admin stays one, also when two disable each other at the same moment', async (t) => {
  t.match((await admin.post(`/users/${admin.id}/disable`)).body, { status: 409, code: 'user.last-admin' });
  const stays = await admin.patch(`/users/${admin.id}`, { roles: ['buyer'] }, { version: 1 });
  t.equal(stays.body.code, 'user.last-admin');
  const second = await api.as('admin', 'second');
  const replies = await Promise.all([
    admin.post(`/users/${second.id}/disable`),
    second.post(`/users/${admin.id}/disable`),
  ]);
  t.equal(replies.filter(({ status }) => status === 200).length, 1, JSON.stringify(replies.map(({ body }) => body)));
  const survivors = await api.dependencies.users.activeWithRole('admin');
  t.equal(survivors.length, 1);
  const survivor = survivors[0]?.id === admin.id ? admin : second;
  const gone = survivor === admin ? second : admin;
  t.equal((await survivor.post(`/users/${gone.id}/enable`)).status, 200);
});

t.test('a person chooses the password by a link that is good once', async (t) => {
  const inviting = await api.as('admin', 'inviting');
  const { body: user } = await inviting.post('/users', body());
  const { token } = user.enrolment;
  t.equal(mailedToken(api.letters, user.email), token, 'the letter has the same link');
  t.equal((await enrol(api, token, `my cat's friend ${user.email}`)).status, 200, 'a sentence will do');
  t.match((await enrol(api, token)).body, { status: 401, code: 'auth.invalid-enrolment' });
  t.equal((await enrol(api, 'nonsense')).status, 401);
  const { body: other } = await inviting.post('/users', body());
  const own = await enrol(api, other.enrolment.token, other.email);
  t.match(own.body, { status: 422, errors: [{ pointer: '#/password' }] });
  const enrolled = await enrol(api, other.enrolment.token);
  t.match(
    enrolled.body,
    { token_type: 'Bearer', password_change_required: false },
    'a refused password uses up no link',
  );
  t.equal((await caller(api.app, other.id, enrolled.body.access_token).get('/vendors')).status, 200);
  t.equal((await inviting.get(`/users/${other.id}`)).body.enrolment, null);
});

t.test('an admin resets the password of another, never their own, and knows neither', async (t) => {
  const operator = await api.as('admin', 'resetting');
  const { body: user } = await operator.post('/users', body());
  await enrol(api, user.enrolment.token, PASSWORD);
  const dry = await operator.post(`/users/${user.id}/reset-password?dry_run=true`, {});
  t.match(dry, { status: 200, body: { enrolment: { token: null } } });
  const signIn = (password: string) =>
    api.raw('POST', '/api/v1/auth/token', { payload: { email: user.email, password } });
  t.equal((await signIn(PASSWORD)).status, 200);
  const reset = await operator.post(`/users/${user.id}/reset-password`, { reason: 'forgotten' });
  t.equal(reset.status, 200, JSON.stringify(reset.body));
  t.equal((await signIn(PASSWORD)).status, 401);
  t.equal((await enrol(api, user.enrolment.token)).status, 401, 'the first link is over');
  t.equal((await enrol(api, reset.body.enrolment.token, `${PASSWORD} 2`)).status, 200);
  t.match((await signIn(`${PASSWORD} 2`)).body, { password_change_required: false });
  const own = await operator.post(`/users/${operator.id}/reset-password`, {});
  t.match(own.body, { status: 422, code: 'user.own-password' });
  t.equal((await operator.post(`/users/${user.id}/reset-password`, { password: PASSWORD })).status, 400);
});

t.test(
  'in production an approving role waits for a second admin, who is neither its proposer nor its bearer',
  async (t) => {
    const first = inProduction(await api.as('admin', 'first'));
    const created = await first.post('/users', body({ roles: ['buyer', 'treasurer'] }));
    t.match(created.body, {
      roles: ['buyer'],
      password_one_time: false,
      proposed: { changes: { roles: ['buyer', 'treasurer'] }, proposed_by: first.id },
    });
    const path = `/users/${created.body.id}`;
    t.equal((await first.post(`${path}/approve`, {}, { version: 1 })).body.code, 'user.segregation-of-duties');
    const other = inProduction(await api.as('admin', 'other'));
    t.equal((await other.post(`${path}/approve`)).status, 428);
    t.match((await other.post(`${path}/approve`, {}, { version: 1 })).body, {
      roles: ['buyer', 'treasurer'],
      proposed: null,
      version: 2,
    });
    t.equal((await other.post(`${path}/approve`, {}, { version: 2 })).body.code, 'user.nothing-proposed');

    const limit = { amount: '100.00', currency: 'EUR' };
    const raised = await first.patch(path, { approval_limit: limit }, { version: 2 });
    t.match(raised.body, { approval_limit: null, proposed: { changes: { approval_limit: limit } } });
    t.match((await other.post(`${path}/reject`, { reason: 'too much' })).body, {
      approval_limit: null,
      proposed: null,
    });
    const less = await first.patch(path, { roles: ['buyer'], approval_limit: limit }, { version: 4 });
    t.match(less.body, { roles: ['buyer'], approval_limit: limit, proposed: null }, 'taking away takes one');

    const own = await first.patch(`/users/${other.id}`, { roles: ['admin', 'approver'] }, { version: 1 });
    t.match(own.body, { roles: ['admin'], proposed: { changes: { roles: ['admin', 'approver'] } } });
    t.equal(
      (await other.post(`/users/${other.id}/approve`, {}, { version: 2 })).status,
      403,
      'nobody gives themselves',
    );
  },
);

t.test('in production the first admin names the second alone, and from then on two name another', async (t) => {
  const first = inProduction(await api.as('admin', 'naming'));
  const [a, b] = await Promise.all([
    first.post('/users', body({ roles: ['admin'] })),
    first.post('/users', body({ roles: ['admin'] })),
  ]);
  const roles = [a.body.roles, b.body.roles].map((given: string[]) => given.join()).sort();
  t.same(roles, ['', 'admin'], 'of two at the same moment one is the second');
  t.match((await first.post('/users', body({ roles: ['admin'] }))).body, { roles: [], proposed: {} });
});

t.test('what changes who may do what stands in the security log', async (t) => {
  await Promise.all([api.dependencies.securityLog.drain(), production.ready()]);
  const auditor = await api.as('auditor');
  const kinds = new Set<string>();
  const page = { limit: 100, binding: { principal: auditor.id, query: '' } };
  const { data } = await api.dependencies.securityLog.list(new Date().toISOString().slice(0, 10), page);
  for (const { kind } of data) kinds.add(kind);
  for (const kind of [
    'user_created',
    'user_disabled',
    'user_enabled',
    'roles_changed',
    'password_reset',
    'enrolled',
    'denied',
  ])
    t.ok(kinds.has(kind), kind);
});

t.test(
  'of servers that start for the first time at once, one makes the first admin and the others go on',
  async (t) => {
    const { userRepository: users, unitOfWork } = api.dependencies;
    const deps = { client: api.client, tableNames: api.dynamo.names, users, unitOfWork };
    const options = { email: 'first.admin@example.com', password: PASSWORD, now: new Date() };
    const starts = await Promise.all([1, 2, 3].map(() => ensureFirstAdmin(deps, options)));
    t.same(
      starts.filter((made) => made !== undefined),
      [{ email: 'first.admin@example.com' }],
    );
    t.equal(await ensureFirstAdmin(deps, options), undefined, 'and whoever starts later finds that one');
  },
);
