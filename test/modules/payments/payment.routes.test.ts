import { TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import fc from 'fast-check';
import t from 'tap';
import { createDependencies } from '../../../src/dependencies.ts';
import { addDays, calendarDay } from '../../../src/shared/clock.ts';
import { idSource } from '../../../src/shared/command.ts';
import { add, amount, subtract } from '../../../src/shared/money.ts';
import { permissionsOf, ROLES } from '../../../src/shared/permissions.ts';
import { type Caller, type Loose, type TestReply, testApi } from '../../support/api.ts';
import { payables } from '../../support/payables.ts';
import { verified } from '../../support/verified.ts';

const api = await testApi(t);
const store = payables(api);
const treasurer = await api.as('treasurer');
const second = await api.as('treasurer', 'second');
const vendor = await store.vendor();

const make = async (invoice_id: string, body: object = {}): Promise<Loose> => {
  const made = await treasurer.post('/payments', { invoice_id, ...body });
  t.equal(made.status, 201, JSON.stringify(made.body));
  return made.body;
};
const codeOf = ({ status, body }: TestReply): string => (status < 300 ? 'done' : body.code);

t.test('a payment is made by one treasurer and approved by another', async (t) => {
  const invoice = await store.invoice(vendor.id);
  const made = await treasurer.post('/payments', { invoice_id: invoice.id });
  t.equal(made.status, 201, JSON.stringify(made.body));
  t.equal(made.headers.location, `/api/v1/payments/${made.body.id}`);
  t.match(made.body, {
    status: 'pending_approval',
    vendor_id: vendor.id,
    payment_amount: '100.00',
    discount_taken: '0.00',
    payment_method: 'bank_transfer',
    batch_id: null,
    creditor: { bank_account_id: vendor.accountId, iban: 'NL** **** 4300' },
  });
  t.match(made.body.reference_number, /^PAY[0-9A-F]{32}$/);
  t.notHas(made.body, 'invoice_approvers');
  t.match(await store.stored(invoice.id), { open_amount: '100.00', payable_amount: '0.00', status: 'approved' });

  const path = `/payments/${made.body.id}`;
  t.equal((await treasurer.post(`${path}/approve`, {}, { version: 1 })).body.code, 'payment.segregation-of-duties');
  t.equal((await second.post(`${path}/approve`)).status, 428);
  t.equal((await second.post(`${path}/approve`, {}, { version: 4 })).status, 412);
  const approved = await second.post(`${path}/approve`, {}, { version: 1 });
  t.match(approved.body, { status: 'approved', approved_by: second.id, version: 2 });
  t.same((await second.get(path)).body, approved.body);
  t.match((await api.as('ap_clerk').then((clerk) => clerk.get(path))).body.creditor, { iban: 'NL** **** 4300' });
  t.notOk(
    api.log.some((line) => line.includes('NL91ABNA0417164300')),
    'no bank detail in the log',
  );
});

t.test('an approver of the invoice does not approve its payment', async (t) => {
  const approval = { step: 'ap_manager' as const, approved_at: '2026-01-31T10:00:00.000Z', reason: null };
  const invoice = await store.invoice(vendor.id, { approvals: [{ ...approval, approved_by: second.id }] });
  const made = await make(invoice.id);
  const refused = await second.post(`/payments/${made.id}/approve`, {}, { version: 1 });
  t.equal(refused.body.code, 'payment.segregation-of-duties');
});

t.test('more than can be paid is refused, and so is what cannot be paid', async (t) => {
  const invoice = await store.invoice(vendor.id, { amount_due: '250.00' });
  const over = await treasurer.post('/payments', { invoice_id: invoice.id, payment_amount: '250.01' });
  t.match(over.body, { status: 422, code: 'invoice.not-payable', errors: [{ pointer: '#/payment_amount' }] });
  t.equal((await treasurer.post('/payments', { invoice_id: invoice.id, payment_amount: '0' })).status, 422);
  t.equal((await treasurer.post('/payments', { invoice_id: invoice.id, payment_amount: '1.005' })).status, 422);
  t.equal((await treasurer.post('/payments', { invoice_id: invoice.id, payment_amount: 5 })).status, 400);
  t.equal((await treasurer.post('/payments', { invoice_id: invoice.id, payment_amount: '-5' })).status, 400);
  t.equal((await treasurer.post('/payments', { invoice_id: invoice.id, status: 'approved' })).status, 400);
  t.equal((await treasurer.post('/payments', { invoice_id: vendor.id })).status, 400);
  const unknown = invoice.id.replace(/.$/, (last) => (last === '0' ? '1' : '0'));
  t.match((await treasurer.post('/payments', { invoice_id: unknown })).body, {
    status: 422,
    code: 'payment.unknown-invoice',
    errors: [{ pointer: '#/invoice_id' }],
  });
  const past = await treasurer.post('/payments', { invoice_id: invoice.id, payment_date: '2020-01-01' });
  t.equal(past.body.code, 'payment.date-past');
  t.match(await make(invoice.id, { payment_amount: '2.5' }), { payment_amount: '2.50' });
  t.match(await make(invoice.id), { payment_amount: '247.50' });

  const cases: [string, () => Promise<{ id: string }>, string][] = [
    ['disputed', () => store.invoice(vendor.id, { status: 'disputed' }), 'disputed'],
    ['not approved', () => store.invoice(vendor.id, { status: 'matched' }), 'not_approved'],
    ['blocked', async () => store.invoice((await store.vendor({ status: 'blocked' })).id), 'vendor_not_active'],
    ['on hold', async () => store.invoice((await store.vendor({ status: 'payment_hold' })).id), 'held'],
    ['revoked', async () => store.invoice((await store.vendor({}, { status: 'revoked' })).id), 'no_account'],
    [
      'cooling',
      async () => store.invoice((await store.vendor({}, { payable_from: '2999-01-01T00:00:00.000Z' })).id),
      'no_account',
    ],
  ];
  for (const [title, open, rule] of cases) {
    const refused = await treasurer.post('/payments', { invoice_id: (await open()).id });
    t.match(refused.body, { status: 422, code: 'payment.not-payable', errors: [{ rule }] }, title);
  }
});

t.test('what no file format carries is refused when the payment is made, with the reason', async (t) => {
  const american = { iban: null, bic: null, routing_number: '021000021', account_number: '12345678' };
  const dollars = () => store.invoice(vendor.id, { currency: 'USD' });
  const of = async (account: object) => store.invoice((await store.vendor({}, account)).id);
  const cases: [string, () => ReturnType<typeof store.invoice>, RegExp][] = [
    ['another currency', dollars, /USD yet; only EUR/],
    ['an account without an IBAN', () => of(american), /account without an IBAN/],
    [
      'an account outside SEPA',
      () => of({ iban: 'BR1800360305000010009795493C1', bic: null }),
      /outside the SEPA area/,
    ],
    ['too large an amount', () => store.invoice(vendor.id, { amount_due: '1000000000.00' }), /at most 999999999\.99/],
  ];
  for (const [title, open, detail] of cases) {
    const invoice = await open();
    const refused = await treasurer.post('/payments', { invoice_id: invoice.id });
    const errors = [{ pointer: '#/invoice_id', rule: 'no_format', detail }];
    t.match(refused.body, { status: 422, code: 'payment.not-payable', errors }, title);
    t.equal((await store.stored(invoice.id)).payable_amount, invoice.payable_amount, `${title}: nothing is reserved`);
  }
  const { id } = await store.invoice((await store.vendor({ status: 'blocked' }, american)).id, { currency: 'USD' });
  const all = await treasurer.post('/payments', { invoice_id: id });
  t.same(
    all.body.errors.map(({ rule }: Loose) => rule),
    ['vendor_not_active', 'no_format'],
    'all at once',
  );
});

t.test('by default the discount still available is taken', async (t) => {
  const today = calendarDay(new Date(), 'UTC');
  const terms = { discount_date: addDays(today, 10), discount_amount: '2.00' };
  const invoice = await store.invoice(vendor.id, terms);
  const made = await make(invoice.id);
  t.match(made, { payment_amount: '98.00', discount_taken: '2.00' });
  t.equal((await store.stored(invoice.id)).payable_amount, '0.00');
  await treasurer.post(`/payments/${made.id}/cancel`, { reason: 'wrong day' });
  t.equal((await store.stored(invoice.id)).payable_amount, '100.00');
  t.match(await make(invoice.id, { payment_date: addDays(today, 11) }), {
    payment_amount: '100.00',
    discount_taken: '0.00',
  });
});

t.test('a reference that a person chooses is unique and found by its beginning', async (t) => {
  const [one, other] = await Promise.all([store.invoice(vendor.id), store.invoice(vendor.id)]);
  const made = await make(one.id, { reference_number: 'RUN-2026.7' });
  const again = await treasurer.post('/payments', { invoice_id: other.id, reference_number: 'run-2026.7' });
  t.match(again.body, { code: 'payment.reference-taken', errors: [{ detail: `is taken by ${made.id}` }] });
  const reserved = await treasurer.post('/payments', {
    invoice_id: other.id,
    reference_number: `PAY${'0'.repeat(32)}`,
  });
  t.equal(reserved.body.code, 'payment.reference-reserved');
  t.equal((await treasurer.post('/payments', { invoice_id: other.id, reference_number: 'a//b' })).status, 400);
  const found = await treasurer.get('/payments?q=run-2026');
  t.same(
    found.body.data.map(({ id }: Loose) => id),
    [made.id],
  );
  t.equal((await treasurer.get(`/payments?q=${made.reference_number}&status=approved`)).body.data.length, 0);
});

t.test('payments are listed by invoice, vendor, status and day', async (t) => {
  const own = await store.vendor();
  const invoice = await store.invoice(own.id);
  const made = await make(invoice.id, { notes: 'first' });
  const today = made.created_at.slice(0, 10);
  for (const [query, count] of [
    [`invoice_id=${invoice.id}`, 1],
    [`vendor_id=${own.id}&status=pending_approval`, 1],
    [`vendor_id=${own.id}&status=settled`, 0],
    [`vendor_id=${own.id}&created_from=${today}&created_to=${today}`, 1],
    [`vendor_id=${own.id}&created_to=2020-01-01`, 0],
  ] as const) {
    const listed = await treasurer.get(`/payments?${query}`);
    t.equal(listed.body.data.length, count, query);
    t.notHas(listed.body.data[0] ?? {}, 'notes');
    t.notHas(listed.body.data[0] ?? {}, 'creditor');
  }
  t.equal((await treasurer.get('/payments?po_id=po_1')).status, 400);
});

t.test('each role may do with payments what it may, and no more', async (t) => {
  const invoice = await store.invoice(vendor.id, { amount_due: '1000.00' });
  const made = await make(invoice.id, { payment_amount: '1.00' });
  const actions: Record<string, object> = {
    approve: {},
    reject: { reason: 'no' },
    hold: { reason: 'no' },
    release: {},
    cancel: { reason: 'no' },
    void: {},
    settle: { booked_on: '2026-01-31', bank_reference: 'B' },
    fail: { reason_code: 'AC04' },
    return: { reason_code: 'AC04' },
    correct: { reason: 'no' },
  };
  for (const role of ROLES) {
    const person = await api.as(role, 'of every kind');
    const reads = role !== 'integration';
    t.equal((await person.get(`/payments/${made.id}`)).status, reads ? 200 : 403, `${role} reads`);
    t.equal((await person.get('/payments')).status, reads ? 200 : 403, `${role} lists`);
    const created = await person.post('/payments', { invoice_id: invoice.id, payment_amount: '1.00' });
    t.equal(created.status, role === 'treasurer' ? 201 : 403, `${role} makes`);
    for (const [action, body] of Object.entries(actions)) {
      const path = `/payments/${made.id}/${action}?dry_run=true`;
      const { status } = await person.post(path, body, { version: 1 });
      t.equal(status === 403, role !== 'treasurer', `${role} ${action}: ${status}`);
    }
  }
});

t.test('what a payment reserved comes back when it is rejected or cancelled', async (t) => {
  for (const [action, status] of [
    ['reject', 'rejected'],
    ['cancel', 'cancelled'],
  ]) {
    const invoice = await store.invoice(vendor.id);
    const made = await make(invoice.id);
    t.equal((await second.post(`/payments/${made.id}/${action}`, {})).status, 400, 'a reason is required');
    t.match((await second.post(`/payments/${made.id}/${action}`, { reason: 'wrong' })).body, { status });
    t.match(await store.stored(invoice.id), { open_amount: '100.00', payable_amount: '100.00' });
    t.equal(
      (await second.post(`/payments/${made.id}/${action}`, { reason: 'wrong' })).body.code,
      'payment.wrong-status',
    );
  }
});

t.test('a payment is held and released', async (t) => {
  const made = await make((await store.invoice(vendor.id)).id);
  const act = (action: string, body: object) => second.post(`/payments/${made.id}/${action}`, body);
  t.match((await act('hold', { reason: 'ask first' })).body, { hold: { reason: 'ask first', placed_by: second.id } });
  t.equal((await act('hold', { reason: 'again' })).body.code, 'payment.held');
  t.match((await treasurer.get(`/payments?invoice_id=${made.invoice_id}`)).body.data, [{ held: true }]);
  t.match((await act('release', {})).body, { hold: null });
});

t.test('nothing is written by a dry run, and one key makes one payment', async (t) => {
  const invoice = await store.invoice(vendor.id);
  const dry = await treasurer.post('/payments?dry_run=true', { invoice_id: invoice.id });
  t.match(dry, { status: 201, headers: { 'dry-run': 'true' }, body: { id: null, payment_amount: '100.00' } });
  t.equal((await store.stored(invoice.id)).payable_amount, '100.00');
  const headers = { 'idempotency-key': 'one payment' };
  const send = () => treasurer.post('/payments', { invoice_id: invoice.id }, { headers });
  const replies = await Promise.all([send(), send(), send()]);
  t.equal(new Set(replies.map(({ body }) => body.id)).size, 1);
  t.ok(replies.every(({ status }) => status === 201));
});

t.test('of many concurrent payments of one invoice exactly one wins', async (t) => {
  const invoice = await store.invoice(vendor.id);
  const replies = await Promise.all(
    Array.from({ length: 20 }, (_, index) =>
      (index % 2 === 0 ? treasurer : second).post('/payments', { invoice_id: invoice.id, payment_amount: '100.00' }),
    ),
  );
  t.equal(replies.filter(({ status }) => status === 201).length, 1);
  t.ok(replies.every(({ status }) => status === 201 || status === 422 || status === 503));
  t.match(await store.stored(invoice.id), { payable_amount: '0.00', open_amount: '100.00' });
});

/** Runs `act` once, just before the transaction that `matches` goes to the store. */
async function racing(matches: (text: string) => boolean, act: () => Promise<unknown>) {
  let done = false;
  const client = Object.create(api.client, {
    send: {
      value: async (command: object, ...rest: unknown[]) => {
        if (!done && command instanceof TransactWriteCommand && matches(JSON.stringify(command.input))) {
          done = true;
          await act();
        }
        return Reflect.apply(api.client.send, api.client, [command, ...rest]);
      },
    },
  });
  return createDependencies({ ...api.infrastructure, client });
}

const commandOf = (person: Caller, ifMatch?: number) => ({
  actor: { id: person.id, roles: ['treasurer' as const], permissions: permissionsOf(['treasurer']) },
  now: new Date(),
  request_id: 'test',
  dryRun: false,
  ifMatch,
  ids: idSource(),
});

t.test('a vendor, account or invoice that is stopped while its payment is being approved is not paid', async (t) => {
  const cases: [string, (ids: { vendor: string; account: string; invoice: string }) => Promise<unknown>][] = [
    ['vendor blocked', ({ vendor }) => store.changeVendor(vendor, { status: 'blocked' })],
    ['account revoked', ({ account }) => store.changeAccount(account, { status: 'revoked' })],
    ['invoice disputed', ({ invoice }) => store.changeInvoice(invoice, { status: 'disputed' })],
  ];
  for (const [title, stop] of cases) {
    const own = await store.vendor();
    const invoice = await store.invoice(own.id);
    const made = await make(invoice.id);
    const isApproval = (text: string) => text.includes(made.id);
    const { payments } = await racing(isApproval, () =>
      stop({ vendor: own.id, account: own.accountId, invoice: invoice.id }),
    );
    await t.rejects(payments.act(commandOf(second, 1), made.id, 'approve', {}), { code: 'payment.not-payable' }, title);
    t.equal((await second.get(`/payments/${made.id}`)).body.status, 'pending_approval', title);
  }
  const own = await store.vendor();
  const invoice = await store.invoice(own.id);
  const { payments } = await racing(
    (text) => text.includes(invoice.id),
    () => store.changeVendor(own.id, { status: 'blocked' }),
  );
  await t.rejects(payments.create(commandOf(second), { invoice_id: invoice.id }), { code: 'payment.not-payable' });
});

t.test('of an approval and a cancellation at the same moment one wins', async (t) => {
  const made = await make((await store.invoice(vendor.id)).id);
  const [approved, cancelled] = await Promise.all([
    second.post(`/payments/${made.id}/approve`, {}, { version: 1 }),
    second.post(`/payments/${made.id}/cancel`, { reason: 'no' }, { version: 1 }),
  ]);
  t.equal([approved, cancelled].filter(({ status }) => status === 200).length, 1);
  const other = codeOf(approved) === 'done' ? cancelled : approved;
  t.equal(other.status, 412);
});

t.test("the maker of an open payment does not approve the vendor's account", async (t) => {
  const own = await store.vendor();
  const both = await api.as(['treasurer', 'vendor_manager'], 'both');
  const manager = await api.as('vendor_manager');
  const made = await both.post('/payments', { invoice_id: (await store.invoice(own.id)).id });
  t.equal(made.status, 201, JSON.stringify(made.body));
  const account = await manager.post(`/vendors/${own.id}/bank-accounts`, {
    holder_name: 'Northwind',
    iban: 'DE89370400440532013000',
  });
  const path = `/vendors/${own.id}/bank-accounts/${account.body.id}/approve`;
  t.equal(
    (await both.post(path, verified('DE89370400440532013000'), { version: 1 })).body.code,
    'bank_account.segregation-of-duties',
  );
  await treasurer.post(`/payments/${made.body.id}/cancel`, { reason: 'no' });
  t.equal((await both.post(path, verified('DE89370400440532013000'), { version: 1 })).status, 200);
});

t.test('whatever is made, cancelled and rejected, open is payable plus what is reserved', async (t) => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant('make' as const), cents: fc.integer({ min: 1, max: 6000 }) }),
    fc.record({ kind: fc.constant('make_rest' as const) }),
    fc.record({ kind: fc.constantFrom('cancel' as const, 'reject' as const), which: fc.nat(5) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 10 }), async (steps) => {
      const invoice = await store.invoice(vendor.id, { discount_date: '2999-01-01', discount_amount: '3.33' });
      const live: Loose[] = [];
      for (const action of steps) {
        if (action.kind === 'make' || action.kind === 'make_rest') {
          const given = action.kind === 'make' ? { payment_amount: (action.cents / 100).toFixed(2) } : {};
          const reply = await treasurer.post('/payments', { invoice_id: invoice.id, ...given });
          if (reply.status === 201) live.push(reply.body);
          else t.equal(reply.status, 422);
        } else {
          const [gone] = live.splice(action.which % Math.max(live.length, 1), 1);
          if (gone !== undefined) await second.post(`/payments/${gone.id}/${action.kind}`, { reason: 'no' });
        }
        const { open_amount, payable_amount } = await store.stored(invoice.id);
        const reserved = add(...live.flatMap((payment) => [payment.payment_amount, payment.discount_taken]));
        t.equal(amount(subtract(open_amount, payable_amount), 'EUR'), amount(reserved, 'EUR'));
        t.equal(open_amount, '100.00');
      }
    }),
    { numRuns: 6 },
  );
});
