/** The bank's files over HTTP: each history ends where the bank's word and the two people leave it. */
import t from 'tap';
import { createBankMessageRepository, createBankMessageService } from '../../../src/modules/bank-messages/index.ts';
import { createBatchRepository } from '../../../src/modules/payment-batches/index.ts';
import { nextBankingDay } from '../../../src/shared/business-days.ts';
import { addDays, calendarDay } from '../../../src/shared/clock.ts';
import { idSource } from '../../../src/shared/command.ts';
import { newId } from '../../../src/shared/ids.ts';
import { permissionsOf } from '../../../src/shared/permissions.ts';
import { type Caller, type Loose, type TestReply, testApi } from '../../support/api.ts';
import {
  blockXml,
  camt053,
  detailXml,
  type EntryText,
  entryXml,
  pain002,
  statementXml,
  statusXml,
  transactionXml,
} from '../../support/bank-messages.ts';
import { payables } from '../../support/payables.ts';

t.setTimeout(300_000);
const api = await testApi(t);
const store = payables(api);
const [maker, second, third] = [
  await api.as('treasurer'),
  await api.as('treasurer', 'second'),
  await api.as('treasurer', 'third'),
];
const admin = await api.as('admin');
const vendor = await store.vendor();
const today = calendarDay(new Date(), 'UTC');
const execution_date = nextBankingDay(addDays(today, 3));
const ok = ({ status, body }: TestReply): Loose => {
  if (status >= 300) throw new Error(`${status}: ${JSON.stringify(body)}`);
  return body;
};
const IBAN = 'NL91ABNA0417164300';
const debtor_account_id = ok(
  await admin.post('/settings/debtor-accounts', {
    name: 'Example Company BV',
    iban: IBAN,
    bic: 'ABNANL2A',
    currency: 'EUR',
    country: 'NL',
  }),
).id;

async function approved(invoiceId: string): Promise<Loose> {
  const { id } = ok(await maker.post('/payments', { invoice_id: invoiceId }));
  return ok(await second.post(`/payments/${id}/approve`, {}, { version: 1 }));
}

async function generated(payments: readonly Loose[]): Promise<Loose> {
  const payment_ids = payments.map(({ id }) => id);
  const { id } = ok(await maker.post('/payment-batches', { debtor_account_id, execution_date, payment_ids }));
  const { version } = ok(await maker.post(`/payment-batches/${id}/submit`));
  ok(await second.post(`/payment-batches/${id}/approve`, {}, { version }));
  return ok(await maker.post(`/payment-batches/${id}/generate`));
}

async function inFile(count = 1, amount = '100.00') {
  const payments: Loose[] = [];
  for (let made = 0; made < count; made += 1)
    payments.push(await approved((await store.invoice(vendor.id, { amount_due: amount })).id));
  return { payments, payment: payments[0], batch: await generated(payments) };
}

/** With the bank: its file was downloaded. */
async function withBank(count = 1, amount = '100.00') {
  const made = await inFile(count, amount);
  ok(await maker.get(`/exports/${made.batch.id}/xml`));
  return made;
}

const upload = (text: string, who: Caller = third, type = 'application/xml'): Promise<TestReply> =>
  api.raw('POST', '/api/v1/bank-messages', {
    headers: { authorization: `Bearer ${who.token}`, 'content-type': type },
    payload: text,
  });
const linesOf = async (message: Loose, who: Caller = third): Promise<Loose[]> =>
  ok(await who.get(`/bank-messages/${message.id}/lines?limit=100`)).data;
const read = async (what: Loose): Promise<Loose> =>
  ok(await maker.get(`/${what.id.startsWith('pay_') ? 'payments' : 'payment-batches'}/${what.id}`));

let statements = 0;
/** A statement of the debtor's account with one entry of today. */
function statement(...entries: readonly (EntryText & { readonly e2e?: string })[]): string {
  statements += 1;
  const texts = entries.map(({ e2e, ...entry }, at) =>
    entryXml({
      amount: '100.00',
      booked: today,
      servicer: `S${statements}-${at}`,
      ...(e2e === undefined ? {} : { details: detailXml(e2e) }),
      ...entry,
    }),
  );
  const id = `STMT-${statements}`;
  return camt053(statementXml({ id, number: statements, iban: IBAN, entries: texts.join('') }));
}
const returned = (payment: Loose, changes: EntryText = {}) =>
  statement({
    direction: 'CRDT',
    details: detailXml(payment.reference_number, '<RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf>'),
    ...changes,
  });

