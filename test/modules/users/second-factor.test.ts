import t from 'tap';
import { recoveryHash, showsFactor, type User } from '../../../src/modules/users/index.ts';
import { lacksFactor, pendingFactor, withPendingFactor } from '../../../src/modules/users/second-factor.ts';
import type { Role } from '../../../src/shared/permissions.ts';

t.test('guarded roles take a second factor where one is required, other roles never', (t) => {
  const cases: readonly [readonly Role[], boolean, boolean, boolean][] = [
    [['treasurer'], true, false, true],
    [['buyer', 'integration'], true, false, true],
    [['treasurer'], true, true, false],
    [['treasurer'], false, false, false],
    [['buyer', 'ap_clerk', 'auditor'], true, false, false],
    [[], true, false, false],
  ];
  for (const [roles, required, shown, lacks] of cases)
    t.equal(lacksFactor({ roles: [...roles] }, { required, shown }), lacks, `${roles} ${required} ${shown}`);
  t.end();
});

t.test('a sign-in of before there was a factor, or of another one, shows none', (t) => {
  const second_factor = { kind: 'totp', id: 'a', secret: '', confirmed_at: '', recovery: [] } as const;
  const person = { second_factor: { ...second_factor, recovery: [] } };
  t.same(
    ['a', 'b', undefined].map((shown) => showsFactor(person, shown)),
    [true, false, false],
  );
  for (const none of [{}, { second_factor: null }])
    t.ok(showsFactor(none, undefined), 'records of before there were any');
  t.end();
});

t.test('a recovery code is the same with other case and dashes, and another one for another person', (t) => {
  const hash = recoveryHash('usr_1', 'ABCD-EFGH-JKMN-PQRS');
  t.equal(recoveryHash('usr_1', ' abcd efgh jkmnpqrs '), hash);
  t.not(recoveryHash('usr_2', 'ABCD-EFGH-JKMN-PQRS'), hash);
  t.notMatch(hash, /ABCD/);
  t.end();
});

t.test('a secret waits 15 minutes for its first code', (t) => {
  const now = new Date('2026-03-15T10:00:00Z');
  const person = { id: 'usr_1' } as User;
  const begun = withPendingFactor(person, 'secret', now) as User;
  t.match(pendingFactor(begun, new Date('2026-03-15T10:14:59Z')), { kind: 'totp', secret: 'secret' });
  const refused: readonly [User, Date][] = [
    [begun, new Date('2026-03-15T10:15:00Z')],
    [person, now],
    [{ ...person, second_factor_pending: null }, now],
  ];
  for (const [user, at] of refused)
    t.throws(() => pendingFactor(user, at), { kind: 'conflict', code: 'auth.no-second-factor-pending' });
  t.end();
});
