/** A clerk who enters invoices, alone or with a second role, against a server with the rules of production. */
import t from 'tap';
import type { Role } from '../../src/shared/permissions.ts';
import { type Caller, type Loose, type TestReply, testApi } from '../support/api.ts';
import { type BilledLine, invoiceBody, receive } from '../support/invoices.ts';
import { activeVendor, approvedOrder, LINE, sentOrder } from '../support/orders.ts';
import { payables } from '../support/payables.ts';
import { PRODUCTION, PRODUCTION_RULES } from '../support/production.ts';
import { verified } from '../support/verified.ts';

t.setTimeout(300_000);
const api = await testApi(t, PRODUCTION, PRODUCTION_RULES);
const store = payables(api);
const ok = ({ status, body }: TestReply): Loose => {
  if (status >= 300) throw new Error(JSON.stringify(body));
  return body;
};
const code = ({ status, body }: TestReply): string => (status < 300 ? 'done' : body.code);
const [clerk, colleague] = [await api.as('ap_clerk', 'attacker'), await api.as('ap_clerk', 'colleague')];
const [manager, treasurer] = [await api.as('ap_manager', 'honest'), await api.as('treasurer', 'honest')];
let people = 0;
/** The clerk with another role besides. */
const alsoA = (...roles: Role[]): Promise<Caller> => {
  people += 1;
  return api.as(['ap_clerk', ...roles], `two hats ${people}`);
};
const vendor = await activeVendor(api);
const order = async (received = '100', body: object = {}): Promise<Loose> => {
  const made = await sentOrder(api, vendor.id, body);
  if (received !== '0') await receive(api, made.id, received);
  return made;
};
const enter = (by: Caller, poId: string | undefined, lines: readonly BilledLine[], more: object = {}) =>
  by.post('/invoices', invoiceBody(vendor.id, poId, lines, more));
const act = (by: Caller, { id }: Loose, action: string, body: object = {}, version?: number) =>
  by.post(`/invoices/${id}/${action}`, body, version === undefined ? {} : { version });
const matched = async (invoice: Loose, by = clerk): Promise<Loose> => ok(await act(by, invoice, 'match'));
const approve = (by: Caller, invoice: Loose, body: object = {}) => act(by, invoice, 'approve', body, invoice.version);
const read = async ({ id }: Loose): Promise<Loose> => ok(await clerk.get(`/invoices/${id}`));
const approved = async (): Promise<Loose> =>
  ok(await approve(manager, await matched(ok(await enter(clerk, (await order()).id, [{ quantity: '10' }])))));

t.test('the same invoice under another spelling of its number is refused', async (t) => {
  const { id } = await order();
  ok(await enter(clerk, id, [{ quantity: '10' }], { invoice_number: 'INV-0042/a' }));
  for (const invoice_number of ['inv-0042/a', 'INV 42 A', 'INV--42-A', ' INV-0042/A ', 'INV.00042_a'])
    t.equal(code(await enter(colleague, id, [{ quantity: '10' }], { invoice_number })), 'invoice.duplicate-number');
});

t.test('the same invoice under a number that only looks alike is held, and is not paid', async (t) => {
  const { id } = await order();
  ok(await enter(clerk, id, [{ quantity: '10' }], { invoice_number: 'ALIKE-1O0' }));
  for (const invoice_number of ['ALIKE-100', 'АLIKE-1O0', 'ALIKE1O0']) {
    const twin = ok(await enter(clerk, id, [{ quantity: '10' }], { invoice_number }));
    t.match(twin.holds, [{ kind: 'similar_number' }], invoice_number);
    const decided = await approve(manager, await matched(twin));
    t.equal((await treasurer.post('/payments', { invoice_id: twin.id })).status, 422, code(decided));
    t.equal((await act(clerk, twin, 'release', {})).status, 403, 'the clerk does not release the hold');
  }
});

