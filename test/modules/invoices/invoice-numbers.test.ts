import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import t from 'tap';
import { type Loose, testApi } from '../../support/api.ts';
import { invoiceBody, invoicing } from '../../support/invoices.ts';
import { activeVendor } from '../../support/orders.ts';

const api = await testApi(t);
const [clerk, manager] = [await api.as('ap_clerk'), await api.as('ap_manager')];
const keeper = await api.as('vendor_manager');
const vendor = await activeVendor(api);
const { ok, act, matched, read } = await invoicing(t, api, vendor.id);
const IBAN = 'NL91ABNA0417164300';

const bill = (vendorId: string, invoice_number: string, more: object = {}) =>
  clerk.post('/invoices', invoiceBody(vendorId, undefined, [{ quantity: '1' }], { invoice_number, ...more }));
const entered = async (vendorId: string, invoice_number: string, more: object = {}): Promise<Loose> =>
  ok(await bill(vendorId, invoice_number, more), 201);
const proposeAccount = async ({ id }: Loose, iban: string): Promise<Loose> =>
  ok(await keeper.post(`/vendors/${id}/bank-accounts`, { holder_name: 'Northwind Paper BV', iban }), 201);
const switchYearly = async ({ id }: Loose, invoice_numbers_restart_yearly: boolean): Promise<void> => {
  const { version } = ok(await keeper.get(`/vendors/${id}`));
  ok(await keeper.patch(`/vendors/${id}`, { invoice_numbers_restart_yearly }, { version }));
};

t.test('a number that looks like another is held, with the invoice and what it is as evidence', async (t) => {
  for (const [one, other] of [
    ['2026-001', '2026001'],
    ['RE-0007/5', 'RE 7 5'],
    ['SN-0012', 'SN12'],
    ['000KL-4', 'KL4'],
    ['AB-77', '\u0410\u0412-77'],
    ['IO-10', '10-1O'],
    ['77-8', '\u0667\u0667-\u0668'],
  ] as const) {
    const first = await entered(vendor.id, one);
    const alike = await bill(vendor.id, other);
    if (alike.status === 409) {
      t.equal(one, 'RE-0007/5', 'the same number is refused');
      continue;
    }
    t.match(ok(alike, 201).holds, [{ kind: 'similar_number' }], `${one} and ${other}`);
    t.match(alike.body.holds[0].reason, `${one} (${first.id}, received)`);
    t.same((await read(first)).holds, []);
    t.same((await matched(first)).holds, [], 'one of the two is held');
  }
  t.same((await entered(vendor.id, '2026-002')).holds, []);
  const first = await entered(vendor.id, 'CN-5-5');
  t.same((await entered(vendor.id, 'CN-55', { type: 'credit_note' })).holds, [], 'credit notes are numbered apart');
  ok(await act(manager, first, 'reject', { reason: 'not ours' }));
  const again = await entered(vendor.id, 'CN55');
  t.match(again.holds[0].reason, `(${first.id}, rejected)`, 'a rejected one is evidence too');
});

t.test('a hold that was released does not come back, unless the number changes', async (t) => {
  const first = await entered(vendor.id, 'ZQ-1-1');
  const alike = await entered(vendor.id, 'ZQ-11');
  const path = `/invoices/${alike.id}`;
  const released = ok(await act(manager, alike, 'release', { hold_id: alike.holds[0].id, reason: 'two deliveries' }));
  t.same((await matched(alike)).holds, []);
  const noted = ok(await clerk.patch(path, { notes: 'seen' }, { version: released.version + 1 }));
  t.same(noted.holds, []);
  const dated = ok(await clerk.patch(path, { invoice_date: '2025-07-01' }, { version: noted.version }));
  t.same(dated.holds, []);
  const moved = ok(await clerk.patch(path, { invoice_number: 'ZQ-9' }, { version: dated.version }));
  t.same(moved.holds, []);
  const back = ok(
    await clerk
      .patch(path, { invoice_number: 'ZQ 1/1/' }, { version: moved.version })
      .then((reply) =>
        reply.status === 409 ? clerk.patch(path, { invoice_number: 'ZQ11' }, { version: moved.version }) : reply,
      ),
  );
  t.match(back.holds, [{ kind: 'similar_number', reason: new RegExp(first.id) }]);
});

