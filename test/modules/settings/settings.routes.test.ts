import { GetCommand } from '@aws-sdk/lib-dynamodb';
import t from 'tap';
import { ROLES } from '../../../src/shared/permissions.ts';
import { caller, type Loose, testApi } from '../../support/api.ts';
import { changeItem } from '../../support/stored-items.ts';
import { verified } from '../../support/verified.ts';

const api = await testApi(t);
const production = await api.another({ secondAdmin: true, coolingHours: 24 });
const admin = await api.as('admin');
const treasurer = await api.as('treasurer');
const first = caller(production, admin.id, admin.token);
const otherAdmin = await api.as('admin', 'second');
const second = caller(production, otherAdmin.id, otherAdmin.token);

const MAIN = {
  name: 'Example Company BV',
  iban: 'nl91 abna 0417 1643 00',
  bic: 'ABNANL2A',
  currency: 'EUR',
  country: 'NL',
};
const pointers = ({ body }: Loose): string[] => body.errors.map(({ pointer }: Loose) => pointer).sort();

t.test('the company is as shipped until somebody decides', async (t) => {
  const company = await admin.get('/settings/company');
  t.equal(company.status, 200, JSON.stringify(company.body));
  t.equal(company.headers.etag, '"0"');
  t.same(company.body, {
    id: 'company',
    version: 0,
    updated_at: null,
    name: 'Example Company',
    time_zone: 'UTC',
    currency: 'EUR',
    bank_account_cooling_hours: 0,
    receiver_may_not_be_approver: false,
    document_years_ahead: 2,
    proposed: null,
  });
  t.equal((await first.get('/settings/company')).body.bank_account_cooling_hours, 24);
});

t.test('in the embedded default an admin changes the company at once', async (t) => {
  t.equal((await admin.patch('/settings/company', { time_zone: 'Asia/Tokyo' })).status, 428);
  const dry = await admin.patch('/settings/company?dry_run=true', { time_zone: 'Asia/Tokyo' }, { version: 0 });
  t.equal(dry.status, 200);
  t.equal((await admin.get('/settings/company')).body.version, 0);
  const changed = await admin.patch('/settings/company', { time_zone: 'Asia/Tokyo' }, { version: 0 });
  t.match(changed.body, { version: 1, time_zone: 'Asia/Tokyo', currency: 'EUR' });
  t.equal(await api.dependencies.settings.today(new Date('2026-03-01T16:00:00Z')), '2026-03-02');
  t.equal((await admin.patch('/settings/company', { name: 'Late' }, { version: 0 })).status, 412);
  const again = await admin.patch('/settings/company', { bank_account_cooling_hours: 2 }, { version: 1 });
  t.match(again.body, { version: 2, time_zone: 'Asia/Tokyo', bank_account_cooling_hours: 2 });
  t.equal((await api.dependencies.settings.companyFacts()).bank_account_cooling_hours, 2);
  t.equal((await admin.post('/settings/company/approve', {}, { version: 2 })).body.code, 'settings.nothing-proposed');
});

t.test('all that is wrong with the company is told at once', async (t) => {
  const refused = await admin.patch('/settings/company', { time_zone: '+01:00', currency: 'ZZZ' }, { version: 2 });
  t.equal(refused.status, 422);
  t.same(pointers(refused), ['#/currency', '#/time_zone']);
  const nowhere = await admin.patch('/settings/company', { time_zone: 'Mars/Olympus' }, { version: 2 });
  t.same(pointers(nowhere), ['#/time_zone']);
  const malformed = await admin.patch(
    '/settings/company',
    { bank_account_cooling_hours: '2', colour: 1 },
    { version: 2 },
  );
  t.equal(malformed.status, 400);
  t.same(pointers(malformed), ['#/bank_account_cooling_hours', '#/colour']);
  t.equal((await admin.patch('/settings/company', {}, { version: 2 })).status, 400);
});

t.test('in production a change of the company waits for a second admin', async (t) => {
  const proposed = await first.patch('/settings/company', { bank_account_cooling_hours: 48 }, { version: 2 });
  t.match(proposed.body, {
    version: 3,
    bank_account_cooling_hours: 2,
    proposed: { changes: { bank_account_cooling_hours: 48 }, proposed_by: admin.id },
  });
  const own = await first.post('/settings/company/approve', {}, { version: 3 });
  t.match(own.body, { status: 403, code: 'settings.segregation-of-duties' });
  t.equal((await second.post('/settings/company/approve')).status, 428);
  const approved = await second.post('/settings/company/approve', {}, { version: 3 });
  t.match(approved.body, { version: 4, bank_account_cooling_hours: 48, proposed: null });
  await first.patch('/settings/company', { name: 'Shell Company' }, { version: 4 });
  t.equal((await second.post('/settings/company/reject', {})).status, 400, 'a refusal has a reason');
  const rejected = await second.post('/settings/company/reject', { reason: 'not us' });
  t.match(rejected.body, { version: 6, proposed: null });
  t.not(rejected.body.name, 'Shell Company');
  t.equal((await second.post('/settings/company/reject', { reason: 'again' })).status, 409);
});

