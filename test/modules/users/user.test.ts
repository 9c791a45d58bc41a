import t from 'tap';
import {
  enrolmentToken,
  newEnrolment,
  parseEnrolmentToken,
  requireEnrolment,
} from '../../../src/modules/users/enrolment.ts';
import type { CreateUser, User } from '../../../src/modules/users/user.schema.ts';
import {
  adminsToStay,
  approvedUser,
  changedUser,
  confirmedUser,
  disabledUser,
  enabledUser,
  gainsAdmin,
  isAbleAdmin,
  lastAdmin,
  losesAdmin,
  newUser,
  rejectedUser,
  resetUser,
  rolesInForce,
  type UserFacts,
  withPassword,
} from '../../../src/modules/users/user.ts';
import { refusalOf } from '../../../src/shared/errors.ts';
import { newId } from '../../../src/shared/ids.ts';

const NOW = new Date('2026-03-15T10:00:00Z');
const BODY: CreateUser = {
  email: 'buyer@example.com',
  name: 'A Buyer',
  roles: ['buyer'],
};
const ENROLMENT = newEnrolment('a secret', NOW).enrolment;
const facts = (over: Partial<UserFacts> = {}): UserFacts => ({
  actorId: 'admin',
  now: NOW,
  secondAdmin: false,
  namesSecondAdmin: false,
  mayConfirm: true,
  ...over,
});
const production = facts({ secondAdmin: true });
const byAnother = facts({ actorId: 'second' });
const user = (over: Partial<User> = {}): User => ({
  ...newUser('usr_1', BODY, 'hash', ENROLMENT, facts()),
  version: 1,
  created_at: NOW.toISOString(),
  updated_at: NOW.toISOString(),
  audit: { seq: 1, hash: '' },
  ...over,
});
const limit = { amount: '100', currency: 'EUR' };
const canonical = { amount: '100.00', currency: 'EUR' };

t.test('a new user has the roles that were given, but those that decide wait in production', async (t) => {
  t.match(user(), { status: 'active', roles: ['buyer'], approval_limit: null, auth_epoch: 1, proposed: null });
  const CASES: readonly (readonly [User['roles'], UserFacts, User['roles'], boolean])[] = [
    [['buyer', 'approver'], facts(), ['buyer', 'approver'], false],
    [['buyer'], production, ['buyer'], false],
    [['buyer', 'approver'], production, ['buyer'], true],
    [['admin'], production, [], true],
    [['admin'], facts({ secondAdmin: true, namesSecondAdmin: true }), ['admin'], false],
    [['admin', 'treasurer'], facts({ secondAdmin: true, namesSecondAdmin: true }), [], true],
  ];
  for (const [roles, given, has, waits] of CASES) {
    const made = newUser('usr_1', { ...BODY, roles }, 'hash', ENROLMENT, given);
    t.same(made.roles, has, roles.join());
    t.strictSame(
      made.proposed,
      waits ? { changes: { roles }, proposed_by: 'admin', proposed_at: NOW.toISOString() } : null,
    );
    t.match(made, { password_one_time: false, enrolment: ENROLMENT, suspended: null });
  }
  t.same(newUser('usr_1', { ...BODY, approval_limit: limit }, 'hash', ENROLMENT, facts()).approval_limit, canonical);
});

t.test('all that is wrong with a user is told at once', async (t) => {
  const CASES: readonly (readonly [Partial<CreateUser>, string[]])[] = [
    [{ approval_limit: null }, []],
    [{ approval_limit: { amount: '1', currency: 'ZZZ' } }, ['/approval_limit/currency']],
    [{ approval_limit: { amount: '1.5', currency: 'JPY' } }, ['/approval_limit/amount']],
  ];
  for (const [over, pointers] of CASES) {
    const refused = refusalOf(() => void newUser('usr_1', { ...BODY, ...over }, 'hash', ENROLMENT, facts()));
    t.same(
      (refused?.errors ?? []).map(({ pointer }) => pointer),
      pointers,
      JSON.stringify(over),
    );
    t.equal(refused?.code, pointers.length === 0 ? undefined : 'user.invalid');
  }
});