t.test('a booked entry settles the payment it names, and the same file again changes nothing', async (t) => {
  const { payment, batch } = await withBank();
  const text = statement({ e2e: payment.reference_number });
  const reply = await upload(text);
  t.equal(reply.status, 201, JSON.stringify(reply.body));
  t.match(reply.headers, { location: `/api/v1/bank-messages/${reply.body.id}`, etag: `"${reply.body.version}"` });
  t.match(reply.body, {
    status: 'processed',
    kind: 'camt.053',
    definition: 'camt.053.001.08',
    line_count: 1,
    counts: { applied: 1, known: 0, refused: 0 },
    statements: [{ account: /^NL.*\*.*4300$|4300$/, entries: 1 }],
    created_by: third.id,
  });
  t.notMatch(JSON.stringify(reply.body), new RegExp(IBAN), 'the account is masked');
  t.match(await read(payment), { status: 'settled', booked_on: today, bank_reference: `S${statements}-0` });
  t.match(await read(batch), { status: 'completed' });
  t.match(await store.stored(payment.invoice_id), { status: 'paid', open_amount: '0.00' });
  const settled = await read(payment);
  const again = await upload(text, second);
  t.equal(again.status, 200);
  t.same(again.body, reply.body);
  t.same(await read(payment), settled, 'nothing was written again');
  t.match(await linesOf(reply.body), [
    { number: 1, outcome: 'applied', action: 'settle', payment_id: payment.id, amount: '100.00', code: 'booked' },
  ]);
  const trail = ok(await (await api.as('auditor')).get(`/audit?entity=bank_message&entity_id=${reply.body.id}`)).data;
  t.same(trail.map(({ action }: Loose) => action).sort(), ['processed', 'received']);
});

t.test('the same entry in another statement is known; another booking of the payment is listed', async (t) => {
  const { payment } = await withBank();
  const entry = { e2e: payment.reference_number, servicer: 'SAME-REF' };
  ok(await upload(statement(entry)));
  t.match(await linesOf(ok(await upload(statement(entry)))), [{ outcome: 'known', payment_id: payment.id }]);
  const twice = ok(await upload(statement({ ...entry, servicer: 'OTHER-REF' })));
  t.match(await linesOf(twice), [{ outcome: 'listed', code: 'another_booking' }]);
  t.match(await read(payment), { status: 'settled', bank_reference: 'SAME-REF' });
});

t.test('a rejected payment is paid again in another batch; its rejection again changes nothing', async (t) => {
  const { payment, batch } = await withBank();
  const blocks = blockXml(
    batch.message_id,
    '',
    transactionXml(payment.reference_number, statusXml('TxSts', 'RJCT', 'AC04')),
  );
  const report = pain002({ messageId: batch.message_id, group: statusXml('GrpSts', 'PART'), blocks });
  const message = ok(await upload(report));
  t.match(message, { kind: 'pain.002', counts: { applied: 1 } });
  t.match(await linesOf(message), [
    { outcome: 'applied', action: 'fail', reason: /account is closed/, bank_status: 'RJCT' },
  ]);
  t.match(await read(payment), { status: 'failed', reason_code: 'AC04' });
  t.match(await store.stored(payment.invoice_id), { payable_amount: '100.00' });
  const next = await approved(payment.invoice_id);
  const other = await generated([next]);
  ok(await maker.get(`/exports/${other.id}/xml`));
  t.match(await linesOf(ok(await upload(report.replace('REPORT-1', 'REPORT-2')))), [{ outcome: 'known' }]);
  ok(await upload(statement({ e2e: next.reference_number })));
  t.match(await read(next), { status: 'settled' });
  const late = ok(await upload(statement({ e2e: payment.reference_number })));
  t.match(await linesOf(late), [{ outcome: 'listed', code: 'after_end' }], 'the bank paid what it had rejected');
});

t.test('a payment that was settled comes back and its invoice is open again', async (t) => {
  const { payment } = await withBank();
  ok(await upload(statement({ e2e: payment.reference_number })));
  t.match(await store.stored(payment.invoice_id), { open_amount: '0.00' });
  const back = ok(await upload(returned(payment)));
  t.match(await linesOf(back), [{ outcome: 'applied', action: 'return', bank_status: 'AC04' }]);
  t.match(await read(payment), { status: 'returned', reason_code: 'AC04' });
  t.match(await store.stored(payment.invoice_id), {
    status: 'approved',
    open_amount: '100.00',
    payable_amount: '100.00',
  });
});

