import fc from 'fast-check';
import t from 'tap';
import { releasePayment, reopenPayment, reservePayment, settlePayment } from '../../../src/modules/invoices/index.ts';
import { paymentFor } from '../../../src/modules/payments/discount.ts';
import { nettedCredits } from '../../../src/modules/payments/netted-credits.ts';
import { refusalOf } from '../../../src/shared/errors.ts';
import { add, amount, compare } from '../../../src/shared/money.ts';
import { type Loose, testApi } from '../../support/api.ts';
import { payables } from '../../support/payables.ts';

const api = await testApi(t);
const store = payables(api);
const treasurer = await api.as('treasurer');
const clerk = await api.as('ap_clerk');
const manager = await api.as('ap_manager');
const LATER = '2999-01-01';

const pay = async (invoice_id: string, body: object = {}): Promise<Loose> => {
  const made = await treasurer.post('/payments', { invoice_id, ...body });
  t.equal(made.status, 201, JSON.stringify(made.body));
  return made.body;
};

t.test('parts that are cancelled and paid again take together the discount that was granted', async (t) => {
  const vendor = await store.vendor();
  const terms = { amount_due: '1.00', discount_amount: '0.05', discount_date: LATER };
  const invoice = await store.invoice(vendor.id, terms);
  const first = await pay(invoice.id, { payment_amount: '0.90' });
  t.equal((await pay(invoice.id)).discount_taken, '0.01', 'half a cent, rounded');
  await treasurer.post(`/payments/${first.id}/cancel`, { reason: 'too much' });
  const second = await pay(invoice.id, { payment_amount: '0.80' });
  t.equal((await pay(invoice.id)).discount_taken, '0.01');
  await treasurer.post(`/payments/${second.id}/cancel`, { reason: 'too much' });
  t.match(await pay(invoice.id), { payment_amount: '0.77', discount_taken: '0.03' });
  t.match(await store.stored(invoice.id), { payable_amount: '0.00', discount_taken: '0.05' });
});

t.test('the discounts of all parts never exceed the one granted, over any history of them', (t) => {
  const step = fc.record({
    action: fc.constantFrom('part', 'rest', 'rest', 'release', 'release', 'settle', 'reopen', 'lapse'),
    which: fc.nat(20),
    cents: fc.integer({ min: 1, max: 40 }),
  });
  const facts = fc.record({ due: fc.integer({ min: 1, max: 100 }), granted: fc.integer({ min: 0, max: 20 }) });
  fc.assert(
    fc.property(facts, fc.array(step, { maxLength: 60 }), ({ due, granted }, steps) => {
      const cents = (value: number): string => (value / 100).toFixed(2);
      let invoice: Loose = {
        type: 'invoice',
        status: 'approved',
        holds: [],
        credits: [],
        currency: 'EUR',
        amount_due: cents(due),
        open_amount: cents(due),
        payable_amount: cents(due),
        discount_amount: cents(granted),
        discount_date: LATER,
      };
      const parts: Loose[] = [];
      const live = () => parts.filter(({ state }) => state !== 'gone');
      for (const { action, which, cents: some } of steps) {
        const part = parts[which % Math.max(parts.length, 1)];
        const effect = { release: releasePayment, settle: settlePayment, reopen: reopenPayment };
        if (action === 'part' || action === 'rest') {
          const made = paymentFor(invoice, '2026-01-01', action === 'part' ? cents(some) : undefined);
          const refused = refusalOf(() => {
            invoice = { ...invoice, ...reservePayment(invoice, made) };
          });
          if (refused === undefined) parts.push({ ...made, state: 'live' });
          else if (action === 'rest' && compare(invoice.payable_amount, '0') > 0) return false;
        } else if (action === 'lapse' && part?.state === 'live') {
          const given = { payment_amount: '0', discount_taken: part.discount_taken };
          invoice = { ...invoice, ...releasePayment(invoice, given) };
          part.discount_taken = '0.00';
        } else if (action === 'reopen' ? part?.state === 'settled' : part?.state === 'live') {
          if (action === 'lapse') continue;
          invoice = { ...invoice, ...effect[action](invoice, part) };
          part.state = action === 'settle' ? 'settled' : 'gone';
        }
        const taken = add(...live().map((each) => each.discount_taken));
        if (compare(taken, invoice.discount_amount) > 0) return false;
        if (amount(taken, 'EUR') !== amount(invoice.discount_taken ?? '0', 'EUR')) return false;
      }
      return true;
    }),
    { numRuns: 500 },
  );
  t.end();
});

