import t from 'tap';
import {
  linkedByEmail,
  linkedUser,
  mayLinkByEmail,
  rolesByClaim,
  unlinkedUser,
} from '../../../src/modules/users/identity.ts';
import { hasFactor, hasShownFactor, PROVIDER_FACTOR } from '../../../src/modules/users/second-factor.ts';
import type { User } from '../../../src/modules/users/user.schema.ts';
import { approvedUser, type UserFacts } from '../../../src/modules/users/user.ts';
import type { Role } from '../../../src/shared/permissions.ts';

const NOW = new Date('2026-03-15T10:00:00Z');
const AT = NOW.toISOString();
const ISSUER = 'https://login.example.com';
const ME = { issuer: ISSUER, subject: 'one' };
const facts = (over: Partial<UserFacts> = {}): UserFacts => ({
  actorId: 'usr_1',
  now: NOW,
  secondAdmin: true,
  namesSecondAdmin: false,
  mayConfirm: false,
  ...over,
});
const user = (over: Partial<User> = {}): User => ({
  id: 'usr_1',
  version: 1,
  created_at: AT,
  updated_at: AT,
  created_by: 'usr_2',
  status: 'active',
  email: 'buyer@example.com',
  name: 'A Buyer',
  roles: ['buyer'],
  approval_limit: null,
  password_hash: 'hash',
  password_one_time: false,
  auth_epoch: 1,
  proposed: null,
  audit: { seq: 1, hash: '' },
  ...over,
});
const linked = (over: Partial<User> = {}): User => user({ identities: [{ ...ME, linked_at: AT }], ...over });

t.test('an account is linked by the same e-mail in ASCII, to an active user who never had one there', async (t) => {
  const cases: [Partial<User>, string, boolean][] = [
    [{}, 'buyer@example.com', true],
    [{}, 'Buyer@Example.COM', true],
    [{ email: 'Buyer@example.com' }, 'buyer@example.com', true],
    [{}, 'buyer@example.org', false],
    [{}, ' buyer@example.com', false],
    [{ email: 'kate@example.com' }, '\u212aate@example.com', false],
    [{ email: 'bıll@example.com' }, 'bıll@example.com', false],
    [{ status: 'disabled' }, 'buyer@example.com', false],
    [{ link_by_invitation: true }, 'buyer@example.com', false],
    [{ identities: [{ ...ME, subject: 'two', linked_at: AT }] }, 'buyer@example.com', false],
    [{ identities: [{ ...ME, issuer: 'https://before.example', linked_at: AT }] }, 'buyer@example.com', true],
  ];
  for (const [over, email, expected] of cases)
    t.equal(mayLinkByEmail(user(over), ISSUER, email), expected, `${JSON.stringify(over)} ${email}`);
  t.match(linkedByEmail(user(), ME, 'buyer@example.com', NOW), { identities: [ME] });
  const meanwhile = user({ status: 'disabled' });
  t.throws(() => linkedByEmail(meanwhile, ME, 'buyer@example.com', NOW), { code: 'user.not-linkable' });
});

t.test('a user has one account per provider; linking it again only uses up a link', async (t) => {
  const enrolment = { token_sha256: 'a', expires_at: AT };
  const first = linkedUser(user({ enrolment, link_by_invitation: true }), ME, NOW);
  t.match(first, { identities: [{ ...ME, linked_at: AT }], enrolment: null, link_by_invitation: false, auth_epoch: 1 });
  t.match(linkedUser(linked({ enrolment }), ME, NOW), { identities: [ME], enrolment: null });
  t.throws(() => linkedUser(linked(), { ...ME, subject: 'two' }, NOW), { code: 'user.identity-exists' });
  t.equal(linkedUser(linked(), { ...ME, issuer: 'https://next.example' }, NOW).identities?.length, 2);
});

t.test('an admin unlinks another; sign-ins end, and in production guarded roles rest', async (t) => {
  const admin = facts({ actorId: 'usr_2' });
  t.match(unlinkedUser(linked(), admin), {
    identities: [],
    link_by_invitation: true,
    auth_epoch: 2,
    suspended: { since: AT, reset_by: ['usr_2'] },
  });
  t.notOk(unlinkedUser(linked(), facts({ actorId: 'usr_2', secondAdmin: false })).suspended);
  t.throws(() => unlinkedUser(linked(), facts()), { code: 'user.own-identity' });
  t.throws(() => unlinkedUser(user(), admin), { code: 'user.no-identity' });
});