t.test('an account the company pays from is checked, and stands at once in the embedded default', async (t) => {
  const created = await admin.post('/settings/debtor-accounts', MAIN);
  t.equal(created.status, 201, JSON.stringify(created.body));
  t.equal(created.headers.location, `/api/v1/settings/debtor-accounts/${created.body.id}`);
  t.match(created.body, {
    status: 'active',
    iban: 'NL** **** 4300',
    bank_profile: '001.09',
    settlement_source: 'bank',
    version: 1,
    proposed: null,
  });
  const wrong = await admin.post('/settings/debtor-accounts', {
    ...MAIN,
    iban: 'NL91ABNA0417164301',
    bic: '1BNANL2A',
    bank_profile: '001.03',
    currency: 'ZZZ',
    country: 'DE',
  });
  t.equal(wrong.status, 422);
  t.same(pointers(wrong), ['#/bic', '#/country', '#/currency', '#/iban']);
  t.equal((await admin.post('/settings/debtor-accounts', { ...MAIN, bic: '1BNANL2A' })).status, 201, 'BICFI of .09');
  const path = `/settings/debtor-accounts/${created.body.id}`;
  const changed = await admin.patch(path, { settlement_source: 'workday', bic: null }, { version: 1 });
  t.match(changed.body, { settlement_source: 'workday', bic: null, status: 'active', version: 2 });
  t.equal((await admin.patch(path, { status: 'disabled' }, { version: 2 })).body.status, 'disabled');
  t.equal((await admin.patch(path, { status: 'active' }, { version: 3 })).body.status, 'active');
  t.equal((await admin.post(`${path}/approve`, {}, { version: 4 })).body.code, 'debtor_account.nothing-proposed');
  t.equal((await admin.post(`${path}/reject`, { reason: 'none' })).body.code, 'debtor_account.nothing-proposed');
  t.equal((await admin.get('/settings/debtor-accounts/deb_0196f2b4-6f0a-7d11-9d0a-0c6f5c1b2a3d')).status, 404);
});

t.test('a list of accounts is masked, and so is one account: only reveal shows its number, and to few', async (t) => {
  const { body: account } = await admin.post('/settings/debtor-accounts', { ...MAIN, name: 'Newest' });
  const list = await admin.get('/settings/debtor-accounts?status=active&limit=1');
  t.match(list.body.data, [{ id: account.id, iban: 'NL** **** 4300', name: 'Newest', version: 1 }]);
  t.notHas(list.body.data[0], 'proposed');
  t.ok(list.body.next_cursor);
  const all = (await admin.get('/settings/debtor-accounts?limit=100')).body.data;
  t.ok(all.every(({ id }: Loose) => id.startsWith('deb_')));
  for (const role of ROLES) {
    const person = await api.as(role);
    const path = `/settings/debtor-accounts/${account.id}`;
    const reads = ['treasurer', 'admin', 'auditor'].includes(role);
    t.equal((await person.get(path)).body.iban, reads ? 'NL** **** 4300' : undefined, role);
    const revealed = await person.post(`${path}/reveal`, { reason: 'A question of the bank' });
    t.equal(revealed.body.iban, role === 'treasurer' ? 'NL91ABNA0417164300' : undefined, role);
  }
  const { Item: event } = await api.client.send(
    new GetCommand({ TableName: api.dynamo.names.audit_log, Key: { entity_id: account.id, seq: 2 } }),
  );
  t.match(event, { action: 'revealed', actor: treasurer.id, reason: 'A question of the bank' });
});

t.test('only an admin changes settings', async (t) => {
  for (const role of ROLES) {
    const person = await api.as(role);
    const status = role === 'admin' ? 201 : 403;
    t.equal((await person.post('/settings/debtor-accounts', MAIN)).status, status, role);
    const reads = ['admin', 'auditor', 'treasurer'].includes(role) ? 200 : 403;
    t.equal((await person.get('/settings/company')).status, reads, role);
    t.equal((await person.get('/settings/debtor-accounts')).status, reads, role);
  }
  t.equal((await treasurer.patch('/settings/company', { name: 'X' }, { version: 1 })).status, 403);
});

t.test('in production an account pays nothing before a second admin approved it', async (t) => {
  const created = await first.post('/settings/debtor-accounts', MAIN);
  const path = `/settings/debtor-accounts/${created.body.id}`;
  t.match(created.body, { status: 'proposed', approved_by: null });
  t.equal((await first.post(`${path}/approve`, {}, { version: 1 })).body.code, 'debtor_account.segregation-of-duties');
  t.equal((await first.patch(path, { status: 'active' }, { version: 1 })).body.code, 'debtor_account.wrong-status');
  await second.patch(path, { name: 'Example Holding BV' }, { version: 1 });
  t.equal((await second.post(`${path}/approve`, {}, { version: 2 })).status, 403, 'who changed it does not approve it');
  const third = await api.as('admin', 'third');
  const approved = await caller(production, third.id, third.token).post(`${path}/approve`, verified(MAIN.iban), {
    version: 2,
  });
  t.match(approved.body, { status: 'active', approved_by: third.id, name: 'Example Holding BV' });
});

