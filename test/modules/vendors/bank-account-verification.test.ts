/** How a second person verifies an account number, over HTTP: of a vendor, and of the company. */
import t from 'tap';
import { ROLES } from '../../../src/shared/permissions.ts';
import { type Caller, type Loose, type TestReply, testApi } from '../../support/api.ts';
import { activeVendor } from '../../support/orders.ts';
import { verified } from '../../support/verified.ts';

t.setTimeout(300_000);
const api = await testApi(t, {}, { secondAdmin: true });
const [maker, checker, other] = [
  await api.as('vendor_manager', 'maker'),
  await api.as('vendor_manager', 'checker'),
  await api.as('vendor_manager', 'other'),
];
const treasurer = await api.as('treasurer');
const auditor = await api.as('auditor');
const IBAN = 'NL91ABNA0417164300';
const WRONG = 'DE89370400440532013000';
const ok = ({ status, body }: TestReply): Loose => {
  if (status >= 300) throw new Error(JSON.stringify(body));
  return body;
};

const proposed = async (body: object = { iban: IBAN }): Promise<{ path: string; account: Loose }> => {
  const { id } = await activeVendor(api);
  const account = ok(await maker.post(`/vendors/${id}/bank-accounts`, { holder_name: 'Northwind', ...body }));
  return { path: `/vendors/${id}/bank-accounts/${account.id}`, account };
};
const approve = (by: Caller, path: string, version: number, body: object = verified(IBAN)) =>
  by.post(`${path}/approve`, body, { version });
const eventsOf = async (entity: string, { id }: Loose): Promise<Loose[]> =>
  ok(await auditor.get(`/audit?entity=${entity}&entity_id=${id}`)).data;
const waitsFor = async (person: Caller, { id }: Loose): Promise<boolean> =>
  ok(await person.get('/approvals?limit=100')).data.some(({ entity_id }: Loose) => entity_id === id);

t.test('nobody approves an account without its number and the source that it was verified with', async (t) => {
  const { path } = await proposed();
  for (const body of [{}, { iban: IBAN }, { iban: IBAN, verification_method: 'call_back' }])
    t.equal((await approve(checker, path, 1, body)).status, 400);
  t.equal((await approve(checker, path, 1, verified(IBAN, { verification_method: 'trust' }))).status, 400);
  t.match(await approve(checker, path, 1, verified({})), {
    status: 422,
    body: { code: 'bank_account.number-required', errors: [{ pointer: '#/iban' }] },
  });
  t.equal((await checker.get(path)).body.version, 1, 'nothing was compared, so nothing is counted');
});

t.test('the approval records the method and the reference, in the account and in its trail', async (t) => {
  const { path, account } = await proposed();
  const approved = ok(await approve(checker, path, 1, verified('nl91 abna 0417 1643 00')));
  const verification = {
    verification_method: 'call_back',
    verification_reference: 'Called the bookkeeper under the number in the contract',
  };
  t.match(approved, { status: 'active', iban: 'NL** **** 4300', ...verification });
  t.match((await maker.get(path)).body, verification);
  const [event] = await eventsOf('bank_account', account);
  t.match(event, { action: 'approve', actor: checker.id });
  for (const [field, after] of Object.entries(verification))
    t.match(
      event?.changes.find((change: Loose) => change.field === field),
      { after },
    );
});

t.test('a wrong number tells nothing, is on record, and the third leaves the account for another person', async (t) => {
  const { path, account } = await proposed();
  for (const version of [1, 2, 3]) {
    t.ok(await waitsFor(checker, account));
    const refused = await approve(checker, path, version, verified(WRONG));
    t.match(refused, { status: 422, body: { code: 'bank_account.number-differs' } });
    t.notMatch(JSON.stringify(refused.body), /NL|4300|0417/);
    t.match(await approve(checker, path, version), { status: 412 }, 'each entry is for the version that was read');
  }
  t.notOk(await waitsFor(checker, account));
  t.ok(await waitsFor(other, account));
  t.match(await approve(checker, path, 4), { status: 403, body: { code: 'bank_account.entries-exhausted' } });
  const events = await eventsOf('bank_account', account);
  t.same(
    events.slice(0, 3).map(({ action, actor }) => [action, actor]),
    Array.from({ length: 3 }, () => ['number_differs', checker.id]),
  );
  t.notMatch(JSON.stringify([events, api.log]), /DE8937|3704004/, 'what was entered is nowhere');
  t.match(ok(await approve(other, path, 4)), { status: 'active' });
});

t.test('of many numbers that are tried at once one is compared', async (t) => {
  const { path } = await proposed();
  const tried = await Promise.all(
    ['1', '2', '3', '4', '5'].map((digit) => approve(checker, path, 1, verified(`DE8937040044053201300${digit}`))),
  );
  t.same(tried.map(({ status }) => status).sort(), [412, 412, 412, 412, 422]);
  t.equal((await checker.get(path)).body.version, 2);
});