t.test(
  'a change of rights ends the tokens made before where roles change, and waits where it lets decide',
  async (t) => {
    const approver = user({ roles: ['approver'], approval_limit: canonical });
    const CASES: readonly (readonly [string, User, Parameters<typeof changedUser>[1], UserFacts, object])[] = [
      ['a name', user(), { name: 'B' }, production, { name: 'B', auth_epoch: 1, proposed: null }],
      ['roles', user(), { roles: ['receiver'] }, production, { name: 'A Buyer', roles: ['receiver'], auth_epoch: 2 }],
      [
        'the same roles in another order',
        user({ roles: ['buyer', 'receiver'] }),
        { roles: ['receiver', 'buyer'] },
        production,
        { auth_epoch: 1 },
      ],
      [
        'an approving role, outside production',
        user(),
        { roles: ['approver'] },
        facts(),
        { roles: ['approver'], auth_epoch: 2, proposed: null },
      ],
      [
        'an approving role, in production',
        user(),
        { name: 'B', roles: ['approver'] },
        production,
        { name: 'B', roles: ['buyer'], auth_epoch: 1, proposed: { changes: { roles: ['approver'] } } },
      ],
      ['the limit of one who approves nothing', user(), { approval_limit: limit }, production, { proposed: null }],
      [
        'another limit of one who approves',
        approver,
        { approval_limit: { amount: '200', currency: 'EUR' } },
        production,
        { approval_limit: canonical, proposed: { changes: { approval_limit: { amount: '200.00', currency: 'EUR' } } } },
      ],
      [
        'the limit taken away',
        approver,
        { approval_limit: null },
        production,
        { proposed: { changes: { approval_limit: null } } },
      ],
      [
        'another currency',
        approver,
        { approval_limit: { amount: '100', currency: 'USD' } },
        production,
        { proposed: { changes: { approval_limit: { currency: 'USD' } } } },
      ],
      ['the same limit', approver, { approval_limit: limit }, production, { proposed: null }],
      ['an approving role kept', approver, { roles: ['approver', 'buyer'] }, production, { proposed: null }],
    ];
    for (const [title, before, body, given, expected] of CASES)
      t.match(changedUser(before, body, given), expected, title);
    t.match(
      refusalOf(() => void changedUser(user(), { approval_limit: { amount: '1', currency: 'ZZZ' } }, facts())),
      { code: 'user.invalid' },
    );
  },
);

t.test('what waits is approved by another than who proposed it and whom it is about, or rejected', async (t) => {
  const waiting = (changes: object): User =>
    user({ proposed: { changes, proposed_by: 'admin', proposed_at: NOW.toISOString() } });
  const both = waiting({ roles: ['approver'], approval_limit: canonical });
  for (const person of ['admin', 'usr_1'])
    t.match(
      refusalOf(() => void approvedUser(both, person)),
      { kind: 'forbidden', code: 'user.segregation-of-duties' },
    );
  t.match(approvedUser(both, 'second'), {
    roles: ['approver'],
    approval_limit: canonical,
    proposed: null,
    auth_epoch: 2,
  });
  t.match(approvedUser(waiting({}), 'second'), { roles: ['buyer'], approval_limit: null, auth_epoch: 1 });
  for (const person of ['admin', 'second'])
    t.match(rejectedUser(both, person), { roles: ['buyer'], proposed: null }, person);
  t.match(
    refusalOf(() => void rejectedUser(both, 'usr_1')),
    { code: 'user.segregation-of-duties' },
    'nobody rejects what others propose about them',
  );
  const own = user({ proposed: { changes: {}, proposed_by: 'usr_1', proposed_at: NOW.toISOString() } });
  t.equal(rejectedUser(own, 'usr_1').proposed, null, 'but takes back their own');
  for (const decide of [() => void approvedUser(user(), 'second'), () => void rejectedUser(user(), 'second')])
    t.match(refusalOf(decide), { kind: 'conflict', code: 'user.nothing-proposed' });
});

