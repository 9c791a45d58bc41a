/** What an approval covers: the file is made of what stood when the batch was submitted, or it is not made. */
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import t from 'tap';
import { nextBankingDay } from '../../../src/shared/business-days.ts';
import { addDays, calendarDay } from '../../../src/shared/clock.ts';
import { readAll } from '../../../src/shared/storage/storage.ts';
import { type Caller, type Loose, type TestReply, testApi } from '../../support/api.ts';
import { payables } from '../../support/payables.ts';

const api = await testApi(t);
const store = payables(api);
/** What lies in the tables, as somebody with access to them reads it. */
const raw = new DynamoDBClient(api.dynamo.config);
t.teardown(() => raw.destroy());
const treasurer = await api.as('treasurer');
const second = await api.as('treasurer', 'second');
const third = await api.as('treasurer', 'third');
const admin = await api.as('admin');
const execution_date = nextBankingDay(addDays(calendarDay(new Date(), 'UTC'), 3));
const IBANS = { ours: 'NL91ABNA0417164300', other: 'BE68539007547034' };

const ok = (reply: TestReply, status = 200): Loose => {
  t.equal(reply.status, status, reply.status === status ? `${status}` : JSON.stringify(reply.body));
  return reply.body;
};
const newDebtor = async (changes: object = {}): Promise<Loose> => {
  const body = { name: 'Example Company BV', iban: IBANS.ours, bic: 'ABNANL2A', currency: 'EUR', country: 'NL' };
  return ok(await admin.post('/settings/debtor-accounts', { ...body, ...changes }), 201);
};
const change = async (debtor: Loose, changes: object): Promise<Loose> => {
  const { version } = ok(await admin.get(`/settings/debtor-accounts/${debtor.id}`));
  return ok(await admin.patch(`/settings/debtor-accounts/${debtor.id}`, changes, { version }));
};
/** Approved by the second treasurer, made by the third: who may do what with the batch is not their payment's matter. */
const payment = async (vendorId: string): Promise<Loose> => {
  const invoice = await store.invoice(vendorId);
  const made = ok(await third.post('/payments', { invoice_id: invoice.id }), 201);
  return ok(await second.post(`/payments/${made.id}/approve`, {}, { version: made.version }));
};
const newBatch = async (debtor: Loose, vendorId?: string): Promise<Loose> => {
  const { id } = await payment(vendorId ?? (await store.vendor()).id);
  const body = { debtor_account_id: debtor.id, execution_date, payment_ids: [id] };
  return ok(await treasurer.post('/payment-batches', body), 201);
};
const act = (person: Caller, { id }: Loose, action: string, body: object = {}, version?: number) =>
  person.post(`/payment-batches/${id}/${action}`, body, version === undefined ? {} : { version });
const read = async ({ id }: Loose): Promise<Loose> => ok(await treasurer.get(`/payment-batches/${id}`));
const submitted = async (batch: Loose, person = treasurer): Promise<Loose> => ok(await act(person, batch, 'submit'));
const approve = async (batch: Loose, person = second): Promise<TestReply> =>
  act(person, batch, 'approve', {}, (await read(batch)).version);
const recalled = async (batch: Loose, person = treasurer): Promise<Loose> =>
  ok(await act(person, batch, 'recall', { reason: 'the account changed' }));
const fileOf = async (batch: Loose): Promise<string> => {
  const file = await api.infrastructure.storage.payments.get(batch.files[0].key);
  if (file === undefined) throw new Error('no file');
  return (await readAll(file)).toString('utf8');
};
const refusedFor = (reply: TestReply, ...pointers: string[]): void => {
  const text = JSON.stringify(reply.body);
  t.match(reply, { status: 409, body: { code: 'payment_batch.changed-since-submit' } }, text);
  t.same(
    reply.body.errors.map(({ pointer }: Loose) => pointer),
    pointers.map((pointer) => `#/pinned${pointer}`),
  );
  t.notMatch(text, new RegExp([...Object.values(IBANS), 'ABNANL2A', 'GKCCBEBB'].join('|')), 'no bank detail is told');
};