t.test('a wrong entry is counted also with an Idempotency-Key, and none is tried dry', async (t) => {
  const { path } = await proposed();
  const headers = { 'idempotency-key': 'the same' };
  const send = (version: number, iban: string) =>
    checker.post(`${path}/approve`, verified(iban), { version, headers: { ...headers, 'if-match': `"${version}"` } });
  t.equal((await send(1, WRONG)).status, 422);
  t.equal((await send(2, WRONG)).status, 422);
  t.equal((await checker.post(`${path}/approve?dry_run=true`, verified(IBAN), { version: 3 })).status, 400);
  t.equal((await send(3, IBAN)).body.status, 'active');
  t.equal((await send(3, IBAN)).body.status, 'active', 'and the approval is replayed');
});

t.test('the proposer cannot find the number out, and a number proposed again is counted anew', async (t) => {
  const { path } = await proposed();
  t.equal((await approve(maker, path, 1)).body.code, 'bank_account.segregation-of-duties');
  t.equal((await maker.get(path)).body.version, 1);
  ok(await checker.post(`${path}/reject`, { reason: 'not theirs' }));
  t.equal((await approve(other, path, 2)).body.code, 'bank_account.wrong-status', 'a rejected one is not approved');
});

t.test('an account of the US is approved with both of its numbers', async (t) => {
  const numbers = { routing_number: '021000021', account_number: '1234567890' };
  const { path } = await proposed({ country: 'US', ...numbers });
  const { routing_number, account_number } = numbers;
  t.equal((await approve(checker, path, 1, verified({ account_number }))).body.code, 'bank_account.number-required');
  const otherBank = verified({ routing_number: '011000015', account_number });
  t.equal((await approve(checker, path, 1, otherBank)).body.code, 'bank_account.number-differs');
  const shown = verified(numbers, { verification_reference: `Letter about ${account_number}` });
  t.equal((await approve(checker, path, 2, shown)).body.code, 'bank_account.number-in-reference');
  t.equal((await approve(checker, path, 2, verified({ routing_number, account_number }))).body.status, 'active');
});

t.test('a whole number is read with a reason, and who read it is on record first', async (t) => {
  const { path, account } = await proposed();
  for (const role of ROLES) {
    const person = await api.as(role);
    t.notMatch(JSON.stringify((await person.get(path)).body), IBAN, role);
    const revealed = await person.post(`${path}/reveal`, { reason: 'The bank asked' });
    t.equal(revealed.body.iban, role === 'treasurer' ? IBAN : undefined, role);
  }
  t.equal((await treasurer.post(`${path}/reveal`, {})).status, 400, 'a reason is required');
  const key = { 'idempotency-key': 'again' };
  for (const _time of [1, 2]) ok(await treasurer.post(`${path}/reveal`, { reason: 'again' }, { headers: key }));
  const events = await eventsOf('bank_account', account);
  t.match(
    events.slice(0, 3).map(({ action, actor, reason }) => [action, actor, reason]),
    [
      ['revealed', treasurer.id, 'again'],
      ['revealed', treasurer.id, 'again'],
      ['revealed', treasurer.id, 'The bank asked'],
    ],
    'a reply that was kept is no reading without a record',
  );
  const admin = await api.as('admin');
  const late = await api.as('treasurer', 'disabled a moment ago');
  ok(await admin.post(`/users/${late.id}/disable`));
  t.equal((await late.post(`${path}/reveal`, { reason: 'still here' })).status, 401);
});

t.test("the company's own account is verified in the same way, also a change of its number", async (t) => {
  const [first, second, third] = [await api.as('admin', 'a'), await api.as('admin', 'b'), await api.as('admin', 'c')];
  const body = { name: 'Example Company BV', iban: IBAN, currency: 'EUR', country: 'NL' };
  const { id, iban } = ok(await first.post('/settings/debtor-accounts', body));
  t.equal(iban, 'NL** **** 4300');
  const path = `/settings/debtor-accounts/${id}`;
  t.equal((await approve(second, path, 1, {})).body.code, 'debtor_account.number-required');
  t.match((await approve(second, path, 1, { iban: IBAN })).body, {
    code: 'debtor_account.verification-required',
    errors: [{ pointer: '#/verification_method' }, { pointer: '#/verification_reference' }],
  });
  for (const version of [1, 2, 3])
    t.equal((await approve(second, path, version, verified(WRONG))).body.code, 'debtor_account.number-differs');
  t.equal((await approve(second, path, 4)).body.code, 'debtor_account.entries-exhausted');
  t.notOk(await waitsFor(second, { id }));
  const shown = verified(IBAN, { verification_reference: `Letter about ${IBAN}` });
  t.equal((await approve(third, path, 4, shown)).body.code, 'debtor_account.number-in-reference');
  t.match(ok(await approve(third, path, 4)), { status: 'active', verification_method: 'call_back' });

  const renamed = ok(await first.patch(path, { name: 'Example Holding BV' }, { version: 5 }));
  t.match(
    ok(await approve(second, path, renamed.version, {})),
    { name: 'Example Holding BV' },
    'no number is approved',
  );
  const moved = ok(await first.patch(path, { iban: 'NL20INGB0001234567' }, { version: 7 }));
  t.equal((await approve(second, path, moved.version)).body.code, 'debtor_account.number-differs', 'the old number');
  t.equal((await approve(second, path, 9, verified('NL20INGB0001234567'))).body.iban, 'NL** **** 4567');
});
