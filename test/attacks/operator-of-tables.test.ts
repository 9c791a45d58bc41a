/**
 * Somebody with write access to the tables and the buckets, and no key: changes what decides who is paid, how much, and who may decide, against
 * a server with production rules. docs/threats.md says what stops each attack.
 */
import { createHash, randomBytes } from 'node:crypto';
import {
  type AttributeValue,
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
  ScanCommand,
} from '@aws-sdk/client-dynamodb';
import { NumberValue } from '@aws-sdk/lib-dynamodb';
import t from 'tap';
import { anchorAudit } from '../../src/jobs/anchor-audit.ts';
import { reseal } from '../../src/jobs/reseal.ts';
import { verify } from '../../src/jobs/verification/verify.ts';
import { verifyAudit } from '../../src/jobs/verify-audit.ts';
import { createApiKeyRepository } from '../../src/modules/api-keys/index.ts';
import { hashPassword } from '../../src/modules/users/password.ts';
import { nextBankingDay } from '../../src/shared/business-days.ts';
import { addDays, calendarDay } from '../../src/shared/clock.ts';
import type { TableName } from '../../src/shared/dynamo/tables.ts';
import { newId } from '../../src/shared/ids.ts';
import { readAll, sha256Hex } from '../../src/shared/storage/storage.ts';
import { type Loose, TEST_PASSWORD, type TestReply, testApi } from '../support/api.ts';
import { commandOf } from '../support/invoices.ts';
import { jobOver } from '../support/jobs.ts';
import { payables } from '../support/payables.ts';
import { PRODUCTION, PRODUCTION_RULES } from '../support/production.ts';
import { changeItem } from '../support/stored-items.ts';
import { verified as entered } from '../support/verified.ts';

type Wire = Record<string, AttributeValue>;

t.setTimeout(240_000);
const api = await testApi(t, PRODUCTION, PRODUCTION_RULES);
const store = payables(api);
const { client: raw, names } = api.dynamo;
const [admin, otherAdmin] = [await api.as('admin'), await api.as('admin', 'other')];
const [treasurer, second] = [await api.as('treasurer'), await api.as('treasurer', 'second')];
const OTHER_IBAN = 'DE89370400440532013000';

const read = async (table: TableName, id: string): Promise<Wire> => {
  const { Item } = await raw.send(new GetItemCommand({ TableName: names[table], Key: { id: { S: id } } }));
  if (Item === undefined) throw new Error(`no ${id}`);
  return Item;
};
const write = (table: TableName, Item: Wire) => raw.send(new PutItemCommand({ TableName: names[table], Item }));
const change = async (table: TableName, id: string, changes: Wire): Promise<() => Promise<unknown>> => {
  const before = await read(table, id);
  await write(table, { ...before, ...changes });
  return () => write(table, before);
};
const broken = (reply: TestReply, code = 'integrity.seal-broken') => t.match(reply, { status: 500, body: { code } });
const ok = ({ status, body }: TestReply): Loose => {
  if (status >= 300) throw new Error(JSON.stringify(body));
  return body;
};

const debtor = ok(
  await admin.post('/settings/debtor-accounts', {
    ...{ name: 'Example Company BV', iban: 'NL02ABNA0123456789', bic: 'ABNANL2A', currency: 'EUR', country: 'NL' },
  }),
);
ok(
  await otherAdmin.post(`/settings/debtor-accounts/${debtor.id}/approve`, entered('NL02ABNA0123456789'), {
    version: debtor.version,
  }),
);
const execution_date = nextBankingDay(addDays(calendarDay(new Date(), 'UTC'), 3));