t.test('the same invoice under a second vendor with the same account or tax id is held', async (t) => {
  const tax_id = 'NL123456789B01';
  const twin = await activeVendor(api, { name: 'Northwind Trading BV', tax_id });
  const original = await activeVendor(api, { name: 'Northwind BV' });
  const keeper = await api.as('vendor_manager', 'keeper');
  for (const { id } of [twin, original])
    ok(await keeper.post(`/vendors/${id}/bank-accounts`, { holder_name: 'Northwind', iban: 'NL91ABNA0417164300' }));
  const body = (id: string) => invoiceBody(id, undefined, [{ quantity: '1' }], { invoice_number: 'TWO-HOUSES-1' });
  ok(await clerk.post('/invoices', body(original.id)));
  t.match(ok(await clerk.post('/invoices', body(twin.id))).holds, [{ kind: 'similar_number' }]);
});

t.test('a rejected or voided invoice is not entered again under its number, and the clerk frees none', async (t) => {
  const { id } = await order();
  const more = { invoice_number: 'AGAIN-1' };
  const first = await matched(ok(await enter(clerk, id, [{ quantity: '10' }], more)));
  ok(await act(manager, first, 'reject', { reason: 'not ours' }));
  t.equal(code(await enter(clerk, id, [{ quantity: '10' }], more)), 'invoice.duplicate-number');
  t.equal((await act(clerk, first, 'free-number', { reason: 'please' })).status, 403);
});

t.test('nobody approves what they entered or changed, also after somebody else changed it last', async (t) => {
  const both = await alsoA('ap_manager');
  const own = await matched(ok(await enter(both, (await order()).id, [{ quantity: '10' }])), both);
  t.equal(code(await approve(both, own)), 'invoice.segregation-of-duties');
  const changed = ok(await colleague.patch(`/invoices/${own.id}`, { notes: 'as told' }, { version: own.version }));
  t.equal(code(await approve(both, await matched(changed, colleague))), 'invoice.segregation-of-duties');
  const entered = ok(await enter(clerk, (await order()).id, [{ quantity: '10' }]));
  const touched = ok(await both.patch(`/invoices/${entered.id}`, { notes: 'x' }, { version: entered.version }));
  const back = ok(await clerk.patch(`/invoices/${entered.id}`, { notes: 'y' }, { version: touched.version }));
  t.equal(code(await approve(both, await matched(back))), 'invoice.segregation-of-duties');
});

t.test('whoever overrides an exception does not approve it, in that round or after a dispute', async (t) => {
  const both = await alsoA('ap_manager');
  const dear = await matched(ok(await enter(clerk, (await order()).id, [{ quantity: '10', unit_price: '9.00' }])));
  t.equal(dear.status, 'exception');
  const overridden = ok(await approve(both, dear, { reason: 'a higher price' }));
  t.equal(code(await approve(both, overridden)), 'invoice.segregation-of-duties');
  ok(await act(both, overridden, 'dispute', { reason: 'a question' }));
  const resolved = ok(await act(clerk, overridden, 'resolve', {}));
  const again = await matched(resolved);
  t.equal(code(await approve(manager, again, { reason: 'seen' })), 'done', 'another overrides');
  t.equal(code(await approve(both, await read(again))), 'invoice.segregation-of-duties');
});

t.test('an approved invoice is not changed, and what is disputed is approved anew', async (t) => {
  const invoice = await approved();
  const change = { notes: 'another total', total_amount: '9999.00' };
  t.equal((await clerk.patch(`/invoices/${invoice.id}`, change, { version: invoice.version })).status, 409);
  const disputed = ok(await act(clerk, invoice, 'dispute', { reason: 'a trick' }));
  const { payable_amount, approvals } = await read(disputed);
  t.same(approvals ?? [], []);
  t.equal((await treasurer.post('/payments', { invoice_id: invoice.id })).status, 422, payable_amount);
});

t.test('an invoice of which a payment is under way is not disputed or voided to be paid twice', async (t) => {
  const { id: payee } = await store.vendor();
  const invoice = await store.invoice(payee);
  ok(await treasurer.post('/payments', { invoice_id: invoice.id }));
  for (const action of ['dispute', 'void'])
    t.equal(code(await act(manager, invoice, action, { reason: 'a trick' })), 'invoice.in-use', action);
  t.equal((await treasurer.post('/payments', { invoice_id: invoice.id })).status, 422, 'and is paid once');
});