t.test('a user is disabled with every token, and enabled again', async (t) => {
  const disabled = user(disabledUser(user(), facts()));
  t.match(disabled, { status: 'disabled', auth_epoch: 2 });
  t.match(enabledUser(disabled, facts()), { status: 'active', auth_epoch: 2 });
  for (const decide of [() => void disabledUser(disabled, facts()), () => void enabledUser(user(), facts())])
    t.match(refusalOf(decide), { kind: 'conflict', code: 'user.wrong-status' });
});

t.test('in production an administrator is disabled, and whoever decides enabled, by two', async (t) => {
  const admin = user({ roles: ['admin'] });
  t.match(disabledUser(user(), production), { status: 'disabled' }, 'a buyer by one');
  const ending = user(disabledUser(admin, production));
  t.match(ending, {
    status: 'active',
    auth_epoch: 1,
    proposed: { changes: { status: 'disabled' }, proposed_by: 'admin' },
  });
  const ended = user(approvedUser(user({ ...ending, roles: ['admin'] }), 'second'));
  t.match(ended, { status: 'disabled', auth_epoch: 2, proposed: null });
  t.match(
    enabledUser(user({ status: 'disabled' }), production),
    { status: 'active', proposed: null },
    'a buyer by one',
  );
  for (const role of ['admin', 'treasurer', 'integration'] as const) {
    const back = enabledUser(user({ status: 'disabled', roles: [role] }), production);
    t.match(back, { status: 'disabled', proposed: { changes: { status: 'active' } } }, role);
  }
  t.match(changedUser(admin, { roles: ['buyer'] }, production), {
    roles: ['admin'],
    proposed: { changes: { roles: ['buyer'] } },
  });
  const own = facts({ secondAdmin: true, actorId: 'usr_1' });
  for (const body of [{ roles: ['receiver' as const] }, { approval_limit: limit }])
    t.match(changedUser(user(), body, own), {
      roles: ['buyer'],
      approval_limit: null,
      proposed: { proposed_by: 'usr_1' },
    });
  t.match(changedUser(user(), { name: 'B' }, own), { name: 'B', proposed: null });
  t.match(
    refusalOf(() => void changedUser(ending, { roles: ['receiver'] }, own)),
    { code: 'user.proposal-pending' },
    'nobody replaces what others propose about them',
  );
});

t.test('a password that is chosen ends the link, and is neither the name nor the e-mail nor monotonous', async (t) => {
  t.match(withPassword(user(), 'staple staple horse', 'other'), {
    password_hash: 'other',
    password_one_time: false,
    enrolment: null,
    auth_epoch: 2,
  });
  for (const password of [' A BUYER ', 'Buyer@Example.com', 'BUYER', 'aaaabbbbccccdddd'])
    t.match(
      refusalOf(() => void withPassword(user(), password, 'other')),
      { code: 'user.invalid', errors: [{ pointer: '/password' }] },
      password,
    );
  t.match(withPassword(user(), 'abcdeabcde', 'other'), { password_hash: 'other' });
});