async function payable(): Promise<{ readonly vendor: string; readonly account: string; readonly payment: Loose }> {
  const { id: vendor, accountId: account } = await store.vendor();
  const invoice = await store.invoice(vendor, { amount_due: '100.00', ...{ created_by: admin.id } });
  return { vendor, account, payment: ok(await treasurer.post('/payments', { invoice_id: invoice.id })) };
}
const approve = (payment: Loose) => second.post(`/payments/${payment.id}/approve`, {}, { version: payment.version });
/** Written as the module stores it. */
async function machineKey(): Promise<{ readonly id: string; readonly key: string }> {
  const owner = await api.as('integration');
  const [id, secret] = [newId('api_key'), randomBytes(32).toString('base64url')];
  const { keys } = createApiKeyRepository(api.infrastructure);
  const command = commandOf(owner);
  const draft = {
    ...{ id, status: 'active', name: 'import', owner_id: owner.id, scopes: ['vendor:read'], expires_at: null },
    ...{ secret_sha256: createHash('sha256').update(secret).digest('hex'), approved_by: null, created_by: owner.id },
  };
  const { writes } = keys.create(command, draft as Loose);
  await api.dependencies.unitOfWork.run(command, async () => ({ result: undefined, writes }));
  return { id, key: `${id}.${secret}` };
}

async function approvedBatch(): Promise<Loose> {
  const { payment } = await payable();
  ok(await approve(payment));
  const body = { debtor_account_id: debtor.id, execution_date, payment_ids: [payment.id] };
  const batch = ok(await treasurer.post('/payment-batches', body));
  const waiting = ok(await treasurer.post(`/payment-batches/${batch.id}/submit`));
  return ok(await second.post(`/payment-batches/${batch.id}/approve`, {}, { version: waiting.version }));
}
const generated = async (): Promise<Loose> =>
  ok(await treasurer.post(`/payment-batches/${(await approvedBatch()).id}/generate`));

t.test("an approved account's IBAN is changed", async () => {
  const { account, payment } = await payable();
  const undo = await change('bank_accounts', account, { iban: { S: OTHER_IBAN } });
  broken(await approve(payment));
  broken(await second.get(`/vendors/${payment.vendor_id}/bank-accounts/${account}`));
  await undo();
  ok(await approve(payment));
});

t.test('a proposed account is made an approved one, its cooling period over', async () => {
  const { id: vendor, accountId: account } = await store.vendor({}, { status: 'proposed', payable_from: null });
  await change('bank_accounts', account, { status: { S: 'active' }, payable_from: { S: '2020-01-01T00:00:00.000Z' } });
  broken(await treasurer.get(`/vendors/${vendor}/bank-accounts/${account}`));
  const undo = await change('vendors', vendor, { bank_accounts: { L: [] } });
  const invoice = await store.invoice(vendor);
  broken(await treasurer.post('/payments', { invoice_id: invoice.id }));
  await undo();
});

t.test("a user's role, limit, status or password hash is changed", async (t) => {
  const clerk = await api.as('ap_clerk', 'who would pay');
  const email = (await clerk.get('/auth/me')).body.email;
  const changes: Record<string, Wire> = {
    role: { roles: { L: [{ S: 'treasurer' }] } },
    limit: { approval_limit: { M: { amount: { N: '1000000' }, currency: { S: 'EUR' } } } },
    status: { status: { S: 'disabled' } },
    'password hash': { password_hash: { S: await hashPassword('a password that the attacker knows') } },
  };
  for (const [name, changed] of Object.entries(changes)) {
    const undo = await change('users', clerk.id, changed);
    broken(await clerk.post('/vendors', {}));
    broken(await api.raw('POST', '/api/v1/auth/token', { payload: { email, password: TEST_PASSWORD } }));
    await undo();
    t.equal((await clerk.post('/vendors', {})).status >= 500, false, name);
  }
});

t.test('an own session is made that of somebody else', async () => {
  const { email } = (await treasurer.get('/auth/me')).body;
  const { refresh_token } = ok(
    await api.raw('POST', '/api/v1/auth/token', { payload: { email, password: TEST_PASSWORD } }),
  );
  await change('sessions', refresh_token.split('.')[0], { user_id: { S: admin.id } });
  broken(await api.raw('POST', '/api/v1/auth/refresh', { payload: { refresh_token } }));
});

t.test("an API key's scopes, owner, status or secret is changed", async (t) => {
  const made = await machineKey();
  const headers = { 'x-api-key': made.key };
  const vendors = () => api.raw('GET', '/api/v1/vendors', { headers });
  t.equal((await vendors()).status, 200);
  const changes: Record<string, Wire> = {
    scopes: { scopes: { L: [{ S: 'vendor:read' }, { S: 'payment:create' }] } },
    owner: { owner_id: { S: treasurer.id } },
    status: { status: { S: 'revoked' } },
    secret: { secret_sha256: { S: 'a'.repeat(64) } },
  };
  for (const changed of Object.values(changes)) {
    const undo = await change('api_keys', made.id, changed);
    broken(await vendors());
    await undo();
  }
});