t.test('a batch shows what its file will be made of from when it is submitted, its account masked', async (t) => {
  const debtor = await newDebtor();
  const batch = await newBatch(debtor);
  t.equal(batch.pinned, null);
  await change(debtor, { name: 'Renamed before', creditor_address: 'hybrid' });
  const shown = {
    debtor: { name: 'Renamed before', iban: 'NL** **** 4300', bic: 'ABNANL2A', country: 'NL' },
    currency: 'EUR',
    profile_version: '001.09',
    creditor_address: 'hybrid',
  };
  t.match((await submitted(batch)).pinned, shown);
  t.match((await read(batch)).pinned, shown);
  const { Item: stored } = await raw.send(
    new GetItemCommand({ TableName: api.infrastructure.tableNames.payment_batches, Key: { id: { S: batch.id } } }),
  );
  t.equal(stored?.['status']?.S, 'pending_approval');
  t.notMatch(JSON.stringify(stored), IBANS.ours, 'the table has no account number');
  ok(await approve(batch));
  const generated = ok(await act(treasurer, batch, 'generate'));
  const xml = await fileOf(generated);
  t.match(xml, '<Nm>Renamed before</Nm>');
  t.match(xml, '<AdrLine>', 'the form that was pinned');
  const auditor = await api.as('auditor');
  const trail = await auditor.get(`/audit?entity=payment_batch&entity_id=${batch.id}`);
  t.notMatch(JSON.stringify(trail.body), IBANS.ours, 'events keep it sealed');
});

t.test(
  'what changed between submitting and approving is refused and named, and the batch leaves the approvals',
  async (t) => {
    const debtor = await newDebtor();
    const batch = await submitted(await newBatch(debtor));
    const waits = async (): Promise<boolean> =>
      ok(await second.get('/approvals?limit=100')).data.some(({ entity_id }: Loose) => entity_id === batch.id);
    t.ok(await waits());
    await change(debtor, { iban: IBANS.other, bic: 'GKCCBEBB', country: 'BE', bank_profile: '001.03' });
    refusedFor(await approve(batch), '/debtor/iban', '/debtor/bic', '/debtor/country', '/profile_version');
    t.notOk(await waits());
    await change(debtor, { iban: IBANS.ours, bic: 'ABNANL2A', country: 'NL', bank_profile: '001.09' });
    t.ok(await waits());
    ok(await approve(batch));
  },
);

t.test('what changed between approving and generating makes no file, until it is changed back', async (t) => {
  const debtor = await newDebtor();
  const batch = await submitted(await newBatch(debtor));
  ok(await approve(batch));
  await change(debtor, { iban: IBANS.other, bic: null, country: 'BE' });
  refusedFor(await act(treasurer, batch, 'generate'), '/debtor/iban', '/debtor/bic', '/debtor/country');
  t.match(await read(batch), { status: 'approved', files: [] });
  await change(debtor, { iban: IBANS.ours, bic: 'ABNANL2A', country: 'NL' });
  const generated = ok(await act(treasurer, batch, 'generate'));
  t.match(await fileOf(generated), IBANS.ours);
});

t.test('the name of the company is part of what is approved', async () => {
  const batch = await submitted(await newBatch(await newDebtor()));
  ok(await approve(batch));
  const before = ok(await admin.get('/settings/company'));
  const rename = async (name: string) => {
    const { version } = ok(await admin.get('/settings/company'));
    ok(await admin.patch('/settings/company', { name }, { version }));
  };
  await rename('Another Company');
  refusedFor(await act(treasurer, batch, 'generate'), '/initiating_party');
  await rename(before.name);
  ok(await act(treasurer, batch, 'generate'));
});

t.test('an account that was disabled, or has another currency, is told when the batch is submitted', async (t) => {
  const [debtor, other] = [await newDebtor(), await newDebtor()];
  const [batch, dollars] = [await newBatch(debtor), await newBatch(other)];
  await change(debtor, { status: 'disabled' });
  t.match(await act(treasurer, batch, 'submit'), {
    status: 422,
    body: { code: 'payment_batch.not-generatable', errors: [{ pointer: '#/debtor_account_id' }] },
  });
  await change(other, { currency: 'USD' });
  t.match(await act(treasurer, dollars, 'submit'), { status: 422, body: { code: 'payment_batch.not-generatable' } });
});

t.test('a recalled batch is submitted and approved anew, and its file is made of what stands then', async (t) => {
  const debtor = await newDebtor();
  const batch = await submitted(await newBatch(debtor));
  ok(await approve(batch));
  await change(debtor, { iban: IBANS.other, bic: null, country: 'BE' });
  t.match(await act(treasurer, batch, 'recall'), { status: 400 }, 'a reason is required');
  const body = { reason: 'another account' };
  const headers = { 'idempotency-key': `recall ${batch.id}` };
  const draft = ok(await third.post(`/payment-batches/${batch.id}/recall`, body, { headers }));
  t.match(draft, { status: 'draft', submitted_by: null, approved_by: null, pinned: null, count: 1 });
  const again = await third.post(`/payment-batches/${batch.id}/recall`, body, { headers });
  t.same([again.body, again.headers['idempotency-replayed']], [draft, 'true']);
  t.match(await act(treasurer, batch, 'recall', body), { status: 409, body: { code: 'payment_batch.wrong-status' } });
  t.match(await act(treasurer, batch, 'generate'), { status: 409, body: { code: 'payment_batch.wrong-status' } });
  t.match(await submitted(batch), { pinned: { debtor: { iban: 'BE** **** 7034', bic: null } } });
  t.match(await act(treasurer, batch, 'generate'), { status: 409, body: { code: 'payment_batch.wrong-status' } });
  ok(await approve(batch));
  t.match(await fileOf(ok(await act(treasurer, batch, 'generate'))), IBANS.other);
  const auditor = await api.as('auditor');
  const trail = ok(await auditor.get(`/audit?entity=payment_batch&entity_id=${batch.id}&limit=100`));
  const event = trail.data.find(({ action }: Loose) => action === 'recall');
  t.match(event, { actor: third.id, reason: 'another account' });
});