t.test(
  'a claim takes what it governs at once, and gives guarded roles as a proposal where two admins decide',
  async (t) => {
    const governed: Role[] = ['admin', 'buyer', 'receiver', 'treasurer'];
    const cases: [Role[], Role[], Partial<UserFacts> & { trusted?: boolean }, Role[], Role[] | null][] = [
      [['buyer'], ['buyer'], {}, ['buyer'], null],
      [['buyer'], [], {}, [], null],
      [['buyer', 'auditor'], ['receiver'], {}, ['auditor', 'receiver'], null],
      [['buyer'], ['buyer', 'treasurer'], {}, ['buyer'], ['buyer', 'treasurer']],
      [['buyer'], ['admin'], { namesSecondAdmin: true }, [], ['admin']],
      [['buyer'], ['treasurer'], { trusted: true }, ['treasurer'], null],
      [['buyer'], ['treasurer'], { secondAdmin: false }, ['treasurer'], null],
      [['treasurer'], ['treasurer'], {}, ['treasurer'], null],
      [['treasurer', 'vendor_manager'], [], {}, ['vendor_manager'], null],
    ];
    for (const [before, given, { trusted = false, ...over }, roles, proposed] of cases) {
      const after = rolesByClaim(user({ roles: before }), { governed, given, trusted }, facts(over));
      t.same(after.roles, roles, `${before} by ${given}`);
      t.same(after.proposed?.changes ?? null, proposed === null ? null : { roles: proposed });
      t.equal(after.auth_epoch, before.join() === roles.join() ? 1 : 2);
    }
  },
);

t.test('the same claim again changes nothing, another one replaces what the last one proposed', async (t) => {
  const governed: Role[] = ['buyer', 'treasurer', 'approver'];
  const claim = (of: User, ...given: Role[]) => rolesByClaim(of, { governed, given, trusted: false }, facts()) as User;
  const first = claim(user(), 'buyer', 'treasurer');
  t.equal(claim(first, 'buyer', 'treasurer'), first);
  t.same(claim(first, 'approver', 'buyer').proposed?.changes, { roles: ['buyer', 'approver'] });
  t.equal(claim(first, 'buyer').proposed, null, 'what the claim no longer gives is no longer proposed');
  t.throws(() => approvedUser(first, 'usr_1'), { code: 'user.segregation-of-duties' });
  t.same(approvedUser(first, 'usr_2').roles, ['buyer', 'treasurer']);
});

t.test('what an admin proposed is not replaced by a sign-in of the person concerned', async (t) => {
  const by = { proposed_by: 'usr_2', proposed_at: AT };
  const governed: Role[] = ['buyer', 'treasurer'];
  for (const proposed of [
    { changes: { status: 'disabled' as const }, ...by },
    { changes: { roles: ['auditor' as const] }, ...by },
    { changes: { roles: ['buyer' as const], approval_limit: null }, ...by, proposed_by: 'usr_1' },
    { changes: { roles: ['buyer' as const] }, ...by, proposed_by: 'usr_1', also_proposed_by: ['usr_2'] },
  ]) {
    const after = rolesByClaim(user({ proposed }), { governed, given: ['treasurer'], trusted: false }, facts());
    t.same(after.proposed, proposed);
    t.same(after.roles, [], 'what is lost is lost');
  }
});

t.test('a sign-in through the provider shows a second factor, and an account there is one of its owner', async (t) => {
  const second_factor = { kind: 'totp' as const, id: 'a', secret: 's', confirmed_at: AT, recovery: [] };
  const cases: [Partial<User>, string | undefined, boolean][] = [
    [{}, PROVIDER_FACTOR, true],
    [{ second_factor }, PROVIDER_FACTOR, true],
    [{ second_factor }, 'a', true],
    [{ second_factor }, 'b', false],
    [{ second_factor }, undefined, false],
    [{}, 'a', false],
    [{}, undefined, false],
  ];
  for (const [over, shown, expected] of cases) t.equal(hasShownFactor(user(over), shown), expected);
  t.same([user(), linked(), user({ second_factor })].map(hasFactor), [false, true, true]);
});