t.test(
  'a statement may come before the status report: accepted after settled is known, rejected is listed',
  async (t) => {
    const { payment, batch } = await withBank();
    ok(await upload(statement({ e2e: payment.reference_number })));
    const report = (status: string) =>
      pain002({
        messageId: batch.message_id,
        blocks: transactionXml(payment.reference_number, statusXml('TxSts', status)),
      });
    t.match(await linesOf(ok(await upload(report('ACSC')))), [{ outcome: 'known' }]);
    t.match(await linesOf(ok(await upload(report('RJCT')))), [{ outcome: 'listed', code: 'settled_already' }]);
    t.match(await read(payment), { status: 'settled' });
  },
);

t.test('ACSC accepts and settles nothing; an unknown status leaves everything as it is and is listed', async (t) => {
  const { payments, batch } = await withBank(2);
  const report = (status: string) => pain002({ messageId: batch.message_id, group: statusXml('GrpSts', status) });
  const unknown = ok(await upload(report('ACXX')));
  t.match(await linesOf(unknown), [{ outcome: 'listed', code: 'unknown_status', bank_status: 'ACXX' }]);
  for (const payment of payments) t.match(await read(payment), { status: 'batched' });
  const accepted = ok(await upload(report('ACSC')));
  t.match(await linesOf(accepted), [{ outcome: 'applied', action: 'accept', payments: 2, batch_id: batch.id }]);
  for (const payment of payments) t.match(await read(payment), { status: 'accepted', booked_on: null });
});

t.test('a rejection of the group is one of every payment, but of none of which something else is said', async (t) => {
  const { payments, batch } = await withBank(3);
  const [one, ...others] = payments;
  const blocks = transactionXml(one.reference_number, statusXml('TxSts', 'ACSP'));
  const report = pain002({ messageId: batch.message_id, group: statusXml('GrpSts', 'RJCT', 'DU01'), blocks });
  const message = ok(await upload(report));
  t.match(await linesOf(message), [
    { outcome: 'listed', code: 'contradictory', payment_id: one.id },
    { outcome: 'applied', action: 'fail', payments: 2, batch_id: batch.id },
  ]);
  t.match(await read(one), { status: 'batched' });
  for (const payment of others) t.match(await read(payment), { status: 'failed', reason_code: 'DU01' });
  t.match(await linesOf(ok(await upload(report.replaceAll(batch.message_id, 'SOMEBODY-ELSE')))), [
    { code: 'contradictory' },
    { outcome: 'listed', code: 'unknown_message' },
  ]);
});

t.test('a wrong amount, currency or account settles nothing', async (t) => {
  const { payment } = await withBank();
  const e2e = payment.reference_number;
  for (const [entry, code] of [
    [{ e2e, amount: '100.01' }, 'amount_differs'],
    [{ e2e, amount: '99.99' }, 'amount_differs'],
    [{ e2e, currency: 'USD' }, 'currency_differs'],
  ] as const)
    t.match(await linesOf(ok(await upload(statement(entry)))), [{ outcome: 'listed', code, payment_id: payment.id }]);
  const other = statement({ e2e }).replaceAll(IBAN, 'DE89370400440532013000');
  t.match(await linesOf(ok(await upload(other))), [{ outcome: 'listed', code: 'account_differs' }]);
  t.match(await read(payment), { status: 'batched' });
});

t.test('nothing is recorded of a payment whose file the bank cannot have, or whose batch was cancelled', async (t) => {
  const { payment, batch } = await inFile();
  const text = () => statement({ e2e: payment.reference_number });
  t.match(await linesOf(ok(await upload(text()))), [{ outcome: 'listed', code: 'not_in_file' }]);
  ok(await maker.post(`/payment-batches/${batch.id}/cancel`, { reason: 'a mistake', not_transmitted: true }));
  t.match(await linesOf(ok(await upload(text()))), [{ outcome: 'listed', code: 'not_in_file' }]);
  t.match(await read(payment), { status: 'approved' });
});