t.test("a payment's creditor, amount or status is changed, before and after it is in a batch", async (t) => {
  const { payment } = await payable();
  const changes: Record<string, Wire> = {
    creditor: { creditor: { M: { holder_name: { S: 'Somebody' }, iban: { S: OTHER_IBAN } } } },
    amount: { payment_amount: { N: '100000' } },
    status: { status: { S: 'approved' } },
  };
  for (const [name, changed] of Object.entries(changes)) {
    const undo = await change('payments', payment.id, changed);
    t.match(await approve(payment), { status: 500, body: { code: 'integrity.seal-broken' } }, name);
    await undo();
  }
  const batch = await approvedBatch();
  const [member] = ok(await treasurer.get(`/payment-batches/${batch.id}`)).payments;
  await change('payments', member.id, { payment_amount: { N: '100000' } });
  broken(await treasurer.post(`/payment-batches/${batch.id}/generate`));
});

t.test('an approved invoice is made a larger one', async () => {
  const { id: vendor } = await store.vendor();
  const invoice = await store.invoice(vendor);
  await change('invoices', invoice.id, { payable_amount: { N: '5000' }, open_amount: { N: '5000' } });
  broken(await treasurer.post('/payments', { invoice_id: invoice.id }));
});

t.test("a batch's state, its digests or the debtor account is changed", async (t) => {
  const { payment } = await payable();
  ok(await approve(payment));
  const body = { debtor_account_id: debtor.id, execution_date, payment_ids: [payment.id] };
  const batch = ok(await treasurer.post('/payment-batches', body));
  const undo = await change('payment_batches', batch.id, { status: { S: 'approved' } });
  broken(await treasurer.post(`/payment-batches/${batch.id}/generate`));
  await undo();
  const undoAccount = await change('settings', debtor.id, { iban: { S: OTHER_IBAN } });
  broken(await treasurer.post('/payment-batches', { ...body, payment_ids: [payment.id] }));
  await undoAccount();
  const ready = await generated();
  const stored = await read('payment_batches', ready.id);
  const files = JSON.parse(JSON.stringify(stored['files']).replaceAll(/[0-9a-f]{64}/g, 'a'.repeat(64)));
  await change('payment_batches', ready.id, { files });
  broken(await treasurer.get(`/exports/${ready.id}/xml`));
  t.equal(ready.status, 'generated');
});

t.test('an item is copied over another, with its seal, and under another id', async () => {
  const [one, other] = [await payable(), await payable()];
  const before = await read('bank_accounts', one.account);
  const copy = await read('bank_accounts', other.account);
  await write('bank_accounts', { ...copy, id: before['id'] ?? { NULL: true } });
  broken(await approve(one.payment));
  // With everything that the first had, and only what is encrypted taken from the other.
  const { secret, ...rest } = before;
  await write('bank_accounts', { ...rest, secret: copy['secret'] ?? { NULL: true } });
  broken(await approve(one.payment));
  await write('bank_accounts', before);
  ok(await approve(one.payment));
});

