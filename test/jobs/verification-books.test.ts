/** What no journey leaves behind: books torn apart in ways that only a restore to a moment can. */
import t from 'tap';
import { createBatchBook } from '../../src/jobs/verification/batch-book.ts';
import { createFileBook } from '../../src/jobs/verification/file-book.ts';
import { createMoneyBook } from '../../src/jobs/verification/money-book.ts';
import { createQuantityBook } from '../../src/jobs/verification/quantity-book.ts';
import type { OrderCounters } from '../../src/modules/purchase-orders/index.ts';
import type { Loose } from '../support/api.ts';

const payment = (id: string, changes: object): Loose => ({
  id,
  version: 3,
  status: 'batched',
  invoice_id: 'inv_1',
  batch_id: 'bat_1',
  made_by_batch: null,
  integration_status: 'not_exported',
  payment_amount: '10.00',
  discount_taken: '0.00',
  ...changes,
});
const batch = (changes: object): Loose => ({
  id: 'bat_1',
  version: 7,
  status: 'draft',
  currency: 'EUR',
  count: 1,
  control_sum: '10.00',
  files: [],
  answers: { accepted: 0, settled: 0, failed: 0, returned: 0 },
  ...changes,
});
const invoice = (id: string, changes: object): Loose => ({
  id,
  version: 2,
  type: 'invoice',
  status: 'approved',
  currency: 'EUR',
  amount_due: '30.00',
  open_amount: '30.00',
  payable_amount: '30.00',
  credits: [],
  ...changes,
});

t.test(
  'a payment still in a batch that is over leaves it, and one that the batch made gives back what it reserved',
  (t) => {
    const [batches, money] = [createBatchBook(), createMoneyBook()];
    for (const each of [payment('pay_joined', {}), payment('pay_made', { made_by_batch: 'bat_1' })]) {
      batches.payment(each);
      money.payment(each);
    }
    batches.batch(batch({ status: 'cancelled' }));
    money.invoice(invoice('inv_1', { payable_amount: '10.00' }));
    const change = { batch_id: null, integration_status: 'not_exported' };
    t.match(batches.findings(), [
      { kind: 'batch', id: 'pay_joined', mend: { owner: { version: 3 }, change: { ...change, status: 'approved' } } },
      { kind: 'batch', id: 'pay_made', mend: { owner: { version: 3 }, change: { ...change, status: 'cancelled' } } },
    ]);
    t.match(money.findings(batches.gone()), [{ id: 'inv_1', mend: { change: { payable_amount: '20.00' } } }]);
    batches.running('bat_1');
    t.strictSame(batches.findings(), [], 'while it is letting them go nothing is wrong');
    t.strictSame(money.findings(batches.gone()), []);
    t.end();
  },
);

t.test('sums are mended where nobody decided on them, or less goes out than was decided on', (t) => {
  const cases: readonly (readonly [string, object, boolean | undefined])[] = [
    ['it agrees', {}, undefined],
    ['a draft that counts too few', { count: 0, control_sum: '0.00' }, true],
    ['an approved one that counts too many', { status: 'approved', count: 2, control_sum: '25.00' }, true],
    ['an approved one that counts too few', { status: 'approved', count: 0, control_sum: '0.00' }, false],
    ['an approved one of a smaller sum', { status: 'approved', control_sum: '9.00' }, false],
    ['one with a file', { status: 'generated', control_sum: '11.00', files: [{}] }, false],
    [
      'answers of one with a file',
      { status: 'sent', files: [{}], answers: { accepted: 1, settled: 0, failed: 0, returned: 0 } },
      true,
    ],
    ['one that is being built', { status: 'building', count: 0 }, undefined],
  ];
  for (const [title, changes, mendable] of cases) {
    const book = createBatchBook();
    book.payment(payment('pay_1', {}));
    book.payment(payment('pay_2', { batch_id: null, status: 'approved' }));
    book.batch(batch(changes));
    const [found, ...others] = book.findings();
    t.strictSame([found && found.mend !== undefined, others.length], [mendable, 0], title);
  }
  t.end();
});