t.test('an entry for the whole batch settles what is left of it, by count and sum', async (t) => {
  const { payments, batch } = await withBank(3);
  const booking = (amount: string, count: number) =>
    statement({
      amount,
      details: `<Btch><PmtInfId>${batch.message_id}</PmtInfId><NbOfTxs>${count}</NbOfTxs></Btch>`,
      servicer: 'BATCH-REF',
    });
  const fail = { reason_code: 'AC04' };
  ok(await third.post(`/payments/${payments[0].id}/fail`, fail));
  t.match(await linesOf(ok(await upload(booking('300.00', 3)))), [{ outcome: 'listed', code: 'batch_differs' }]);
  const message = ok(await upload(booking('200.00', 2)));
  t.match(await linesOf(message), [{ outcome: 'applied', payments: 2, batch_id: batch.id, action: 'settle' }]);
  for (const payment of payments.slice(1))
    t.match(await read(payment), { status: 'settled', bank_reference: 'BATCH-REF' });
  t.match(await read(batch), { answers: undefined, status: 'completed' });
});

t.test(
  'what names no payment is suggested, and recorded once a treasurer who did not make it confirms it',
  async (t) => {
    const { payment } = await withBank(1, '77.31');
    const message = ok(await upload(statement({ amount: '77.31' })));
    t.match(await linesOf(message), [
      { outcome: 'suggested', action: 'settle', payment_id: payment.id, code: 'amount_alike' },
    ]);
    t.match(await read(payment), { status: 'batched' });
    const path = `/bank-messages/${message.id}/confirm`;
    t.match(await maker.post(path, { line: 1 }), { status: 403, body: { code: 'payment.segregation-of-duties' } });
    t.match(await third.post(path, { line: 2 }), { status: 404 });
    const wrong = await third.post(path, { line: 1, payment_id: newId('payment') });
    t.match(wrong, { status: 422, body: { code: 'bank_message.unknown-payment' } });
    const { payment: other } = await withBank(1, '5.00');
    t.match(await third.post(path, { line: 1, payment_id: other.id }), {
      status: 422,
      body: { code: 'bank_message.amount-differs' },
    });
    t.match(await third.post(`${path}?dry_run=true`, { line: 1 }), { status: 200 });
    t.match(await read(payment), { status: 'batched' });
    const confirmed = ok(await third.post(path, { line: 1, reason: 'the vendor has it' }));
    t.match(confirmed, { counts: { applied: 1, suggested: 0 }, version: message.version + 1 });
    t.match(await read(payment), { status: 'settled', bank_reference: `S${statements}-0` });
    t.match(await linesOf(message), [{ outcome: 'applied', confirmed_by: third.id }]);
    t.match(await third.post(path, { line: 1 }), { status: 409, body: { code: 'bank_message.line-decided' } });
  },
);

t.test(
  'who hands in the file is not the maker of a payment that it settles: another treasurer confirms the line',
  async (t) => {
    const { payment } = await withBank();
    const message = ok(await upload(statement({ e2e: payment.reference_number }), maker));
    t.match(await linesOf(message), [
      { outcome: 'refused', code: 'payment.segregation-of-duties', payment_id: payment.id },
    ]);
    t.match(await read(payment), { status: 'batched' });
    ok(await second.post(`/bank-messages/${message.id}/confirm`, { line: 1 }));
    t.match(await read(payment), { status: 'settled' });
  },
);

t.test('an answer that was corrected is not recorded again by the same entry in another file', async (t) => {
  const { payment } = await withBank();
  const entry = { e2e: payment.reference_number, servicer: 'CORRECTED' };
  ok(await upload(statement(entry)));
  ok(await second.post(`/payments/${payment.id}/correct`, { reason: 'the wrong line' }));
  t.match(await linesOf(ok(await upload(statement(entry)))), [{ outcome: 'known' }]);
  t.match(await read(payment), { status: 'batched' });
});

t.test('fees and unknown debits are listed, money that comes in is not ours to match', async (t) => {
  const fee = '<BkTxCd><Domn><Cd>ACMT</Cd><Fmly><Cd>MDOP</Cd><SubFmlyCd>CHRG</SubFmlyCd></Fmly></Domn></BkTxCd>';
  const message = ok(
    await upload(
      statement(
        { amount: '4.20', more: fee },
        { amount: '123456.78' },
        { direction: 'CRDT', amount: '9.99' },
        { status: '<Sts>PDNG</Sts>', amount: '9.99' },
      ),
    ),
  );
  t.match(message.counts, { listed: 2, ignored: 2 });
  const lines = await linesOf(message);
  t.same(
    lines.map(({ code }) => code),
    ['fee', 'unknown_debit', 'incoming', 'not_booked'],
  );
  t.match(await third.post(`/bank-messages/${message.id}/confirm`, { line: 1 }), {
    body: { code: 'bank_message.payment-missing' },
  });
  const listed = ok(await third.get(`/bank-messages/${message.id}/lines?outcome=listed`)).data;
  t.equal(listed.length, 2);
});