t.test('an invoice nearly paid in advance is paid what is due, since its discount would leave nothing', async (t) => {
  const vendor = await store.vendor();
  const terms = { discount_amount: '2.00', discount_date: LATER };
  for (const due of ['1.00', '2.00']) {
    const invoice = await store.invoice(vendor.id, { ...terms, amount_due: due });
    t.match(await pay(invoice.id), { payment_amount: due, discount_taken: '0.00' });
  }
  const more = await store.invoice(vendor.id, { ...terms, amount_due: '2.01' });
  t.match(await pay(more.id), { payment_amount: '0.01', discount_taken: '2.00' });
});

t.test('an invoice that was paid in advance and approved in error is taken back as an approved one', async (t) => {
  const vendor = await store.vendor();
  const prepaid = { status: 'paid' as const, prepaid_amount: '100.00', amount_due: '0.00', total_amount: '100.00' };
  for (const [action, status] of [
    ['void', 'voided'],
    ['dispute', 'disputed'],
  ] as const) {
    const invoice = await store.invoice(vendor.id, prepaid);
    const held = await clerk.post(`/invoices/${invoice.id}/hold`, { reason: 'ask' });
    t.equal(held.status, 200, JSON.stringify(held.body));
    const taken = await manager.post(`/invoices/${invoice.id}/${action}`, { reason: 'in error' });
    t.match(taken.body, { status }, action);
    if (action !== 'dispute') continue;
    const rejected = await manager.post(`/invoices/${invoice.id}/reject`, { reason: 'not ours' });
    t.match(rejected.body, { status: 'rejected' });
  }
  const invoice = await store.invoice(vendor.id, prepaid);
  const refused = await treasurer.post('/payments', { invoice_id: invoice.id });
  t.match(refused.body, {
    status: 422,
    errors: [{ detail: 'Nothing is due on the invoice: it was paid in advance.' }],
  });
  const paid = await store.invoice(vendor.id, { status: 'paid', open_amount: '0.00', payable_amount: '0.00' });
  const late = await manager.post(`/invoices/${paid.id}/void`, { reason: 'in error' });
  t.match(late.body, { status: 409, code: 'invoice.wrong-status' }, 'one that was paid later stays');
});

t.test('a payment that clears its invoice is frozen with the credits it is less by, a part with none', (t) => {
  const credits = [
    { invoice_id: 'inv_1', invoice_number: 'CN-1', amount: '10.00' },
    { invoice_id: 'inv_2', amount: '5.00' },
    { invoice_id: 'inv_1', invoice_number: 'CN-1', amount: '2.50' },
  ];
  const invoice = { currency: 'EUR', payable_amount: '82.50', credits };
  t.same(nettedCredits(invoice, { payment_amount: '80.85', discount_taken: '1.65' }), [
    { invoice_number: 'CN-1', amount: '12.50' },
    { amount: '5.00' },
  ]);
  t.same(nettedCredits(invoice, { payment_amount: '80.00', discount_taken: '0.00' }), []);
  const many = Array.from({ length: 30 }, (_, index) => ({ invoice_id: `inv_${index}`, amount: '1.00' }));
  const frozen = nettedCredits({ ...invoice, credits: many }, { payment_amount: '82.50', discount_taken: '0' });
  t.equal(frozen.length, 20);
  t.same(frozen.at(-1), { amount: '11.00' });
  t.end();
});

t.test('of an invoice that does not know what its payments took, a share of the discount is rounded down', (t) => {
  const older = { currency: 'EUR', amount_due: '1.00', discount_date: LATER, discount_amount: '0.05' };
  t.match(paymentFor({ ...older, payable_amount: '0.30' }, '2026-06-01'), { discount_taken: '0.01' }, '0.015');
  t.match(paymentFor({ ...older, payable_amount: '0.30', discount_taken: '0.00' }, '2026-06-01'), {
    discount_taken: '0.02',
  });
  t.end();
});
