import t from 'tap';
import type { CreateUser, User } from '../../../src/modules/users/user.schema.ts';
import {
  approvedUser,
  changedUser,
  disabledUser,
  enabledUser,
  gainsAdmin,
  lastAdmin,
  losesAdmin,
  newUser,
  refuseOwnReset,
  rejectedUser,
  type UserFacts,
  withPassword,
} from '../../../src/modules/users/user.ts';
import { refusalOf } from '../../../src/shared/errors.ts';

const NOW = new Date('2026-03-15T10:00:00Z');
const BODY: CreateUser = {
  email: 'buyer@example.com',
  name: 'A Buyer',
  roles: ['buyer'],
  password: 'correct horse battery',
};
const facts = (over: Partial<UserFacts> = {}): UserFacts => ({
  actorId: 'admin',
  now: NOW,
  secondAdmin: false,
  namesSecondAdmin: false,
  ...over,
});
const production = facts({ secondAdmin: true });
const user = (over: Partial<User> = {}): User => ({
  ...newUser('usr_1', BODY, 'hash', facts()),
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
    const made = newUser('usr_1', { ...BODY, roles }, 'hash', given);
    t.same(made.roles, has, roles.join());
    t.strictSame(
      made.proposed,
      waits ? { changes: { roles }, proposed_by: 'admin', proposed_at: NOW.toISOString() } : null,
    );
    t.equal(made.password_one_time, given.secondAdmin);
  }
  t.same(newUser('usr_1', { ...BODY, approval_limit: limit }, 'hash', facts()).approval_limit, canonical);
});

t.test('all that is wrong with a user is told at once', async (t) => {
  const CASES: readonly (readonly [Partial<CreateUser>, string[]])[] = [
    [{ approval_limit: null }, []],
    [{ approval_limit: { amount: '1', currency: 'ZZZ' } }, ['/approval_limit/currency']],
    [{ approval_limit: { amount: '1.5', currency: 'JPY' } }, ['/approval_limit/amount']],
    [{ password: ' A BUYER ' }, ['/password']],
    [{ password: 'Buyer@Example.com' }, ['/password']],
    [{ password: 'BUYER' }, ['/password']],
    [{ password: 'aaaabbbbccccdddd' }, ['/password']],
    [{ password: 'abcdeabcde' }, []],
    [
      { password: 'aaaaaaaaaaaa', approval_limit: { amount: '1', currency: 'ZZZ' } },
      ['/approval_limit/currency', '/password'],
    ],
  ];
  for (const [over, pointers] of CASES) {
    const refused = refusalOf(() => void newUser('usr_1', { ...BODY, ...over }, 'hash', facts()));
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
  t.match(rejectedUser(both), { roles: ['buyer'], proposed: null });
  for (const decide of [() => void approvedUser(user(), 'second'), () => void rejectedUser(user())])
    t.match(refusalOf(decide), { kind: 'conflict', code: 'user.nothing-proposed' });
});

t.test('a user is disabled with every token, and enabled again', async (t) => {
  const disabled = user(disabledUser(user()));
  t.match(disabled, { status: 'disabled', auth_epoch: 2 });
  t.match(enabledUser(disabled), { status: 'active', auth_epoch: 2 });
  for (const decide of [() => void disabledUser(disabled), () => void enabledUser(user())])
    t.match(refusalOf(decide), { kind: 'conflict', code: 'user.wrong-status' });
});

t.test('a password that another sets is held to the same rules; one’s own is changed elsewhere', async (t) => {
  t.match(withPassword(user(), 'staple staple horse', 'other', true), {
    password_hash: 'other',
    password_one_time: true,
    auth_epoch: 2,
  });
  t.match(
    refusalOf(() => void withPassword(user(), 'buyer', 'other', true)),
    { code: 'user.invalid' },
  );
  t.match(
    refusalOf(() => refuseOwnReset(user(), 'usr_1')),
    { code: 'user.own-password' },
  );
  t.equal(
    refusalOf(() => refuseOwnReset(user(), 'admin')),
    undefined,
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
  t.match(lastAdmin(), { kind: 'conflict', code: 'user.last-admin' });
  t.same(
    [gainsAdmin([], ['admin']), gainsAdmin(['admin'], ['admin']), gainsAdmin(['admin'], [])],
    [true, false, false],
  );
});