t.test('an order is not billed twice, in parts, in other units or at another price', async (t) => {
  const { id } = await order();
  ok(await approve(manager, await matched(ok(await enter(clerk, id, [{ quantity: '60' }])))));
  const verdict = async (line: BilledLine): Promise<string> =>
    (await matched(ok(await enter(clerk, id, [line])))).status;
  t.equal(await verdict({ quantity: '41' }), 'exception', 'one more than ordered');
  t.equal(await verdict({ quantity: '40', unit_price: '2.51' }), 'exception', 'another price');
  t.equal(await verdict({ quantity: '40', more: { unit: 'XBX' } }), 'exception', 'another unit');
  const halves = [{ quantity: '20.5' }, { quantity: '20.5' }].map((line) => line);
  t.equal((await matched(ok(await enter(clerk, id, halves)))).status, 'exception', 'two lines of one line');
  const twins = await Promise.all([1, 2].map(async () => ok(await enter(clerk, id, [{ quantity: '40' }]))));
  const verdicts = await Promise.all(twins.map((twin) => matched(twin)));
  t.same(verdicts.map(({ status }) => status).sort(), ['exception', 'matched'], 'at the same moment');
});

t.test('an exception is not approved as it was after what is received or agreed was changed', async (t) => {
  const { id } = await order('50');
  const invoice = await matched(ok(await enter(clerk, id, [{ quantity: '80' }])));
  t.equal(invoice.status, 'exception');
  const dearer = await clerk.patch(
    `/invoices/${invoice.id}`,
    { line_items: invoiceBody(vendor.id, id, [{ quantity: '80', unit_price: '3.00' }]).line_items },
    { version: invoice.version },
  );
  t.not(dearer.status, 200, 'lines without their totals');
  t.equal(
    code(await approve(manager, { ...invoice, version: invoice.version - 1 }, { reason: 'seen' })),
    'invoice.stale',
  );
});

t.test('goods that never came are not receipted by the clerk, nor un-received once billed', async (t) => {
  const { id } = await order('0');
  const receipt = { line_items: [{ line_number: 1, quantity: '100' }] };
  t.equal((await clerk.post(`/purchase-orders/${id}/receipts`, receipt)).status, 403);
  t.equal((await matched(ok(await enter(clerk, id, [{ quantity: '100' }])))).status, 'exception');
  const receiver = await alsoA('receiver');
  const got = ok(await receiver.post(`/purchase-orders/${id}/receipts`, receipt));
  const invoice = await matched(ok(await enter(clerk, id, [{ quantity: '100' }])));
  ok(await approve(manager, invoice));
  const reversed = await receiver.post(`/receipts/${got.id}/reverse`, { reason: 'a trick' });
  t.equal(reversed.status, 409, code(reversed));
  ok(await receiver.post(`/receipts/${got.id}/return`, { reason: 'broken', line_items: receipt.line_items }));
  t.match((await read(invoice)).holds, [{ kind: 'goods_returned' }], 'and what goes back holds the invoice');
});

t.test('an invoice is not moved to another vendor, currency or order to pass the match', async (t) => {
  const { id } = await order();
  const stranger = await activeVendor(api, { name: 'Stranger BV' });
  const foreign = ok(await clerk.post('/invoices', invoiceBody(stranger.id, id, [{ quantity: '10' }])));
  t.equal((await matched(foreign)).status, 'exception', 'another vendor');
  const usd = await enter(clerk, id, [{ quantity: '10' }], { currency: 'USD' });
  t.ok(usd.status === 422 || (await matched(usd.body)).status === 'exception', 'another currency');
  const invoice = ok(await enter(clerk, id, [{ quantity: '10' }]));
  const moved = await clerk.patch(`/invoices/${invoice.id}`, { vendor_id: stranger.id }, { version: 1 });
  t.equal((await matched(ok(moved))).status, 'exception', 'also where it is changed later');
  const unsent = await approvedOrder(api, vendor.id, { line_items: [LINE] });
  t.equal(code(await enter(clerk, unsent.id, [{ quantity: '10' }])), 'purchase_order.not-sent');
});