t.test('what an index has of an item is changed, with its seal or without', async (t) => {
  const both = await api.as(['treasurer', 'vendor_manager'], 'pays and approves accounts');
  const { id: vendor } = await store.vendor();
  const invoice = await store.invoice(vendor, { amount_due: '100.00' });
  const payment = ok(await both.post('/payments', { invoice_id: invoice.id }));
  const proposer = await api.as('vendor_manager');
  const body = { holder_name: 'Northwind Paper BV', country: 'NL', iban: 'NL20INGB0001234567' };
  const account = ok(await proposer.post(`/vendors/${vendor}/bank-accounts`, body));
  const approveIt = () =>
    both.post(
      `/vendors/${vendor}/bank-accounts/${account.id}/approve`,
      { iban: body.iban, verification_method: 'call_back', verification_reference: 'call of today' },
      { version: account.version },
    );
  t.match(await approveIt(), { status: 403, body: { code: 'bank_account.segregation-of-duties' } });
  const { summary } = await read('payments', payment.id);
  const list = () => both.get(`/payments?vendor_id=${vendor}`);
  t.same(Object.keys(ok(await list()).data[0]).includes('seal'), false);
  const { seal, ...plain } = summary?.M ?? {};
  t.ok(seal?.B);
  const forgeries: Record<string, Wire> = {
    'another maker': { ...plain, created_by: { S: admin.id }, ...(seal === undefined ? {} : { seal }) },
    'another state': { ...plain, status: { S: 'settled' }, seal: { B: randomBytes(38) } },
    'a seal that is text': { ...plain, seal: { S: 'none' } },
  };
  for (const [name, M] of Object.entries(forgeries)) {
    const undo = await change('payments', payment.id, { summary: { M } });
    t.match(await approveIt(), { status: 500, body: { code: 'integrity.seal-broken' } }, name);
    t.match(await list(), { status: 500, body: { code: 'integrity.seal-broken' } }, name);
    await undo();
  }
  const undo = await change('payments', payment.id, { summary: { M: { ...plain, status: { S: 'settled' } } } });
  broken(await approveIt());
  t.equal((await list()).status, 200, 'a list takes a summary from before they were sealed');
  await undo();
  t.match(await approveIt(), { status: 403 });
});

t.test('a seal is taken off, or made with another key', async (t) => {
  const { account, payment } = await payable();
  const before = await read('bank_accounts', account);
  const { seal, ...bare } = before;
  for (const forged of [bare, { ...bare, seal: { B: randomBytes(38) } }, { ...bare, seal: { S: 'none' } }]) {
    await write('bank_accounts', forged);
    broken(await approve(payment));
    const run = await reseal(jobOver(api).context);
    t.equal(run.result, 'findings', 'and no job gives it one');
    broken(await approve(payment));
  }
  t.ok(seal?.B);
  await write('bank_accounts', before);
});

t.test('an older version of what is decided on is put back', async (t) => {
  const { payment } = await payable();
  const older = await read('payments', payment.id);
  ok(await approve(payment));
  const newer = await read('payments', payment.id);
  await write('payments', older);
  const again = await approve(payment);
  t.match(again, { status: 500, body: { code: 'integrity.rolled-back' } });
  const { result, said } = await verified();
  t.equal(result, 'findings');
  t.match(
    said.filter(({ id }) => id === payment.id).map(({ kind }) => kind),
    ['audit_head'],
  );
  await write('payments', newer);
});

t.test('an older version of what a decision on money only reads is put back', async (t) => {
  const roll = async (table: TableName, id: string, older: Wire): Promise<() => Promise<unknown>> => {
    const newer = await read(table, id);
    await write(table, older);
    return () => write(table, newer);
  };
  const rolledBack = { status: 500, body: { code: 'integrity.rolled-back' } };
  const { vendor, account, payment } = await payable();
  const [activeAccount, activeVendor] = [await read('bank_accounts', account), await read('vendors', vendor)];
  await store.changeAccount(account, { status: 'revoked' });
  t.match(await approve(payment), { status: 422 });
  const undo = await roll('bank_accounts', account, activeAccount);
  t.match(await approve(payment), rolledBack, 'an account that was revoked');
  await undo();
  await store.changeAccount(account, { status: 'active' });
  await store.changeVendor(vendor, { status: 'blocked' });
  const undoVendor = await roll('vendors', vendor, activeVendor);
  t.match(await approve(payment), rolledBack, 'a vendor that was blocked');
  const invoice = await store.invoice(vendor, { amount_due: '100.00' });
  t.match(await treasurer.post('/payments', { invoice_id: invoice.id }), rolledBack);
  t.match(
    await treasurer.post('/payments?dry_run=true', { invoice_id: invoice.id }),
    rolledBack,
    'also where it is only tried',
  );
  await undoVendor();
  await store.changeVendor(vendor, { status: 'active' });
  const reply = await approve(payment);
  t.equal(reply.status, 200, JSON.stringify(reply.body));
});

