import t from 'tap';
import { ROLES } from '../../../src/shared/permissions.ts';
import { type Caller, enrol, type Loose, testApi } from '../../support/api.ts';
import { verified } from '../../support/verified.ts';

const api = await testApi(t);
const manager = await api.as('vendor_manager');
const second = await api.as('vendor_manager', 'second');
const ids = (reply: Loose): string[] => reply.body.data.map(({ entity_id }: Loose) => entity_id);
const vendor = async (name: string): Promise<Loose> =>
  (await manager.post('/vendors', { name, email: 'v@example.com', payment_terms: 'EOM', currency: 'EUR' })).body;

t.test('vendors and bank accounts wait for a person who has had no hand in them', async (t) => {
  const first = await vendor('First');
  const account = await second.post(`/vendors/${first.id}/bank-accounts`, {
    holder_name: 'First BV',
    iban: 'NL91ABNA0417164300',
  });
  t.equal(account.status, 201, JSON.stringify(account.body));
  const other = await vendor('Other');
  await second.patch(`/vendors/${other.id}`, { name: 'Other BV' }, { version: 1 });

  t.same(ids(await manager.get('/approvals')), [account.body.id], 'proposed by the other');
  const reply = await second.get('/approvals');
  t.same(ids(reply), [first.id], 'not the one they changed, nor the account they proposed');
  t.match(reply.body.data[0], {
    entity: 'vendor',
    title: 'First',
    version: 2,
    created_at: first.created_at,
    path: `/api/v1/vendors/${first.id}`,
  });
  t.ok(reply.body.data[0].waiting_since >= first.created_at);
  t.equal(reply.body.next_cursor, null);

  const third = await api.as('vendor_manager', 'third');
  t.same(ids(await third.get('/approvals')), [other.id, account.body.id, first.id], 'newest first');
  const [, waiting] = (await third.get('/approvals')).body.data;
  t.equal(waiting.path, `/api/v1/vendors/${first.id}/bank-accounts/${account.body.id}`);
  t.notMatch(JSON.stringify(waiting), /0417/, 'no account number');
  for (const { path, version } of (await third.get('/approvals')).body.data)
    if (path !== `/api/v1/vendors/${first.id}`)
      t.equal(
        (
          await third.post(`${path}/approve`, path.includes('/bank-accounts/') ? verified('NL91ABNA0417164300') : {}, {
            version,
          })
        ).status,
        200,
      );
  t.same(ids(await third.get('/approvals')), [first.id], 'what was decided waits no longer');
});

t.test('pages go on where the last one ended, for the same caller alone', async (t) => {
  const made: string[] = [];
  for (let n = 0; n < 5; n += 1) made.unshift((await vendor(`Paged ${n}`)).id);
  const first = await second.get('/approvals?limit=2');
  t.same(ids(first), made.slice(0, 2));
  const next = await second.get(`/approvals?limit=2&cursor=${first.body.next_cursor}`);
  t.same(ids(next), made.slice(2, 4));
  const third = await api.as('vendor_manager', 'third');
  t.equal((await third.get(`/approvals?limit=2&cursor=${first.body.next_cursor}`)).status, 400);
  t.equal((await second.get(`/approvals?cursor=${first.body.next_cursor}x`)).status, 400);
  t.equal((await second.get('/approvals?status=pending')).status, 400);
});

t.test('every role may ask, and is shown only what its permissions let it decide', async (t) => {
  for (const role of ROLES) {
    const reply = await (await api.as(role, 'asking')).get('/approvals');
    t.equal(reply.status, role === 'integration' ? 403 : 200, role);
    if (reply.status === 200) t.equal(ids(reply).length > 0, role === 'vendor_manager', role);
  }
  t.equal((await api.raw('GET', '/api/v1/approvals')).status, 401);
});

t.test('rights that take a second admin wait for one', async (t) => {
  const of = async (caller: Caller, entity: string): Promise<Loose[]> =>
    (await caller.get('/approvals?limit=100')).body.data.filter((item: Loose) => item.entity === entity);
  const guarded = await testApi(t, {}, { secondAdmin: true });
  const [first, second] = [await guarded.as('admin'), await guarded.as('admin', 'second')];
  const person = await first.post('/users', {
    email: 'treasurer@example.com',
    name: 'Example Treasurer',
    roles: ['treasurer'],
  });
  t.equal(person.status, 201, JSON.stringify(person.body));
  t.match(await of(second, 'user'), [
    { entity_id: person.body.id, title: 'Rights of Example Treasurer: treasurer', version: 1 },
  ]);
  t.same(await of(first, 'user'), [], 'not who proposed them');
  t.equal((await second.post(`/users/${person.body.id}/approve`, {}, { version: 1 })).status, 200);
  t.same(await of(second, 'user'), []);
  await second.patch(`/users/${first.id}`, { roles: ['admin', 'treasurer'] }, { version: 1 });
  t.same(await of(first, 'user'), [], 'nor whom they are for');
  t.equal((await of(await guarded.as('admin', 'third'), 'user')).length, 1);
});

t.test(
  'a reset waits for an admin, or for whoever approves where no admin is left, once the person has a password',
  async (t) => {
    const guarded = await testApi(t, {}, { secondAdmin: true });
    const [first, second] = [await guarded.as('admin'), await guarded.as('admin', 'second')];
    const treasurer = await guarded.as('treasurer');
    const of = async (caller: Caller): Promise<Loose[]> =>
      (await caller.get('/approvals?limit=100')).body.data.filter(({ entity }: Loose) => entity === 'user');
    const reset = await first.post(`/users/${second.id}/reset-password`, {});
    t.same(await of(treasurer), [], 'not before');
    await enrol(guarded, reset.body.enrolment.token);
    t.same(await of(first), [], 'not who reset it');
    const [waiting] = await of(treasurer);
    t.match(waiting, {
      entity_id: second.id,
      title: /^Reset of /,
      action: 'confirm',
      path: `/api/v1/users/${second.id}`,
    });
    t.same(await of(await guarded.as('buyer')), []);
    const third = await guarded.as('admin', 'third');
    t.same(await of(treasurer), [], 'an admin is there again');
    const [listed] = await of(third);
    const { path, action, version } = listed;
    t.equal((await third.post(`${path}/${action}`, {}, { version })).status, 200);
    t.same(await of(third), []);
  },
);
