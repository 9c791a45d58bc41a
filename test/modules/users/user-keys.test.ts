/** A change of a user with an Idempotency-Key is carried out once and told alike: in sequence, at once, and by another server. */
import t from 'tap';
import { type Caller, caller, type Loose, type TestReply, testApi } from '../../support/api.ts';

const api = await testApi(t, {}, { secondAdmin: true });
const admin = await api.as('admin');
const second = await api.as('admin', 'second');
let people = 0;
const user = async (): Promise<Caller> => {
  people += 1;
  return api.as('buyer', `person ${people}`);
};
const ok = (reply: TestReply): TestReply => {
  if (reply.status !== 200) throw new Error(JSON.stringify(reply.body));
  return reply;
};
const proposed = async (): Promise<Loose> => {
  const { id } = await user();
  return ok(await second.patch(`/users/${id}`, { roles: ['treasurer'] }, { version: 1 })).body;
};
const disabled = async (): Promise<Loose> => ok(await admin.post(`/users/${(await user()).id}/disable`)).body;

interface Scenario {
  readonly made: () => Promise<{ readonly id: string }>;
  readonly action: string;
  readonly body: object;
  readonly version?: number;
}
const SCENARIOS: readonly Scenario[] = [
  { made: user, action: '', body: { name: 'Another Name' }, version: 1 },
  { made: user, action: '/disable', body: {} },
  { made: disabled, action: '/enable', body: {} },
  { made: proposed, action: '/approve', body: {}, version: 2 },
  { made: proposed, action: '/reject', body: { reason: 'not yet' } },
  { made: user, action: '/reset-password', body: { reason: 'forgotten' } },
];
const other = await api.another();
const elsewhere = caller(other, admin.id, admin.token);

for (const { made, action, body, version } of SCENARIOS)
  t.test(`${action === '' ? 'a change' : action.slice(1)} of a user with a key`, async (t) => {
    const send = (who: Caller, id: string, key: string): Promise<TestReply> => {
      const options = { headers: { 'idempotency-key': key }, ...(version === undefined ? {} : { version }) };
      const path = `/users/${id}${action}`;
      return action === '' ? who.patch(path, body, options) : who.post(path, body, options);
    };
    const { id } = await made();
    const first = await send(admin, id, 'one');
    t.equal(first.status, 200, JSON.stringify(first.body));
    t.match(first.body, { id });
    for (const who of [admin, elsewhere]) {
      const again = await send(who, id, 'one');
      t.equal(again.headers['idempotency-replayed'], 'true');
      t.same([again.status, again.body], [200, first.body]);
    }
    const { id: next } = await made();
    const replies = await Promise.all(Array.from({ length: 4 }, () => send(admin, next, 'at once')));
    const carriedOut = replies.filter(({ headers }) => headers['idempotency-replayed'] === undefined);
    t.equal(carriedOut.length, 1, 'one was carried out');
    for (const reply of replies) t.same([reply.status, reply.body], [200, carriedOut[0]?.body]);
  });
