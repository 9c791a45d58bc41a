/** Changes of a vendor in use take a second person, over HTTP. */
import t from 'tap';
import { type Caller, type Loose, type TestReply, testApi } from '../../support/api.ts';
import { activeVendor } from '../../support/orders.ts';

t.setTimeout(300_000);
const api = await testApi(t);
const [maker, checker, other] = [
  await api.as('vendor_manager', 'maker'),
  await api.as('vendor_manager', 'checker'),
  await api.as('vendor_manager', 'other'),
];
const ok = ({ status, body }: TestReply): Loose => {
  if (status >= 300) throw new Error(JSON.stringify(body));
  return body;
};
let number = 0;
async function vendor(): Promise<Loose> {
  number += 1;
  const made = await activeVendor(api, {
    name: `Changing ${number} BV`,
    email: 'old@vendor.example',
    tax_id: `NL00000${number}B01`,
    payment_terms: 'NET 30',
    currency: 'EUR',
  });
  return ok(await maker.get(`/vendors/${made.id}`));
}
const propose = async (by: Caller, { id, version }: Loose, body: object): Promise<Loose> =>
  ok(await by.patch(`/vendors/${id}`, body, { version }));
const decide = (by: Caller, { id, version }: Loose, action: string) =>
  by.post(`/vendors/${id}/${action}`, { reason: 'as agreed' }, { version });
const listed = async (by: Caller, { id }: Loose): Promise<Loose> =>
  ok(await by.get('/approvals?limit=100')).data.find(({ entity_id }: Loose) => entity_id === id);

t.test('e-mail, phone, address, tax id and terms of a vendor in use wait for a second person', async (t) => {
  const before = await vendor();
  const changes = {
    email: 'attacker@other.example',
    phone: '+31 20 000 00 00',
    address: { line1: 'Elsewhere 1', city: 'Riga', country: 'LV' },
    tax_id: 'LV40003000000',
    payment_terms: 'DUE ON RECEIPT',
    discount_base: 'net',
  };
  const after = await propose(maker, before, { ...changes, name: 'Changing BV' });
  t.match(after, { name: 'Changing BV', email: before.email, payment_terms: 'NET 30', tax_id: before.tax_id });
  t.match(after.proposed, { changes, proposed_by: maker.id });
  t.equal((await decide(maker, after, 'approve')).body.code, 'vendor.segregation-of-duties');
  t.notOk(await listed(maker, after));
  t.match(await listed(checker, after), {
    entity: 'vendor',
    version: after.version,
    path: `/api/v1/vendors/${after.id}`,
    title: 'Change of Changing BV: address, discount_base, email, payment_terms, phone, tax_id',
  });
  const approved = ok(await decide(checker, after, 'approve'));
  t.match(approved, { ...changes, proposed: null, status: 'active' });
  t.notOk(await listed(other, after));
  t.equal((await decide(other, approved, 'approve')).body.code, 'vendor.wrong-status', 'once');
});

t.test('until then the old terms count', async (t) => {
  const before = await vendor();
  const after = await propose(maker, before, { payment_terms: 'DUE ON RECEIPT' });
  const clerk = await api.as('ap_clerk');
  const invoice = ok(
    await clerk.post('/invoices', {
      vendor_id: after.id,
      invoice_number: 'T-1',
      invoice_date: '2026-01-01',
      currency: 'EUR',
      line_items: [{ description: 'Paper', quantity: '1', unit_price: '1.00', tax_rate: '0', amount: '1.00' }],
      subtotal: '1.00',
      tax_amount: '0.00',
      total_amount: '1.00',
    }),
  );
  t.equal(invoice.due_date, '2026-01-31');
});

t.test('who proposed what was replaced does not approve the replacement', async (t) => {
  const first = await propose(maker, await vendor(), { email: 'first@vendor.example' });
  const second = await propose(checker, first, { email: 'second@vendor.example' });
  t.match(second.proposed, { changes: { email: 'second@vendor.example' }, also_proposed_by: [maker.id] });
  for (const person of [maker, checker])
    t.equal((await decide(person, second, 'approve')).body.code, 'vendor.segregation-of-duties');
  t.equal((await decide(other, first, 'approve')).status, 412, 'not what was seen before');
  t.match(ok(await decide(other, second, 'approve')), { email: 'second@vendor.example' });
});

t.test('a change is withdrawn or rejected, and what equals the old value is none', async (t) => {
  const before = await vendor();
  const after = await propose(maker, before, { email: 'x@vendor.example' });
  t.equal((await maker.post(`/vendors/${after.id}/reject`, {})).status, 400);
  const withdrawn = ok(await decide(maker, after, 'reject'));
  t.match(withdrawn, { email: before.email, proposed: null });
  t.equal((await decide(maker, withdrawn, 'reject')).body.code, 'vendor.nothing-proposed');
  const same = await propose(maker, withdrawn, { email: before.email, payment_terms: 'net 30' });
  t.notOk(same.proposed);
  t.notOk(await listed(checker, after));
});

t.test('a vendor that is blocked or held keeps the change waiting, one that is archived does not', async (t) => {
  const waiting = await propose(maker, await vendor(), { email: 'x@vendor.example' });
  ok(await maker.post(`/vendors/${waiting.id}/block`, { reason: 'a question' }));
  const blocked = ok(await maker.get(`/vendors/${waiting.id}`));
  t.match(blocked.proposed, { changes: { email: 'x@vendor.example' } });
  const more = await propose(maker, blocked, { payment_terms: 'EOM' });
  t.same([more.payment_terms, more.status], ['NET 30', 'blocked'], 'a block frees no change');
  const archived = ok(await decide(maker, more, 'archive'));
  t.equal(archived.proposed, null);
  t.equal((await decide(checker, archived, 'approve')).status, 409);
  t.notOk(await listed(checker, archived));
  const back = ok(await decide(maker, archived, 'unarchive'));
  t.match(back, { status: 'blocked', proposed: null, payment_terms: 'NET 30' });
});

t.test('a vendor that nobody approved yet changes at once', async (t) => {
  const body = { name: 'Pending BV', email: 'a@vendor.example', payment_terms: 'NET 30', currency: 'EUR' };
  const pending = ok(await maker.post('/vendors', body));
  const after = await propose(maker, pending, { email: 'b@vendor.example', payment_terms: 'EOM' });
  t.match(after, { email: 'b@vendor.example', payment_terms: 'EOM' });
  t.notOk(after.proposed);
  ok(await maker.delete(`/vendors/${after.id}`, { version: after.version }));
});

t.test('a tax id that another vendor has taken meanwhile is not approved', async (t) => {
  const [one, two] = [await vendor(), await vendor()];
  const waiting = await propose(maker, one, { tax_id: 'NL009999999B01' });
  const taken = await propose(maker, two, { tax_id: 'nl 00999 9999 b01' });
  ok(await decide(checker, taken, 'approve'));
  t.equal((await decide(checker, waiting, 'approve')).body.code, 'vendor.tax-id-taken');
  t.match(ok(await maker.get(`/vendors/${one.id}`)), { tax_id: one.tax_id });
  ok(await maker.delete(`/vendors/${one.id}`, { version: waiting.version }));
  t.notOk(await listed(checker, one), 'a deleted vendor waits for nobody');
});