t.test('whoever submitted a batch in any round does not approve it; an approver of an earlier round may', async (t) => {
  const batch = await submitted(await newBatch(await newDebtor()), third);
  ok(await approve(batch, second));
  await recalled(batch, second);
  await submitted(batch, treasurer);
  for (const barred of [treasurer, third])
    t.match(await approve(batch, barred), { status: 403, body: { code: 'payment_batch.segregation-of-duties' } });
  ok(await approve(batch, second));
  await recalled(batch, treasurer);
  t.match(await act(second, batch, 'submit'), {
    status: 422,
    body: { code: 'payment_batch.no-eligible-approver' },
  });
  t.match(await submitted(batch, third), { submitted_by: third.id });
});

t.test('nothing is recalled once its file is being made', async (t) => {
  const batch = await submitted(await newBatch(await newDebtor()));
  ok(await approve(batch));
  const { version } = await read(batch);
  const [generated, recall] = await Promise.all([
    act(treasurer, batch, 'generate', {}, version),
    act(second, batch, 'recall', { reason: 'late' }, version),
  ]);
  const after = await read(batch);
  t.equal([generated, recall].filter(({ status }) => status === 200).length, 1, 'one of the two');
  t.equal(after.status, generated.status === 200 ? 'generated' : 'draft');
  if (after.status === 'draft') {
    await submitted(batch);
    ok(await approve(batch));
    ok(await act(treasurer, batch, 'generate'));
  }
  t.match(await act(second, batch, 'recall', { reason: 'late' }), {
    status: 409,
    body: { code: 'payment_batch.wrong-status' },
  });
});

t.test('an account that changes while a batch is approved is never both approved and another', async (t) => {
  const debtor = await newDebtor();
  for (let round = 0; round < 4; round += 1) {
    const batch = await submitted(await newBatch(debtor));
    const { version } = await read(batch);
    const [approval] = await Promise.all([
      act(second, batch, 'approve', {}, version),
      change(debtor, { name: `Example Company ${round}` }),
    ]);
    t.ok([200, 409].includes(approval.status), JSON.stringify(approval.body));
    if (approval.status === 200) refusedFor(await act(treasurer, batch, 'generate'), '/debtor/name');
    else refusedFor(approval, '/debtor/name');
  }
});

t.test('the address of a vendor is its payment’s: a later one changes no approved file', async (t) => {
  const vendor = await store.vendor();
  const batch = await submitted(await newBatch(await newDebtor(), vendor.id));
  await store.changeVendor(vendor.id, { address: { line1: 'Moved 9', city: 'Elsewhere', country: 'BE' } });
  ok(await approve(batch));
  await store.changeVendor(vendor.id, { address: { line1: 'Moved 10', city: 'Nowhere', country: 'BE' } });
  const xml = await fileOf(ok(await act(treasurer, batch, 'generate')));
  t.match(xml, '<TwnNm>Amsterdam</TwnNm>');
  t.notMatch(xml, /Elsewhere|Nowhere/);
});

t.test('a batch that nobody may approve within their limit is not submitted, and says who could', async (t) => {
  const people = [treasurer, second, third];
  const limit = async (amount: string | null) => {
    for (const { id } of people) {
      const { version } = ok(await admin.get(`/users/${id}`));
      const approval_limit = amount === null ? null : { amount, currency: 'EUR' };
      ok(await admin.patch(`/users/${id}`, { approval_limit }, { version }));
    }
  };
  const batch = await newBatch(await newDebtor());
  await limit('99.99');
  const refused = await act(treasurer, batch, 'submit');
  t.match(refused, { status: 422, body: { code: 'payment_batch.no-eligible-approver' } }, JSON.stringify(refused.body));
  const named = refused.body.errors.map(({ detail }: Loose) => detail).join();
  for (const { id } of [second, third]) t.match(named, id);
  t.notMatch(named, treasurer.id, 'who is barred anyway could not');
  await limit('100.00');
  t.match(await submitted(batch), { status: 'pending_approval' });
  ok(await approve(batch));
  await limit(null);
});
