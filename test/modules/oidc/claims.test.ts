import t from 'tap';
import { assertionOf, isStrongEnough } from '../../../src/modules/oidc/claims.ts';

const OPTIONS = { roles: {}, trustGuardedRoles: false };
const CLAIMS = { iss: 'https://login.example.com', sub: 'one' };
const BY_CLAIM = { ...OPTIONS, roleClaim: 'groups', roles: { a: ['receiver', 'buyer'], b: ['buyer'] } } as const;

t.test('a person is issuer and subject; an e-mail counts only where the provider has verified it', async (t) => {
  t.strictSame(
    assertionOf({ ...CLAIMS, email: 'a@b.example', email_verified: true, amr: ['pwd'], acr: '1' }, OPTIONS),
    {
      identity: { issuer: 'https://login.example.com', subject: 'one' },
      email: 'a@b.example',
      roles: undefined,
      factors: ['pwd', '1'],
    },
  );
  for (const email_verified of [false, 'true', 1, undefined])
    t.equal(assertionOf({ ...CLAIMS, email: 'a@b.example', email_verified }, OPTIONS).email, undefined);
  for (const email of [undefined, 5, 'a'.repeat(255)])
    t.equal(assertionOf({ ...CLAIMS, email, email_verified: true }, OPTIONS).email, undefined);
  for (const sub of [undefined, '', 5, 'a'.repeat(256), 'é'])
    t.throws(() => assertionOf({ ...CLAIMS, sub }, OPTIONS), { code: 'auth.oidc-token' });
});

t.test('a claim gives the roles that its values are mapped to, and governs every role that is mapped', async (t) => {
  const given = (groups: unknown) => assertionOf({ ...CLAIMS, groups }, BY_CLAIM).roles;
  t.strictSame(given(['b', 'unknown']), { governed: ['buyer', 'receiver'], given: ['buyer'], trusted: false });
  t.strictSame(given('a')?.given, ['buyer', 'receiver']);
  t.strictSame(given(undefined)?.given, []);
  t.strictSame(given(['__proto__', 'constructor'])?.given, []);
  for (const groups of [5, null, [null], { a: true }, Array.from({ length: 1001 }, () => 'a')])
    t.throws(() => given(groups), { code: 'auth.oidc-token' });
  t.throws(() => assertionOf({ ...CLAIMS, _claim_names: { groups: 'src1' } }, BY_CLAIM), { code: 'auth.oidc-token' });
  t.strictSame(assertionOf({ ...CLAIMS, _claim_names: { address: 'src1' } }, BY_CLAIM).roles?.given, []);
});

t.test('guarded roles take a second factor where values of it are named', async (t) => {
  const pwd = { factors: ['pwd'] };
  const mfa = { factors: ['pwd', 'mfa'] };
  t.ok(isStrongEnough(['treasurer'], pwd, {}));
  t.ok(isStrongEnough(['treasurer'], pwd, { secondFactor: ['any'] }));
  t.notOk(isStrongEnough(['treasurer'], pwd, { secondFactor: ['mfa'] }));
  t.ok(isStrongEnough(['treasurer'], mfa, { secondFactor: ['mfa'] }));
  t.ok(isStrongEnough(['buyer'], pwd, { secondFactor: ['mfa'] }));
});