t.test('what names a batch, an invoice or a credit that is not there is for people', (t) => {
  const [batches, money] = [createBatchBook(), createMoneyBook()];
  batches.payment(payment('pay_1', {}));
  money.payment(payment('pay_1', {}));
  money.invoice(
    invoice('inv_2', {
      status: 'partially_paid',
      open_amount: '25.00',
      payable_amount: '25.00',
      credits: [{ invoice_id: 'inv_3', amount: '5.00' }],
    }),
  );
  const note = { type: 'credit_note', status: 'partially_applied', open_amount: '26.00', payable_amount: '26.00' };
  money.invoice(invoice('inv_3', { ...note, credits: [{ invoice_id: 'inv_2', amount: '4.00' }] }));
  const said = [...batches.findings(), ...money.findings(batches.gone())].map(({ id, message, mend }) => [
    id,
    message,
    mend,
  ]);
  t.strictSame(said, [
    ['pay_1', 'Its batch bat_1 is not there.', undefined],
    ['pay_1', 'Its invoice inv_1 is not there.', undefined],
    ['inv_2', 'Of the credit with inv_3 it has 5, that one 4.', undefined],
    ['inv_3', 'Of the credit with inv_2 it has 4, that one 5.', undefined],
  ]);
  t.end();
});

t.test('more paid than is owed is for people', (t) => {
  const money = createMoneyBook();
  money.invoice(invoice('inv_1', {}));
  money.payment(payment('pay_1', { payment_amount: '31.00' }));
  const [found] = money.findings(new Set());
  t.match(found, { id: 'inv_1', message: /More was paid or reserved than is owed\.$/ });
  t.equal(found?.mend, undefined);
  t.end();
});

t.test('the discounts and the credit notes that an invoice keeps are those of its payments and notes', (t) => {
  const covered = { payment_amount: '9.00', discount_taken: '1.00' };
  const note = {
    type: 'credit_note',
    status: 'matched',
    credited_invoice_id: 'inv_1',
    invoice_number: 'CN-1',
    total_amount: '5.00',
    rounding_amount: '0.00',
    amount_due: '5.00',
    open_amount: '5.00',
    payable_amount: '5.00',
  };
  const entry = { id: 'inv_2', invoice_number: 'CN-1', amount: '5.00' };
  const cases: readonly (readonly [string, object, object, object | undefined])[] = [
    ['they agree', { discount_taken: '1.00', credit_notes: [entry] }, {}, undefined],
    ['older invoices keep neither', {}, {}, undefined],
    ['a discount is not kept', { discount_taken: '0.00' }, {}, { discount_taken: '1.00' }],
    ['a credit note is not kept', { credit_notes: [] }, {}, { credit_notes: [entry] }],
    ['of another amount', { credit_notes: [{ ...entry, amount: '4.00' }] }, {}, { credit_notes: [entry] }],
    ['one that is live no more', { credit_notes: [entry] }, { status: 'voided' }, { credit_notes: [] }],
    ['another one', { credit_notes: [{ ...entry, id: 'inv_9' }] }, {}, { credit_notes: [entry] }],
  ];
  for (const [title, kept, changes, change] of cases) {
    const money = createMoneyBook();
    money.payment(payment('pay_1', { ...covered, batch_id: null, status: 'approved' }));
    money.payment(payment('pay_2', { ...covered, batch_id: null, status: 'cancelled' }));
    money.invoice(invoice('inv_1', { payable_amount: '20.00', ...kept }));
    const gone = { open_amount: '0.00', payable_amount: '0.00' };
    money.invoice(invoice('inv_2', { ...note, ...changes, ...('status' in changes ? gone : {}) }));
    const found = money.findings(new Set());
    t.match(found, change === undefined ? [] : [{ id: 'inv_1', mend: { owner: { version: 2 }, change } }], title);
    t.equal(found.length, change === undefined ? 0 : 1, `${title}: ${found.map(({ message }) => message).join()}`);
  }
  t.end();
});