t.test('an invoice without an order takes two more people, and a limit does not end at a currency', async (t) => {
  const free = await matched(ok(await enter(clerk, undefined, [{ quantity: '10' }])));
  const both = await api.as(['approver', 'ap_manager'], 'both steps');
  t.equal((await approve(clerk, free)).status, 403);
  const once = ok(await approve(both, free));
  t.equal(code(await approve(both, once)), 'invoice.segregation-of-duties', 'each step is another person’s');
  const [first, second] = [await api.as('admin', 'a'), await api.as('admin', 'b')];
  const limited = await api.as('ap_manager', 'limited');
  const waiting = ok(
    await first.patch(`/users/${limited.id}`, { approval_limit: { amount: '20.00', currency: 'EUR' } }, { version: 1 }),
  );
  ok(await second.post(`/users/${limited.id}/approve`, {}, { version: waiting.version }));
  t.equal(code(await approve(limited, once)), 'invoice.beyond-approval-limit');
  const yen = ok(await enter(clerk, undefined, [{ quantity: '1' }], { currency: 'USD' }));
  const seen = ok(await approve(await api.as('approver', 'third'), await matched(yen)));
  t.equal(code(await approve(limited, seen)), 'invoice.beyond-approval-limit', 'no rate, no approval');
});

t.test('a clerk who also keeps vendors moves no money to an account of their own', async (t) => {
  const both = await alsoA('vendor_manager');
  const { id: payee } = await store.vendor();
  const invoice = await store.invoice(payee);
  const path = `/vendors/${payee}/bank-accounts`;
  const swap = ok(await both.post(path, { holder_name: 'Attacker', iban: 'DE89370400440532013000' }));
  const own = verified('DE89370400440532013000');
  t.equal(
    code(await both.post(`${path}/${swap.id}/approve`, own, { version: 1 })),
    'bank_account.segregation-of-duties',
  );
  const payment = ok(await treasurer.post('/payments', { invoice_id: invoice.id }));
  t.match(payment.creditor, { iban: 'NL** **** 4300' }, 'what is only proposed is not paid');
  const other = await api.as('vendor_manager', 'careless');
  ok(await other.post(`${path}/${swap.id}/approve`, own, { version: 1 }));
  t.equal(
    code(await (await api.as('treasurer', 'second')).post(`/payments/${payment.id}/approve`, {}, { version: 1 })),
    'payment.not-payable',
    'a payment does not follow the swap',
  );
  const next = await treasurer.post('/payments', { invoice_id: (await store.invoice(payee)).id });
  t.equal(next.status, 422, 'and the new account pays nothing within a day');
});

t.test('a clerk who also keeps vendors does not turn a call-back to their own telephone', async (t) => {
  const both = await alsoA('vendor_manager');
  const target = await activeVendor(api, { name: 'Called back BV', phone: '+31 20 123 45 67' });
  const before = ok(await both.get(`/vendors/${target.id}`));
  const change = { phone: '+371 2000 0000', email: 'attacker@other.example', payment_terms: 'DUE ON RECEIPT' };
  const after = ok(await both.patch(`/vendors/${target.id}`, change, { version: before.version }));
  t.match(after, { phone: before.phone, email: before.email, payment_terms: before.payment_terms });
  const own = await both.post(`/vendors/${target.id}/approve`, {}, { version: after.version });
  t.equal(code(own), 'vendor.segregation-of-duties');
  t.equal((await clerk.patch(`/vendors/${target.id}`, change, { version: after.version })).status, 403);
});

t.test('a credit note is not used to free what was paid, nor credits more than was billed', async (t) => {
  const { id } = await order();
  const invoice = ok(await approve(manager, await matched(ok(await enter(clerk, id, [{ quantity: '10' }])))));
  const credit = { type: 'credit_note', credited_invoice_id: invoice.id };
  t.equal((await enter(clerk, id, [{ quantity: '11' }], credit)).status, 422, 'more than it bills');
  const note = ok(await enter(clerk, id, [{ quantity: '10' }], credit));
  t.equal((await enter(clerk, id, [{ quantity: '1' }], credit)).status, 422, 'all together');
  t.equal(code(await act(manager, invoice, 'void', { reason: 'a trick' })), 'invoice.credited');
  t.equal((await act(clerk, note, 'apply', { invoice_id: invoice.id, amount: '1.00' })).status, 403);
});