t.test(
  'a statement that is missing or does not add up is a finding, and its entries are taken all the same',
  async (t) => {
    statements += 3;
    const message = ok(await upload(statement({ amount: '1.11' })));
    t.match(message.findings, [{ code: 'sequence_gap', detail: /are missing before/ }]);
  },
);

t.test('parallel uploads of one file settle once, and both are told the same message', async (t) => {
  const { payment } = await withBank();
  const text = statement({ e2e: payment.reference_number });
  const replies = await Promise.all([upload(text), upload(text, second), upload(text)]);
  t.same([...new Set(replies.map(({ body }) => body.id))].length, 1, JSON.stringify(replies.map(({ body }) => body)));
  t.equal(replies.filter(({ status }) => status === 201).length, 1);
  t.match(await read(payment), { status: 'settled', bank_answers: { length: 1 } });
});

t.test('a message that takes longer than a request goes on where it stopped when the file is sent again', async (t) => {
  const { payments } = await withBank(2);
  const text = statement(...payments.map(({ reference_number }) => ({ e2e: reference_number })));
  const { batches } = createBatchRepository(api.infrastructure);
  const hurried = createBankMessageService({
    repository: createBankMessageRepository(api.infrastructure),
    unitOfWork: api.dependencies.unitOfWork,
    storage: api.infrastructure.storage.documents,
    payments: api.dependencies.payments,
    batches: { get: batches.get, byMessageId: async () => undefined },
    today: async () => today,
    budgetMs: -1,
  });
  const actor = { id: third.id, roles: [], permissions: permissionsOf(['treasurer']) };
  const command = { actor, now: new Date(), request_id: 'test', dryRun: false, ids: idSource() };
  const begun = await hurried.receive(command, Buffer.from(text));
  t.match(begun, { created: true, message: { status: 'processing', counts: { applied: 0 } } });
  t.match(await third.post(`/bank-messages/${begun.message.id}/confirm`, { line: 1 }), { status: 404 });
  const again = await upload(text);
  t.match([again.status, again.body], [200, { id: begun.message.id, status: 'processed', counts: { applied: 2 } }]);
  for (const payment of payments) t.match(await read(payment), { status: 'settled' });
});

t.test('a file that is none is refused, by type, size and content, and nothing is kept of it', async (t) => {
  t.match(await upload('{}', third, 'application/json'), { status: 415 });
  t.match(await upload('hello', third, 'text/plain'), { status: 422, body: { code: 'bank_message.unreadable' } });
  t.match(await upload(`<!DOCTYPE x>${camt053()}`), { status: 422 });
  t.match(await upload('x'.repeat(4 * 1024 * 1024 + 1)), { status: 413 });
  t.match(await third.post('/bank-messages', undefined), { status: 422, body: { code: 'bank_message.unreadable' } });
});

t.test('treasurers hand in and confirm, an auditor and an admin read, nobody else does', async (t) => {
  const auditor = await api.as('auditor');
  const clerk = await api.as('ap_clerk');
  const { data } = ok(await auditor.get('/bank-messages?limit=1&status=processed'));
  t.equal(data.length, 1);
  t.equal(data[0].statements, undefined, 'a list has summaries');
  t.match(await admin.get(`/bank-messages/${data[0].id}`), { status: 200, headers: { etag: `"${data[0].version}"` } });
  for (const who of [auditor, admin, clerk]) {
    t.equal((await upload(camt053(), who)).status, 403);
    t.equal((await who.post(`/bank-messages/${data[0].id}/confirm`, { line: 1 })).status, 403);
  }
  t.equal((await clerk.get('/bank-messages')).status, 403);
  t.equal((await auditor.get(`/bank-messages/${newId('bank_message')}`)).status, 404);
  t.equal((await auditor.get(`/bank-messages/${newId('bank_message')}/lines`)).status, 404);
});