t.test(
  'an older version of who asks is put back: a person with the roles of yesterday, or a key that was revoked',
  async (t) => {
    const admin = await api.as('admin');
    const rolledBack = { status: 500, body: { code: 'integrity.rolled-back' } };
    const reason = { reason: 'an attack' };
    const person = await api.as('vendor_manager', 'whose role was taken away');
    const yesterday = await read('users', person.id);
    const { version } = (await admin.get(`/users/${person.id}`)).body;
    const demoted = await admin.patch(`/users/${person.id}`, { roles: ['buyer'] }, { version });
    t.equal(demoted.status, 200, JSON.stringify(demoted.body));
    await write('users', yesterday);
    const { vendor } = await payable();
    t.match(await person.post(`/vendors/${vendor}/hold`, reason), rolledBack);
    t.match(
      await person.get('/vendors?limit=1'),
      { status: 200 },
      'what decides nothing and shows no account is on trust',
    );

    const made = await admin.post('/api-keys', { name: 'Scanner', scopes: ['user:read'] });
    t.equal(made.status, 201, JSON.stringify(made.body));
    const { id, key } = made.body;
    ok(await otherAdmin.post(`/api-keys/${id}/approve`, {}, { version: 1 }));
    const active = await read('api_keys', id);
    t.match(await admin.post(`/api-keys/${id}/revoke`, reason), { status: 200 });
    await write('api_keys', active);
    t.match(await api.raw('GET', '/api/v1/users?limit=1', { headers: { 'x-api-key': key } }), rolledBack);
  },
);

t.test('an item is changed by a program that has the key, past its trail', async (t) => {
  const { vendor, account, payment } = await payable();
  const clerk = await api.as('ap_clerk', 'whose limit grew');
  const invoice = payment.invoice_id;
  const cases: [TableName, string, Loose][] = [
    ['bank_accounts', account, { iban: OTHER_IBAN, holder_name: 'Somebody' }],
    ['vendors', vendor, { payment_terms: 'DUE ON RECEIPT' }],
    ['payments', payment.id, { payment_amount: NumberValue.from('100000'), status: 'approved' }],
    ['invoices', invoice, { credits: [{ invoice_id: invoice, amount: NumberValue.from('1') }] }],
    ['users', clerk.id, { roles: ['treasurer'], approval_limit: { amount: NumberValue.from('5'), currency: 'EUR' } }],
  ];
  const undo: (() => Promise<unknown>)[] = [];
  for (const [table, id, changed] of cases) {
    const before = await read(table, id);
    undo.push(() => write(table, before));
    await changeItem(api.client, names[table], id, (item) => ({ ...item, ...changed }));
  }
  const { result, said } = await verified();
  for (const put of undo) await put();
  t.equal(result, 'findings');
  const trails = said.filter(({ kind }) => kind === 'trail').map(({ id, msg }) => [id, msg]);
  t.same(
    trails.sort(),
    cases
      .map(([, id, changed]) => [
        id,
        `It holds something else than its trail says: ${Object.keys(changed).sort().join(', ')}.`,
      ])
      .sort(),
  );
  t.notMatch(JSON.stringify(said), /DE8937040044|Somebody/);
  t.same(
    (await verified()).said.filter(({ kind }) => kind === 'trail'),
    [],
    'and nothing is found of what nobody changed',
  );
});

t.test("the end of an entity's trail is cut, with its item put back or not", async (t) => {
  const { payment } = await payable();
  const older = await read('payments', payment.id);
  ok(await approve(payment));
  const newer = await read('payments', payment.id);
  const Key = { entity_id: { S: payment.id }, seq: { N: '2' } };
  const { Item: event = {} } = await raw.send(new GetItemCommand({ TableName: names.audit_log, Key }));
  await anchorAudit.run(jobOver(api).context);
  await raw.send(new DeleteItemCommand({ TableName: names.audit_log, Key }));
  const kindsOf = ({ said }: { readonly said: Loose[] }) =>
    said.filter(({ id }) => id === payment.id).map(({ kind }) => kind);
  t.same(kindsOf(await verified()), ['audit_head']);
  await write('payments', older);
  t.same(kindsOf(await verified()), [], 'the tables alone agree');
  const job = jobOver(api);
  t.equal((await verifyAudit(job.context)).result, 'findings');
  t.match(
    job.said.find(({ entity_id }) => entity_id === payment.id),
    { reason: 'the chain ends at 1, where an anchor holds event 2' },
  );
  await write('audit_log', event);
  await write('payments', newer);
});

