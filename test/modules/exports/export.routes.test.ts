import { createHash } from 'node:crypto';
import { XMLParser } from 'fast-xml-parser';
import t from 'tap';
import { nextBankingDay } from '../../../src/shared/business-days.ts';
import { addDays, calendarDay } from '../../../src/shared/clock.ts';
import { newId } from '../../../src/shared/ids.ts';
import { ROLES } from '../../../src/shared/permissions.ts';
import { type Caller, type Loose, type TestReply, testApi } from '../../support/api.ts';
import { payables } from '../../support/payables.ts';

const api = await testApi(t);
const store = payables(api);
const [treasurer, second] = [await api.as('treasurer'), await api.as('treasurer', 'second')];
const auditor = await api.as('auditor');
const vendor = await store.vendor({ tax_id: 'NL001234567B01' });
const debtor = await (await api.as('admin')).post('/settings/debtor-accounts', {
  name: 'Example Company BV',
  iban: 'NL91ABNA0417164300',
  bic: 'ABNANL2A',
  currency: 'EUR',
  country: 'NL',
});

const done = ({ status, body }: TestReply): Loose => {
  if (status >= 300) throw new Error(`${status}: ${JSON.stringify(body)}`);
  return body;
};

async function approvedPayment(): Promise<Loose> {
  const invoice = await store.invoice(vendor.id);
  const body = { invoice_id: invoice.id, notes: 'as <agreed> & signed' };
  const { id } = done(await treasurer.post('/payments', body));
  return done(await second.post(`/payments/${id}/approve`, {}, { version: 1 }));
}

async function draftBatch(payment: Loose): Promise<Loose> {
  const run = {
    debtor_account_id: debtor.body.id,
    execution_date: nextBankingDay(addDays(calendarDay(new Date(), 'UTC'), 3)),
    payment_ids: [payment.id],
  };
  return done(await treasurer.post('/payment-batches', run));
}

async function generatedBatch(payment: Loose): Promise<Loose> {
  const path = `/payment-batches/${(await draftBatch(payment)).id}`;
  const { version } = done(await treasurer.post(`${path}/submit`));
  done(await second.post(`${path}/approve`, {}, { version }));
  return done(await treasurer.post(`${path}/generate`));
}

const payment = await approvedPayment();
const draft = await draftBatch(await approvedPayment());
const batch = await generatedBatch(payment);
const batchNow = async (): Promise<Loose> => (await treasurer.get(`/payment-batches/${batch.id}`)).body;
const digest = (bytes: string): string => createHash('sha256').update(bytes).digest('hex');

t.test('the files of generated batches are listed, and of no others', async (t) => {
  const { status, body } = await treasurer.get('/exports');
  t.equal(status, 200, JSON.stringify(body));
  t.same(
    body.data.map(({ batch_id }: Loose) => batch_id),
    [batch.id],
  );
  t.match(body.data[0], {
    status: 'generated',
    message_id: batch.message_id,
    currency: 'EUR',
    count: 1,
    control_sum: '100.00',
    first_downloaded_at: null,
  });
  for (const format of ['xml', 'json']) {
    const listed = body.data[0].files.find((file: Loose) => file.format === format);
    const known = batch.files.find((file: Loose) => file.format === format);
    t.same(listed, { format, path: `/api/v1/exports/${batch.id}/${format}`, sha256: known.sha256, size: known.size });
  }
  t.same((await treasurer.get('/exports?created_to=2020-01-01')).body.data, []);
  t.equal((await treasurer.get('/exports?status=sent')).status, 400);
});

t.test('pages of exports meet without a gap', async (t) => {
  const other = await generatedBatch(await approvedPayment());
  const first = await treasurer.get('/exports?limit=1');
  t.same(
    first.body.data.map(({ batch_id }: Loose) => batch_id),
    [other.id],
    'newest first',
  );
  const seen: string[] = [];
  let cursor = first.body.next_cursor;
  while (cursor !== null && seen.length < 5) {
    const next = (await treasurer.get(`/exports?limit=1&cursor=${cursor}`)).body;
    seen.push(...next.data.map(({ batch_id }: Loose) => batch_id));
    cursor = next.next_cursor;
  }
  t.same(seen, [batch.id]);
  t.equal((await second.get(`/exports?limit=1&cursor=${first.body.next_cursor}`)).status, 400);
});

t.test('a download gives the bytes that were stored, and is on record', async (t) => {
  t.equal((await batchNow()).first_downloaded_at, null);
  const xml = await treasurer.get(`/exports/${batch.id}/xml`);
  t.equal(xml.status, 200, JSON.stringify(xml.body));
  const stored = batch.files.find(({ format }: Loose) => format === 'xml');
  t.equal(digest(xml.body), stored.sha256);
  t.equal(Number(xml.headers['content-length']), stored.size);
  t.match(xml.headers, {
    'content-type': /^application\/xml/,
    'content-disposition': /^attachment; filename\*=UTF-8''.+\.xml$/,
    'x-content-sha256': stored.sha256,
    'cache-control': /no-store/,
  });
  t.match(xml.body, /<MsgId>/);

  const once = await batchNow();
  t.type(once.first_downloaded_at, 'string');
  const json = await second.get(`/exports/${batch.id}/json`);
  t.equal(json.status, 200);
  const later = await batchNow();
  t.equal(later.first_downloaded_at, once.first_downloaded_at, 'the first time stays');
  t.equal(later.version, once.version + 1);

  const { data } = (await auditor.get(`/audit?entity=payment_batch&entity_id=${batch.id}`)).body;
  const downloads = data.filter(({ action }: Loose) => action.startsWith('downloaded_'));
  t.same(downloads.map(({ action, actor }: Loose) => [action, actor]).sort(), [
    ['downloaded_json', second.id],
    ['downloaded_xml', treasurer.id],
  ]);
  t.equal((await api.raw('HEAD', `/api/v1/exports/${batch.id}/xml`)).status, 404, 'a HEAD is no download');
});