t.test('a payment file is held against its batch both ways', (t) => {
  const book = createFileBook();
  const file = (format: string, sha256: string): Loose => ({ format, sha256, key: `bat_1/BAT1.${format}` });
  book.batch({ id: 'bat_1', status: 'generated', files: [file('xml', 'aa'), file('json', 'bb')] });
  book.batch({ id: 'bat_2', status: 'approved', files: [] });
  book.found({ key: 'bat_1/BAT1.xml', sha256: 'cc' });
  book.found({ key: 'bat_2/BAT2.xml', sha256: 'cc' });
  book.found({ key: 'bat_3/BAT3.xml', sha256: 'cc' });
  const ask = 'The bank may have it: ask before payments are released.';
  t.strictSame(
    book.findings().map(({ id, message, mend }) => [id, message, mend]),
    [
      ['bat_2/BAT2.xml', `No batch names this payment file; its batch is approved here. ${ask}`, undefined],
      ['bat_3/BAT3.xml', `No batch names this payment file, and its batch is not there. ${ask}`, undefined],
      ['bat_1/BAT1.xml', 'Batch bat_1 names this payment file, and it has other bytes than it had.', undefined],
      ['bat_1/BAT1.json', 'Batch bat_1 names this payment file, and it is not there.', undefined],
    ],
  );
  book.found({ key: 'bat_1/BAT1.xml', sha256: 'aa' });
  book.found({ key: 'bat_1/BAT1.json', sha256: 'bb' });
  t.equal(book.findings().length, 2);
  t.end();
});

t.test('prices that an order counts as billed are held against its documents, and mended', (t) => {
  const line = { line_number: 1, quantity: '10', unit: 'EA' };
  const price = (unit_price: string, billed_quantity: string, credited_quantity = '0') => ({
    unit_price,
    billed_quantity,
    credited_quantity,
  });
  const take = (quantity: string, unit_price?: string) => ({
    po_line_number: 1,
    quantity,
    override_quantity: '0',
    ...(unit_price === undefined ? {} : { prices: [{ unit_price, quantity }] }),
  });
  for (const [title, takes, counted, mended] of [
    ['they agree', [take('10', '2'), take('-4', '2')], [price('2', '10', '4')], undefined],
    ['in any order', [take('3', '2'), take('3', '3')], [price('3', '3'), price('2', '3')], undefined],
    ['older documents kept none', [take('6')], undefined, undefined],
    ['one is not counted', [take('6', '2')], undefined, [price('2', '6')]],
    ['one is nobody’s', [take('6')], [price('2', '6')], []],
    ['a credit is not counted', [take('10', '2'), take('-4', '2')], [price('2', '10')], [price('2', '10', '4')]],
  ] as const) {
    const writes: OrderCounters[] = [];
    const book = createQuantityBook((_before, after) => {
      writes.push(after);
      return [];
    });
    book.order({
      id: 'po_1',
      version: 1,
      line_items: [line],
      receipt_status: 'none',
      invoice_status: 'partial',
    } as Loose);
    for (const each of takes) book.invoice({ id: 'inv_1', po_id: 'po_1', takes: [each] } as Loose);
    const billed_prices = counted === undefined ? {} : { billed_prices: [...counted] };
    book.counters({ id: 'po_1#counters', version: 1, lines: { 1: { invoiced_quantity: '6', ...billed_prices } } });
    const findings = book.findings();
    t.equal(findings.length, mended === undefined ? 0 : 1, `${title}: ${findings[0]?.message}`);
    t.strictSame(writes[0]?.lines['1']?.billed_prices ?? [], mended ?? [], title);
  }
  t.end();
});

t.test('what a credit note gave back of another’s override is no disagreement', (t) => {
  const book = createQuantityBook(() => []);
  const line = { line_number: 1, quantity: '10', unit: 'EA' };
  book.order({ id: 'po_1', version: 1, line_items: [line], receipt_status: 'none', invoice_status: 'none' } as Loose);
  const take = { po_line_number: 1, quantity: '0', override_quantity: '-5' };
  book.invoice({ id: 'inv_1', po_id: 'po_1', takes: [take] } as Loose);
  book.counters({ id: 'po_1#counters', version: 1, lines: {} });
  t.strictSame(book.findings(), []);
  book.receipt({ id: 'rcv_1', po_id: 'po_2', status: 'posted', line_items: [] } as Loose);
  t.match(book.findings(), [{ kind: 'counter', id: 'rcv_1', message: 'Its order po_2 is not there.' }]);
  t.end();
});