t.test('a reset ends the password, and in production what decides rests until another confirms it', async (t) => {
  const treasurer = user({ roles: ['buyer', 'treasurer'], enrolment: null });
  t.match(resetUser(treasurer, 'none', ENROLMENT, facts()), { password_hash: 'none', auth_epoch: 2, suspended: null });
  const reset = user(resetUser(treasurer, 'none', ENROLMENT, production));
  t.strictSame(reset.suspended, { since: NOW.toISOString(), reset_by: ['admin'] });
  t.strictSame([rolesInForce(treasurer), rolesInForce(reset)], [['buyer', 'treasurer'], ['buyer']]);
  const again = user(resetUser(reset, 'none', ENROLMENT, facts({ secondAdmin: true, actorId: 'other' })));
  t.strictSame(again.suspended?.reset_by, ['admin', 'other']);
  const enrolled = user(withPassword(again, 'staple staple horse', 'other'));
  for (const person of ['admin', 'other', 'usr_1'])
    t.match(
      refusalOf(() => void confirmedUser(enrolled, facts({ actorId: person }))),
      { code: 'user.segregation-of-duties' },
      person,
    );
  t.match(
    refusalOf(() => void confirmedUser(again, byAnother)),
    { code: 'user.not-enrolled' },
  );
  t.match(
    refusalOf(() => void confirmedUser(enrolled, { ...byAnother, mayConfirm: false })),
    { code: 'user.administrator-confirms' },
  );
  t.strictSame(rolesInForce(confirmedUser(enrolled, byAnother)), ['buyer', 'treasurer']);
  t.match(
    refusalOf(() => void confirmedUser(treasurer, byAnother)),
    { code: 'user.nothing-to-confirm' },
  );
  t.match(
    refusalOf(() => void resetUser(treasurer, 'none', ENROLMENT, facts({ actorId: 'usr_1' }))),
    { code: 'user.own-password' },
  );
  t.match(
    refusalOf(() => void resetUser(user({ status: 'disabled' }), 'none', ENROLMENT, production)),
    { code: 'user.wrong-status' },
  );
});

t.test('a link is good for its secret, once, for 24 hours, while its person is active', async (t) => {
  const secret = 's'.repeat(43);
  const id = newId('user');
  const { enrolment } = newEnrolment(secret, NOW);
  const person = user({ id, enrolment });
  const later = (hours: number) => new Date(NOW.getTime() + hours * 3_600_000);
  t.same(parseEnrolmentToken(enrolmentToken(id, secret)), { userId: id, secret });
  for (const token of ['', id, `${id}.short`, `x${id}.${secret}`])
    t.equal(parseEnrolmentToken(token), undefined, token);
  t.equal(requireEnrolment(person, secret, later(23.9)), person);
  const CASES: readonly (readonly [string, User | undefined, string, number])[] = [
    ['nobody', undefined, secret, 0],
    ['another secret', person, 'x'.repeat(43), 0],
    ['used', user({ id, enrolment: null }), secret, 0],
    ['never made', (({ enrolment: _none, ...rest }) => rest)(person), secret, 0],
    ['over', person, secret, 24],
    ['disabled', user({ id, enrolment, status: 'disabled' }), secret, 0],
  ];
  for (const [title, who, given, hours] of CASES)
    t.match(
      refusalOf(() => void requireEnrolment(who, given, later(hours))),
      { kind: 'unauthenticated', code: 'auth.invalid-enrolment' },
      title,
    );
});

t.test('the last administrator is told from any other', async (t) => {
  const admin = user({ roles: ['admin'] });
  const CASES: readonly (readonly [User, Pick<User, 'status' | 'roles'>, boolean])[] = [
    [admin, { status: 'active', roles: ['admin', 'buyer'] }, false],
    [admin, { status: 'active', roles: ['buyer'] }, true],
    [admin, { status: 'disabled', roles: ['admin'] }, true],
    [user(), { status: 'disabled', roles: ['buyer'] }, false],
    [user({ status: 'disabled', roles: ['admin'] }), { status: 'disabled', roles: [] }, false],
  ];
  for (const [before, after, loses] of CASES)
    t.equal(losesAdmin(before, after), loses, `${before.roles} to ${after.status} ${after.roles}`);
  t.match(lastAdmin(adminsToStay(facts())), { kind: 'conflict', code: 'user.last-admin' });
  t.match(lastAdmin(adminsToStay(production)), { kind: 'conflict', code: 'user.last-admins' });
  const suspended = { since: NOW.toISOString(), reset_by: ['admin'] };
  const able = user({ roles: ['admin'], enrolment: null });
  t.same(
    [able, admin, user({ ...able, suspended }), user({ ...able, status: 'disabled' }), user({ enrolment: null })].map(
      isAbleAdmin,
    ),
    [true, false, false, false, false],
  );
  t.same(
    [gainsAdmin([], ['admin']), gainsAdmin(['admin'], ['admin']), gainsAdmin(['admin'], [])],
    [true, false, false],
  );
});