t.test('downloads at the same time are each on record', async (t) => {
  const { version } = await batchNow();
  const replies = await Promise.all(
    [1, 2, 3, 4].map((n) => (n % 2 === 0 ? treasurer : second).get(`/exports/${batch.id}/xml`)),
  );
  t.same(
    replies.map(({ status }) => status),
    [200, 200, 200, 200],
  );
  t.equal((await batchNow()).version, version + 4);
});

t.test('what has no file is not downloaded', async (t) => {
  const none = await treasurer.get(`/exports/${draft.id}/xml`);
  t.match(none.body, { status: 409, code: 'payment_batch.no-file' });
  t.equal((await treasurer.get(`/exports/${newId('payment_batch')}/xml`)).status, 404);
  t.equal((await treasurer.get(`/exports/${batch.id}/pdf`)).status, 404);
  t.equal((await treasurer.get(`/exports/${payment.id}/xml`)).status, 404);
});

t.test('a payment is read as a record, its account masked', async (t) => {
  const clerk = await api.as('ap_clerk');
  const whole = (await treasurer.get(`/payments/${payment.id}/json`)).body;
  t.match(whole, {
    record_version: '1',
    payment: {
      payment_id: payment.id,
      status: 'batched',
      payment_amount: '100.00',
      currency: 'EUR',
      batch_id: batch.id,
      notes: 'as <agreed> & signed',
    },
    invoice: { invoice_id: payment.invoice_id, invoice_number: payment.invoice_number, po_id: null },
    vendor: { vendor_id: vendor.id, tax_id: 'NL001234567B01' },
    bank_account: { iban: 'NL** **** 4300', bic: 'ABNANL2A', account_number: null },
  });
  t.match((await clerk.get(`/payments/${payment.id}/json`)).body.bank_account, { iban: 'NL** **** 4300' });

  const xml = await treasurer.get(`/payments/${payment.id}/xml`);
  t.match(xml.headers['content-type'], /^application\/xml/);
  const parsed = new XMLParser({ parseTagValue: false }).parse(xml.body, true);
  t.same(Object.keys(parsed).at(-1), 'PaymentRecord', 'a root of our own, never a bank file');
  t.match(parsed.PaymentRecord, {
    Payment: { PaymentId: payment.id, PaymentAmount: '100.00', Notes: 'as <agreed> & signed' },
    BankAccount: { Iban: 'NL** **** 4300' },
  });
  const masked = (await clerk.get(`/payments/${payment.id}/xml`)).body;
  t.match(masked, /4300/);
  t.notMatch(masked, /NL91ABNA0417164300/);
  for (const format of ['xml', 'json'])
    t.equal((await treasurer.get(`/payments/${newId('payment')}/${format}`)).status, 404);
  t.notOk(
    api.log.some((line) => line.includes('NL91ABNA0417164300')),
    'no bank detail in the log',
  );
});

t.test('every role lists, downloads and reads what the table says', async (t) => {
  const path = `/exports/${batch.id}/xml`;
  const may = async (role: Caller, url: string): Promise<boolean> => {
    const { status } = await role.get(url);
    t.ok([200, 403].includes(status), `${url}: ${status}`);
    return status === 200;
  };
  for (const role of ROLES) {
    const caller = await api.as(role, 'asking');
    t.equal(await may(caller, '/exports'), ['treasurer', 'admin', 'auditor'].includes(role), `${role} lists`);
    t.equal(await may(caller, path), role === 'treasurer', `${role} downloads: a bank file has whole account numbers`);
    for (const format of ['xml', 'json'])
      t.equal(
        await may(caller, `/payments/${payment.id}/${format}`),
        role !== 'integration',
        `${role} reads ${format}`,
      );
  }
  t.equal((await api.raw('GET', `/api/v1${path}`)).status, 401);
});

t.test('a token whose person lost the role, or was disabled, shows no file and no account any more', async (t) => {
  const admin = await api.as('admin');
  const whole = [`/exports/${batch.id}/xml`, `/payments/${payment.id}`, `/payments/${payment.id}/xml`];
  const changes = [
    async (id: string) => done(await admin.patch(`/users/${id}`, { roles: ['ap_clerk'] }, { version: 1 })),
    async (id: string) => done(await admin.post(`/users/${id}/disable`)),
  ];
  for (const [index, change] of changes.entries()) {
    const person = await api.as('treasurer', `leaving ${index}`);
    for (const path of whole) t.equal((await person.get(path)).status, 200, path);
    const downloads = (await batchNow()).version;
    await change(person.id);
    for (const path of whole)
      t.match(await person.get(path), { status: 401, body: { code: 'auth.ended' } }, `${path} after it`);
    t.equal((await batchNow()).version, downloads, 'nothing is on record of a download that was refused');
  }
});