t.test('in production a change of an account waits beside what stands', async (t) => {
  const created = await first.post('/settings/debtor-accounts', MAIN);
  const path = `/settings/debtor-accounts/${created.body.id}`;
  await second.post(`${path}/approve`, verified(MAIN.iban), { version: 1 });
  const iban = 'NL20INGB0001234567';
  t.same(pointers(await first.patch(path, { iban: 'NL20INGB0001234568' }, { version: 2 })), ['#/iban']);
  const proposed = await first.patch(path, { iban, bic: 'INGBNL2A' }, { version: 2 });
  t.match(proposed.body, { version: 3, iban: 'NL** **** 4300', proposed: { changes: { iban: 'NL** **** 4567' } } });
  const auditor = await api.as('auditor');
  t.match((await auditor.get(path)).body.proposed.changes, { iban: 'NL** **** 4567' });
  t.equal((await first.post(`${path}/approve`, {}, { version: 3 })).status, 403);
  const approved = await second.post(`${path}/approve`, verified(iban), { version: 3 });
  t.match(approved.body, {
    version: 4,
    iban: 'NL** **** 4567',
    bic: 'INGBNL2A',
    proposed: null,
    approved_by: second.id,
  });
  t.equal((await api.dependencies.settings.debtorAccount(created.body.id)).iban, iban);
  await first.patch(path, { name: 'Another' }, { version: 4 });
  t.match((await second.post(`${path}/reject`, { reason: 'no' })).body, { name: MAIN.name, proposed: null });
  t.match(
    (await first.patch(path, { status: 'disabled' }, { version: 6 })).body,
    { status: 'disabled' },
    'one admin stops',
  );
  t.match(
    (await first.patch(path, { status: 'active' }, { version: 7 })).body,
    { status: 'disabled' },
    'two start again',
  );
});

t.test('a rejected account stays rejected', async (t) => {
  const created = await first.post('/settings/debtor-accounts', MAIN);
  const path = `/settings/debtor-accounts/${created.body.id}`;
  t.equal((await second.post(`${path}/reject`, { reason: 'not ours' })).body.status, 'rejected');
  t.equal((await first.patch(path, { name: 'X' }, { version: 2 })).body.code, 'debtor_account.wrong-status');
  t.equal((await second.post(`${path}/approve`, {}, { version: 2 })).status, 409);
});

t.test('the policy and the tolerances are shown as shipped', async (t) => {
  const policy = await treasurer.get('/settings/approval-policy');
  t.match(
    policy.body.policies.find(({ document }: Loose) => document === 'invoice_without_po'),
    {
      steps: [{ role: 'approver' }, { role: 'ap_manager' }],
    },
  );
  const { body } = await treasurer.get('/settings/match-tolerances');
  const byKind = Object.fromEntries(body.tolerances.map(({ kind, ...rest }: Loose) => [kind, rest]));
  t.same(byKind.line_amount, { over: { absolute: '0.02' }, under: { absolute: '0.02' } });
  t.same(byKind.total.over, { absolute: '1.00', absolute_per_line: '0.02' });
  t.same(byKind.price, { over: null, under: null });
});

t.test('no account number stands in a log or open in an event', async (t) => {
  t.notOk(api.log.some((line) => line.includes('0417164300')));
  const { body } = await admin.post('/settings/debtor-accounts', MAIN);
  const { Item: event } = await api.client.send(
    new GetCommand({
      TableName: api.dynamo.names.audit_log,
      Key: { entity_id: body.id, seq: 1 },
    }),
  );
  t.notMatch(JSON.stringify(event), /0417164300/);
});

t.test('a name that a bank cannot carry is refused for the company and for the account it pays from', async (t) => {
  const { version } = (await admin.get('/settings/company')).body;
  const company = await admin.patch('/settings/company', { name: '❤' }, { version });
  t.match(company.body, { status: 422, errors: [{ pointer: '#/name' }] });
  const account = await admin.post('/settings/debtor-accounts', { ...MAIN, name: '…' });
  t.match(account.body, { status: 422, errors: [{ pointer: '#/name' }] });
});

t.test('an account says how its bank takes the address of a creditor; one from before says structured', async (t) => {
  const { body } = await admin.post('/settings/debtor-accounts', MAIN);
  t.equal(body.creditor_address, 'structured');
  const path = `/settings/debtor-accounts/${body.id}`;
  t.equal((await admin.patch(path, { creditor_address: 'none' }, { version: 1 })).body.creditor_address, 'none');
  t.equal((await admin.patch(path, { creditor_address: 'lines' }, { version: 2 })).status, 400);
  const { client, infrastructure } = api;
  await changeItem(client, infrastructure.tableNames.settings, body.id, ({ creditor_address, summary, ...item }) => {
    const { creditor_address: _form, ...rest } = summary;
    return { ...item, summary: rest };
  });
  t.equal((await admin.get(path)).body.creditor_address, 'structured');
  const list = (await admin.get('/settings/debtor-accounts?limit=100')).body.data;
  t.equal(list.find(({ id }: Loose) => id === body.id).creditor_address, 'structured');
});