t.test('an entry of the security log is changed, moved, removed, put in or hidden', async (t) => {
  await api.dependencies.securityLog.drain();
  const { record, drain } = api.dependencies.securityLog;
  for (let n = 0; n < 4; n += 1) record({ kind: 'sign_in_refused', ip: '192.0.2.1', detail: `attempt ${n}` });
  await drain();
  const day = new Date().toISOString().slice(0, 10);
  const entries = async (): Promise<Wire[]> => {
    const { Items = [] } = await raw.send(new ScanCommand({ TableName: names.security_log, ConsistentRead: true }));
    return Items.filter(({ detail }) => detail?.S?.startsWith('attempt')).sort((a, b) =>
      seqOf(a) < seqOf(b) ? -1 : 1,
    );
  };
  const seqOf = ({ seq }: Wire): number => Number(seq?.N);
  const keyOf = ({ day: of, id }: Wire) => ({ day: of ?? { NULL: true }, id: id ?? { NULL: true } });
  const remove = (entry: Wire) => raw.send(new DeleteItemCommand({ TableName: names.security_log, Key: keyOf(entry) }));
  const [first = {}, second = {}, third = {}, last = {}] = await entries();
  const chain = String(first['chain']?.S);
  const logSaid = async () => {
    const job = jobOver(api);
    const { result, facts } = await verifyAudit(job.context);
    return { result, facts, said: job.said.filter(({ entity }) => entity === 'security_log') };
  };
  const whole = await logSaid();
  t.same(whole.said, []);
  t.ok(Number(whole.facts['log_entries']) >= 4);
  const put = (...some: Wire[]) => Promise.all(some.map((entry) => write('security_log', entry)));
  const attacks: Record<string, { attack: () => Promise<unknown>; found: string[] }> = {
    changed: {
      attack: () => put({ ...second, ip: { S: '203.0.113.9' } }),
      found: ['it is not what this system wrote', `entry ${seqOf(second)} is missing`],
    },
    'without its seal': {
      attack: async () => put(Object.fromEntries(Object.entries(second).filter(([name]) => name !== 'seal'))),
      found: ['it is not what this system wrote', `entry ${seqOf(second)} is missing`],
    },
    removed: { attack: () => remove(second), found: [`entry ${seqOf(second)} is missing`] },
    'in the place of another': {
      attack: () => put({ ...second, ...keyOf(third) }, { ...third, ...keyOf(second) }),
      found: [
        'it is not what this system wrote',
        'it is not what this system wrote',
        `entry ${seqOf(second)} is missing`,
        `entry ${seqOf(third)} is missing`,
      ],
    },
  };
  for (const [name, { attack, found }] of Object.entries(attacks)) {
    await attack();
    const { result, said } = await logSaid();
    t.equal(result, 'findings', name);
    t.same(said.map(({ reason }) => reason).sort(), [...found].sort(), name);
    t.same(new Set(said.map(({ entity_id }) => entity_id)), new Set([chain]));
    await put(second, third);
  }
  const forged = {
    ...keyOf(last),
    id: { S: newId('event') },
    at: { S: `${day}T00:00:00.000Z` },
    kind: { S: 'signed_in' },
  };
  await put(forged, { ...last, id: { S: newId('event') } });
  t.match((await logSaid()).said, [{ reason: 'it is not what this system wrote' }]);
  const old = { ...forged, day: { S: '2999-01-01' } };
  await put(old);
  t.match((await logSaid()).said.slice(1), [{ entity_id: '2999-01-01', reason: '1 entries are in no chain' }]);
  await remove(old);

  await remove(last);
  t.same((await logSaid()).said.slice(1), [], 'the tables alone do not tell of a cut tail');
  await put(last);
  await anchorAudit.run(jobOver(api).context);
  await remove(last);
  t.match((await logSaid()).said.slice(1), [
    { entity_id: chain, seq: seqOf(last), reason: /is not the one that an anchor holds/, anchor: Number },
  ]);
  await put(last);
  t.equal((await (await api.as('auditor')).get('/audit/security')).status, 200, 'a list shows also what is forged');
});

