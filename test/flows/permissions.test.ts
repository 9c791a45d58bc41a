/** Each operation by each role, over HTTP: it is allowed to whom the document and the table of roles say, and to nobody else. */
import { readFileSync } from 'node:fs';
import t from 'tap';
import { permissionTable } from '../../scripts/permission-table.ts';
import { PERMISSIONS, permissionsOf, ROLES } from '../../src/shared/permissions.ts';
import { type Caller, type Loose, type TestReply, testApi } from '../support/api.ts';
import { type Operation, operationsOf } from '../support/operations.ts';

t.setTimeout(600_000);
const api = await testApi(t, { LOG_LEVEL: 'silent' });
const document = api.app.swagger() as Loose;
const operations = operationsOf(document);

/** Whoever is signed in, whatever their role. */
const ANYONE = [
  'beginSecondFactor',
  'changePassword',
  'confirmSecondFactor',
  'consentToApiKey',
  'getMe',
  'listOwnApiKeys',
  'renewRecoveryCodes',
  'revokeOwnApiKey',
];
const PUBLIC = [
  'beginOidcEnrolment',
  'beginOidcSignIn',
  'completeOidcSignIn',
  'enrol',
  'getIdentityProvider',
  'getLive',
  'getReady',
  'receiveWorkdayCallback',
  'refreshToken',
  'signIn',
  'signOut',
];
/** What no route takes as a whole: it decides what is shown, or which part of a command is allowed. */
const WITHIN = ['invoice:override_unmatched_line'];

t.test('every operation names its permission, but for those named here', async (t) => {
  const ids = (some: readonly Operation[]) => some.map(({ operationId }) => operationId).sort();
  const own = operations.filter(({ isPublic }) => !isPublic);
  t.strictSame(ids(operations.filter(({ isPublic }) => isPublic)), PUBLIC);
  t.strictSame(ids(own.filter(({ permissions }) => permissions.length === 0)), ANYONE);
  const named = new Set(operations.flatMap(({ permissions }) => permissions));
  t.strictSame([...named, ...WITHIN].sort(), [...PERMISSIONS].sort());
});

t.test('the table of docs/permissions.md is that of the document and the roles', async (t) => {
  t.equal(readFileSync('docs/permissions.md', 'utf8'), permissionTable(document));
});

/** A request that is refused for its content where it is not for its sender. */
const ask = (operation: Operation, headers: Record<string, string>): Promise<TestReply> =>
  api.raw(operation.method, operation.url, {
    headers,
    ...(operation.wrongBody === undefined ? {} : { payload: operation.wrongBody }),
  });
const isRefused = ({ status, body }: TestReply): boolean => status === 403 && body.code === 'auth.permission-missing';

for (const role of ROLES)
  t.test(`${role} may what the table of permissions says`, async (t) => {
    const { token }: Caller = await api.as(role);
    const may = permissionsOf([role]);
    for (const operation of operations) {
      const { operationId, permissions, isPublic } = operation;
      const allowed = isPublic || permissions.length === 0 || permissions.some((each) => may.has(each));
      const reply = await ask(operation, { authorization: `Bearer ${token}` });
      t.equal(isRefused(reply), !allowed, `${operationId}: ${reply.status}`);
      if (allowed && !isPublic) t.not(reply.status, 401, operationId);
      t.ok(reply.status < 500 || operationId === 'getReady', operationId);
    }
  });

t.test('who is not signed in may nothing but what is public', async (t) => {
  for (const operation of operations.filter(({ isPublic }) => !isPublic))
    t.match(await ask(operation, {}), { status: 401, body: { code: 'auth.missing' } }, operation.operationId);
});

t.test('a key has its scopes alone, whatever its owner may', async (t) => {
  const admin = await api.as('admin');
  const owner = await api.as([...ROLES]);
  const key = await admin.post('/api-keys', { name: 'Scanner', owner_id: owner.id, scopes: ['vendor:read'] });
  t.equal(key.status, 201, JSON.stringify(key.body));
  for (const operation of operations.filter(({ isPublic }) => !isPublic)) {
    const { operationId, permissions } = operation;
    const allowed = permissions.length === 0 || permissions.includes('vendor:read');
    t.equal(isRefused(await ask(operation, { 'x-api-key': key.body.key })), !allowed, operationId);
  }
});
