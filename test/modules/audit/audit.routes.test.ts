import { DeleteCommand, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import t from 'tap';
import { type AuditEvent, eventFromItem, eventToItem, hashOf } from '../../../src/shared/audit/event.ts';
import { ROLES } from '../../../src/shared/permissions.ts';
import { type Loose, testApi } from '../../support/api.ts';

const api = await testApi(t);
const manager = await api.as('vendor_manager');
const second = await api.as('vendor_manager', 'second');
const auditor = await api.as('auditor');
const { audit_log, vendors } = api.dynamo.names;

const VENDOR = { name: 'Example Paper BV', email: 'v@example.com', payment_terms: 'EOM', currency: 'EUR' };
const asked = (entity: string, id: string): string => `entity=${entity}&entity_id=${id}`;
const verify = async (id: string, entity = 'vendor'): Promise<Loose> =>
  (await auditor.get(`/audit/verify?${asked(entity, id)}`)).body;

/** A vendor with a chain of five events. */
async function vendor(): Promise<string> {
  const { id } = (await manager.post('/vendors', VENDOR)).body;
  await second.post(`/vendors/${id}/approve`, { reason: 'known' }, { version: 1 });
  for (const [action, reason] of [
    ['hold', 'a check'],
    ['release', 'checked'],
    ['hold', 'another check'],
  ] as const)
    t.equal((await manager.post(`/vendors/${id}/${action}`, { reason })).status, 200, action);
  return id;
}

const read = async (entity_id: string, seq: number): Promise<AuditEvent> => {
  const { Item } = await api.client.send(new GetCommand({ TableName: audit_log, Key: { entity_id, seq } }));
  if (Item === undefined) throw new Error(`no event ${seq}`);
  return eventFromItem(Item);
};
const write = (event: AuditEvent, more: object = {}) =>
  api.client.send(new PutCommand({ TableName: audit_log, Item: { ...eventToItem(event), ...more } }));
const remove = (entity_id: string, seq: number) =>
  api.client.send(new DeleteCommand({ TableName: audit_log, Key: { entity_id, seq } }));

t.test('the trail tells who did what, newest first and page by page', async (t) => {
  const id = await vendor();
  const reply = await auditor.get(`/audit?${asked('vendor', id)}`);
  t.equal(reply.status, 200, JSON.stringify(reply.body));
  const facts = reply.body.data.map(({ seq, action, actor, reason }: Loose) => [seq, action, actor, reason]);
  t.same(facts, [
    [5, 'hold', manager.id, 'another check'],
    [4, 'release', manager.id, 'checked'],
    [3, 'hold', manager.id, 'a check'],
    [2, 'approve', second.id, 'known'],
    [1, 'created', manager.id, null],
  ]);
  const [newest, , , approved, created] = reply.body.data;
  t.match(approved, { entity: 'vendor', entity_id: id, on_behalf_of: null, via: null, prev_hash: created.hash });
  t.same(approved.changes, [
    { field: 'approved_by', before: null, after: second.id },
    { field: 'status', before: 'pending', after: 'active' },
  ]);
  t.ok(created.changes.some(({ field, before, after }: Loose) => field === 'name' && before === null && after));
  t.match(created.request_id, /^[\w-]+$/);

  const seen: number[] = [];
  let cursor = '';
  do {
    const { body } = await auditor.get(`/audit?${asked('vendor', id)}&limit=2${cursor}`);
    seen.push(...body.data.map(({ seq }: Loose) => seq));
    cursor = body.next_cursor === null ? '' : `&cursor=${body.next_cursor}`;
  } while (cursor !== '');
  t.same(seen, [5, 4, 3, 2, 1]);
  t.same(await verify(id), { valid: true, events: 5, head_hash: newest.hash });
});

t.test('only an auditor reads the trail and its verdict', async (t) => {
  const id = await vendor();
  for (const role of ROLES)
    for (const path of [`audit?${asked('vendor', id)}`, `audit/verify?${asked('vendor', id)}`, 'audit/security']) {
      const { status } = await (await api.as(role)).get(`/${path}`);
      t.equal(status, role === 'auditor' ? 200 : 403, `${role} ${path}`);
    }
  t.equal((await api.raw('GET', `/api/v1/audit?${asked('vendor', id)}`)).status, 401);
});

t.test('what is asked must be one thing of one kind', async (t) => {
  const id = await vendor();
  for (const query of ['', 'entity=vendor', `entity_id=${id}`, asked('nothing', id), `${asked('vendor', id)}&x=1`]) {
    t.equal((await auditor.get(`/audit?${query}`)).status, 400, query);
    t.equal((await auditor.get(`/audit/verify?${query}`)).status, 400, query);
  }
  for (const [entity, other] of [
    ['invoice', id],
    ['settings', id],
    ['vendor', 'company'],
  ] as const) {
    t.equal((await auditor.get(`/audit?${asked(entity, other)}`)).body.code, `${entity}.not-found`);
    t.equal((await auditor.get(`/audit/verify?${asked(entity, other)}`)).status, 404);
  }
  const unknown = id.replace(/.$/, (last) => (last === '0' ? '1' : '0'));
  t.match(await verify(unknown), { status: 404, code: 'vendor.not-found' });
  t.same((await auditor.get(`/audit?${asked('vendor', unknown)}`)).body, { data: [], next_cursor: null });
});

t.test('bank details are opened only for who may read them', async (t) => {
  const id = await vendor();
  const iban = 'NL91ABNA0417164300';
  const made = await manager.post(`/vendors/${id}/bank-accounts`, { holder_name: 'Example Paper BV', iban });
  t.equal(made.status, 201, JSON.stringify(made.body));
  const path = `/audit?${asked('bank_account', made.body.id)}`;
  const after = (reply: Loose, field: string): unknown =>
    reply.body.data[0].changes.find((change: Loose) => change.field === field)?.after;
  const sealed = await auditor.get(path);
  t.equal(after(sealed, 'iban'), 'sealed');
  t.equal(after(sealed, 'holder_name'), 'Example Paper BV');
  t.notMatch(JSON.stringify(sealed.body), /0417164300|sealed:v/);
  const both = await api.as(['auditor', 'treasurer'], 'both');
  t.equal(after(await both.get(path), 'iban'), iban);
  t.match(await verify(made.body.id, 'bank_account'), { valid: true, events: 1 });

  const event = await read(made.body.id, 1);
  const changes = event.changes.map((change) =>
    change.field === 'iban' ? { ...change, after: 'sealed:v1:AAAA' } : change,
  );
  await write({ ...event, changes });
  t.equal(after(await both.get(path), 'iban'), 'sealed', 'what cannot be opened hides nothing else');
  t.match(await verify(made.body.id, 'bank_account'), { valid: false, first_broken: { seq: 1 } });
});

t.test('every tampering is found from the data alone, where it begins', async (t) => {
  const cases: Record<string, { tamper: (id: string) => Promise<unknown>; seq: number; reason: RegExp }> = {
    'a changed event': {
      tamper: async (id) => write({ ...(await read(id, 2)), actor: manager.id }),
      seq: 2,
      reason: /content was changed/,
    },
    'an event with something added': {
      tamper: async (id) => write(await read(id, 4), { note: 'x' }),
      seq: 4,
      reason: /content was changed/,
    },
    'changes that cannot be read': {
      tamper: async (id) => write(await read(id, 3), { changes: '[{' }),
      seq: 3,
      reason: /content was changed/,
    },
    'changes that are no list': {
      tamper: async (id) => write(await read(id, 3), { changes: '{}' }),
      seq: 3,
      reason: /content was changed/,
    },
    'a changed event with its own hash recomputed': {
      tamper: async (id) => {
        const event = { ...(await read(id, 2)), reason: 'forged' };
        return write({ ...event, hash: hashOf(event) });
      },
      seq: 3,
      reason: /does not follow/,
    },
    'the last event recomputed': {
      tamper: async (id) => {
        const event = { ...(await read(id, 5)), reason: 'forged' };
        return write({ ...event, hash: hashOf(event) });
      },
      seq: 6,
      reason: /does not end at the head/,
    },
    'two events in the other order': {
      tamper: async (id) => {
        const [third, fourth] = [await read(id, 3), await read(id, 4)];
        await write({ ...third, seq: 4 });
        await write({ ...fourth, seq: 3 });
      },
      seq: 3,
      reason: /does not follow/,
    },
    'an event deleted in the middle': { tamper: (id) => remove(id, 3), seq: 3, reason: /event 3 is missing/ },
    'the first event deleted': { tamper: (id) => remove(id, 1), seq: 1, reason: /event 1 is missing/ },
    'a cut tail': {
      tamper: async (id) => [await remove(id, 5), await remove(id, 4)],
      seq: 4,
      reason: /does not end at the head/,
    },
    'an appended event': {
      tamper: async (id) => {
        const last = await read(id, 5);
        const event = { ...last, seq: 6, prev_hash: last.hash };
        return write({ ...event, hash: hashOf(event) });
      },
      seq: 6,
      reason: /does not end at the head/,
    },
    'an event of another kind': {
      tamper: async (id) => {
        const event: AuditEvent = { ...(await read(id, 5)), entity: 'payment' };
        return write({ ...event, hash: hashOf(event) });
      },
      seq: 5,
      reason: /another kind/,
    },
    'the whole chain gone': {
      tamper: async (id) => {
        for (let seq = 1; seq <= 5; seq += 1) await remove(id, seq);
      },
      seq: 1,
      reason: /does not end at the head/,
    },
    'an entity gone without an event': {
      tamper: (id) => api.client.send(new DeleteCommand({ TableName: vendors, Key: { id } })),
      seq: 6,
      reason: /the entity is missing/,
    },
    'a head taken off the entity': {
      tamper: async (id) => {
        const { Item } = await api.client.send(new GetCommand({ TableName: vendors, Key: { id } }));
        const { audit: _head, ...rest } = Item ?? {};
        return api.client.send(new PutCommand({ TableName: vendors, Item: rest }));
      },
      seq: 6,
      reason: /holds no head/,
    },
  };
  for (const [name, { tamper, seq, reason }] of Object.entries(cases)) {
    const id = await vendor();
    t.equal((await verify(id)).valid, true, `before ${name}`);
    await tamper(id);
    const verdict = await verify(id);
    t.equal(verdict.valid, false, name);
    t.equal(verdict.first_broken?.seq, seq, name);
    t.match(verdict.first_broken?.reason, reason, name);
    t.equal((await auditor.get(`/audit?${asked('vendor', id)}`)).status, 200, `${name} can still be read`);
  }
});

t.test('the chain of what was deleted ends with its deletion', async (t) => {
  const { id } = (await manager.post('/vendors', VENDOR)).body;
  const deleted = await manager.delete(`/vendors/${id}`, { version: 1 });
  t.equal(deleted.status, 204, JSON.stringify(deleted.body));
  t.match(await verify(id), { valid: true, events: 2 });
  t.equal((await auditor.get(`/audit?${asked('vendor', id)}`)).body.data[0].action, 'deleted');
  await remove(id, 2);
  t.match(await verify(id), { valid: false, first_broken: { seq: 2, reason: /the entity is missing/ } });
});

t.test('settings and people have chains of their own', async (t) => {
  const admin = await api.as('admin');
  const company = await admin.get('/settings/company');
  const changed = await admin.patch(
    '/settings/company',
    { receiver_may_not_be_approver: !company.body.receiver_may_not_be_approver },
    { version: company.body.version },
  );
  t.equal(changed.status, 200, JSON.stringify(changed.body));
  t.match(await verify('company', 'settings'), { valid: true, events: 1 });
  t.match(await verify(manager.id, 'user'), { valid: true, events: 1 });
});

t.test('the verdict holds while the entity is being decided on', async (t) => {
  const id = await vendor();
  const turns = async (): Promise<void> => {
    for (let n = 0; n < 4; n += 1)
      for (const action of ['release', 'hold']) await manager.post(`/vendors/${id}/${action}`, { reason: 'a check' });
  };
  const verdicts: Loose[] = [];
  let busy = true;
  const turning = turns().finally(() => {
    busy = false;
  });
  while (busy) verdicts.push(await verify(id));
  await turning;
  t.ok(verdicts.length > 0);
  t.same(
    verdicts.filter(({ valid, code }) => valid !== true && code !== 'audit.busy'),
    [],
  );
  t.match(await verify(id), { valid: true, events: 13 });
});

t.test('denials of a day are in the security log', async (t) => {
  await manager.get('/audit/security');
  await api.dependencies.securityLog.drain();
  const { status, body } = await auditor.get('/audit/security?limit=100');
  t.equal(status, 200, JSON.stringify(body));
  t.ok(
    body.data.some(({ kind, actor_id }: Loose) => kind === 'denied' && actor_id === manager.id),
    'told',
  );
  t.same((await auditor.get('/audit/security?day=2020-01-01')).body, { data: [], next_cursor: null });
  t.equal((await auditor.get('/audit/security?day=yesterday')).status, 400);
});