t.test('the same number of two vendors who share a bank account or a tax id is held', async (t) => {
  const [one, other] = [await activeVendor(api), await activeVendor(api)];
  await proposeAccount(one, IBAN);
  await proposeAccount(other, IBAN);
  const first = await entered(one.id, 'SH-1');
  const alike = await entered(other.id, 'SH-1');
  t.match(alike.holds, [{ kind: 'similar_number' }]);
  t.match(alike.holds[0].reason, `SH-1 (${first.id}, of ${one.id}, which shares a bank account or tax id, received)`);
  t.same((await matched(first)).holds, []);
  t.same((await entered(other.id, 'SH-2')).holds, []);
  t.same((await entered(vendor.id, 'SH-1')).holds, [], 'a vendor apart');

  const tax_id = 'NL001234567B01';
  const [old, young] = [await activeVendor(api, { tax_id }), await activeVendor(api)];
  await entered(old.id, 'TX-1');
  const { version } = ok(await keeper.get(`/vendors/${old.id}`));
  const second = await api.as('vendor_manager', 'approves changes');
  const moved = async (id: string, tax_id: string | null, seen: number): Promise<void> => {
    const waiting = ok(await keeper.patch(`/vendors/${id}`, { tax_id }, { version: seen }));
    ok(await second.post(`/vendors/${id}/approve`, {}, { version: waiting.version }));
  };
  await moved(old.id, null, version);
  const taken = ok(await keeper.get(`/vendors/${young.id}`));
  await moved(young.id, 'nl 001234567 b01', taken.version);
  t.match((await entered(young.id, 'TX-1')).holds, [{ kind: 'similar_number' }], 'the tax id moved');

  const [early, late] = [await activeVendor(api), await activeVendor(api)];
  const iban = 'DE89370400440532013000';
  await proposeAccount(early, iban);
  await entered(early.id, 'LT-1');
  const before = await entered(late.id, 'LT-1');
  t.same(before.holds, []);
  await proposeAccount(late, iban);
  t.match((await matched(before)).holds, [{ kind: 'similar_number' }], 'asked again by the match');
  t.equal((await matched(before)).holds.length, 1);
});

t.test('no key holds a bank account or tax id that can be read', async (t) => {
  const { Items = [] } = await api.client.send(new ScanCommand({ TableName: api.dynamo.names.keys }));
  const text = JSON.stringify(Items);
  t.match(text, /vendor_identity#/);
  for (const secret of [IBAN, IBAN.slice(4), 'DE89370400440532013000']) t.notMatch(text, secret);
});

t.test('the same number of the same year stays refused when a vendor begins or stops to restart yearly', async (t) => {
  const changing = await activeVendor(api);
  const first = await entered(changing.id, '7', { invoice_date: '2026-03-01' });
  await switchYearly(changing, true);
  const refused = await bill(changing.id, '0007', { invoice_date: '2026-09-01' });
  t.match(refused.body, { status: 409, code: 'invoice.duplicate-number' });
  const next = await entered(changing.id, '7', { invoice_date: '2025-03-01' });
  t.equal((await bill(changing.id, '7', { invoice_date: '2025-09-01' })).status, 409);
  const moved = await clerk.patch(`/invoices/${next.id}`, { invoice_date: '2026-02-01' }, { version: next.version });
  t.equal(moved.body.code, 'invoice.duplicate-number', 'a changed date is another door');
  ok(await clerk.patch(`/invoices/${first.id}`, { notes: 'seen' }, { version: first.version }));
  t.equal((await bill(changing.id, '7', { invoice_date: '2026-09-01' })).status, 409, 'a change keeps the claim');

  await switchYearly(changing, false);
  for (const invoice_date of ['2024-01-01', '2025-01-01', '2026-01-01'])
    t.equal((await bill(changing.id, '7', { invoice_date })).status, 409, invoice_date);
  ok(await clerk.patch(`/invoices/${next.id}`, { notes: 'seen' }, { version: next.version }));
  await entered(changing.id, '8');

  const yearly = await activeVendor(api, { invoice_numbers_restart_yearly: true });
  const claimed = await entered(yearly.id, '9', { invoice_date: '2025-03-01' });
  await switchYearly(yearly, false);
  t.equal((await bill(yearly.id, '9')).status, 409, 'claims with a year are asked where they stand');
  const another = await activeVendor(api);
  const gone = await clerk.patch(`/invoices/${claimed.id}`, { vendor_id: another.id }, { version: 1 });
  ok(gone);
  await entered(yearly.id, '9');
});