t.test("another batch's file lies where the batch's own should", async (t) => {
  const [one, other] = [await generated(), await generated()];
  const storage = api.infrastructure.storage.payments;
  const keyOf = (batch: Loose, format: string): string => `${batch.id}/${batch.message_id}.${format}`;
  const bytesOf = async (key: string): Promise<Buffer> => {
    const object = await storage.get(key);
    if (object === undefined) throw new Error(`no ${key}`);
    return readAll(object);
  };
  const [own, foreign] = [await bytesOf(keyOf(one, 'xml')), await bytesOf(keyOf(other, 'xml'))];
  t.equal(own.length, foreign.length, 'of the same size');
  const put = async (bytes: Buffer): Promise<void> => {
    await storage.delete(keyOf(one, 'xml'));
    await storage.put(keyOf(one, 'xml'), bytes, { content_type: 'application/xml', sha256: sha256Hex(bytes) });
  };
  await put(foreign);
  broken(await treasurer.get(`/exports/${one.id}/xml`), 'integrity.file-differs');
  t.equal(ok(await treasurer.get(`/payment-batches/${one.id}`)).first_downloaded_at, null, 'and it was not downloaded');
  t.equal((await treasurer.get(`/exports/${one.id}/json`)).status, 200, 'the other file is whole');
  const { said } = await verified();
  t.same(
    said.filter(({ kind, id }) => kind === 'file' && id.startsWith(one.id)).map(({ id }) => id),
    [keyOf(one, 'xml')],
  );
  await storage.delete(keyOf(one, 'xml'));
  broken(await treasurer.get(`/exports/${one.id}/xml`), 'integrity.file-differs');
  await put(own);
  t.equal((await treasurer.get(`/exports/${one.id}/xml`)).status, 200);
});

t.test('the reply of an idempotent command is edited', async (t) => {
  const { id: vendor } = await store.vendor();
  const invoice = await store.invoice(vendor);
  const headers = { 'idempotency-key': 'pay it once' };
  const pay = () => treasurer.post('/payments', { invoice_id: invoice.id }, { headers });
  ok(await pay());
  const { Items = [] } = await raw.send(new ScanCommand({ TableName: names.idempotency }));
  t.notMatch(JSON.stringify(Items.map(({ body }) => Buffer.from(body?.B ?? []).toString('latin1'))), /NL91ABNA/);
  for (const item of Items) await write('idempotency', { ...item, status: { N: '202' } });
  broken(await pay());
});

t.test('no account number is readable in any table', async (t) => {
  ok(await approve((await payable()).payment));
  await generated();
  for (const table of Object.values(names)) {
    const { Items = [] } = await raw.send(new ScanCommand({ TableName: table }));
    t.notMatch(JSON.stringify(Items), /ABNA0417164300|ABNA0123456789/, table);
  }
});

t.test(
  'what was changed is found by the verification, and told to the security log without a bank detail',
  async (t) => {
    const { account, payment } = await payable();
    await change('bank_accounts', account, { iban: { S: OTHER_IBAN } });
    await raw.send(new DeleteItemCommand({ TableName: names.idempotency, Key: { id: { S: 'none' } } }));
    broken(await approve(payment));
    const { said } = await verified();
    t.match(
      said.filter(({ id }) => id === account).map(({ kind }) => kind),
      ['seal'],
    );
    t.match((await (await api.as('auditor')).get('/audit/security?limit=100')).body.data, [
      { kind: 'integrity_broken' },
    ]);
    t.match(
      api.log.find((line) => line.includes('integrity.seal-broken')),
      /"table":"bank_accounts"/,
    );
    t.notMatch(api.log.join('\n'), /DE8937040044/);
  },
);

async function verified(): Promise<{ readonly result: string; readonly said: Loose[] }> {
  const job = jobOver(api);
  const { result } = await verify(job.context);
  return { result, said: job.said };
}
