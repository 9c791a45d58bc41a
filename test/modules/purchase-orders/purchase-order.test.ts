import fc from 'fast-check';
import t from 'tap';
import { amendedOrder } from '../../../src/modules/purchase-orders/amendment.ts';
import { amountAtStake, mayApproveOrder, withPerson } from '../../../src/modules/purchase-orders/approval.ts';
import { mostPrices } from '../../../src/modules/purchase-orders/billed-prices.ts';
import { normalisedTerms, pricedLines } from '../../../src/modules/purchase-orders/order-content.ts';
import {
  creditExpected,
  isUntouched,
  type Movement,
  moveCounters,
  noCounters,
  type OrderCounters,
  orderView,
  progressOf,
} from '../../../src/modules/purchase-orders/order-counters.ts';
import { numberFor } from '../../../src/modules/purchase-orders/po-number.ts';
import type {
  CreatePurchaseOrder,
  PurchaseOrder,
  PurchaseOrderStatus,
} from '../../../src/modules/purchase-orders/purchase-order.schema.ts';
import {
  changedOrder,
  decideOrder,
  isApprovable,
  newOrder,
  type PurchaseOrderAction,
  refuseUnlessOpen,
} from '../../../src/modules/purchase-orders/purchase-order.ts';
import { DomainError } from '../../../src/shared/errors.ts';

const ID = 'po_0196f2b4-6f0a-7d11-9d0a-0c6f5c1b2a3d';
const NOW = new Date('2026-03-15T10:00:00Z');
const LINE = { description: 'Paper', quantity: '10', unit: 'EA', unit_price: '2.50', tax_rate: '21' };
const BODY: CreatePurchaseOrder = { vendor_id: 'ven_1', currency: 'EUR', line_items: [LINE] };
const by = (id: string, limit?: { amount: string; currency: string }) => ({
  actor: { id, approval_limit: limit },
  now: NOW,
  reason: 'because',
});

/** As the store stamps it. */
const stored = (draft: Omit<PurchaseOrder, 'version' | 'created_at' | 'updated_at' | 'audit'>): PurchaseOrder => ({
  ...draft,
  version: 1,
  created_at: NOW.toISOString(),
  updated_at: NOW.toISOString(),
  audit: { seq: 1, hash: '' },
});
const none = noCounters(ID);
const counted = (...movements: Movement[]): OrderCounters => moveCounters(none, movements);
const fresh = (body: Partial<CreatePurchaseOrder> = {}): PurchaseOrder =>
  stored(newOrder(ID, { ...BODY, ...body }, by('maker')));
const act = (
  order: PurchaseOrder,
  action: PurchaseOrderAction,
  who = 'maker',
  counters: OrderCounters = none,
): PurchaseOrder => stored(decideOrder(order, counters, action, by(who)));
const approved = (): PurchaseOrder => act(act(fresh(), 'submit'), 'approve', 'boss');
const sent = (): PurchaseOrder => act(approved(), 'send');
const amend = (order: PurchaseOrder, body: object = {}, counters = none, who = 'amender'): PurchaseOrder =>
  stored(amendedOrder(order, counters, { reason: 'more', ...body }, by(who)));

const refusal = (run: () => unknown): { code: string; kind: string; pointers: string[] } => {
  try {
    run();
  } catch (error) {
    if (error instanceof DomainError)
      return { code: error.code, kind: error.kind, pointers: error.errors.map(({ pointer }) => pointer) };
    throw error;
  }
  return { code: 'none', kind: 'none', pointers: [] };
};

t.test('a new order is a draft with every amount derived and every number canonical', async (t) => {
  const order = fresh({
    line_items: [
      { ...LINE, quantity: '010.50', unit_price: '2.500', price_base_quantity: '1.0', tax_rate: '21.0' },
      { ...LINE, tax_category: 'S' },
    ],
    payment_terms: 'net 30',
  });
  t.match(order, {
    status: 'draft',
    revision: 1,
    approved_revision: null,
    sent_revision: null,
    requested_by: 'maker',
    payment_terms: 'NET 30',
    match_type: 'three_way',
    po_number: 'PO-20260315-DXE1PAHX',
    subtotal: '51.25',
    tax_amount: '10.76',
    total_amount: '62.01',
    line_items: [
      {
        line_number: 1,
        quantity: '10.5',
        unit_price: '2.5',
        price_base_quantity: '1',
        tax_rate: '21',
        amount: '26.25',
      },
      { line_number: 2, amount: '25.00' },
    ],
  });
  t.match(fresh({ po_number: 'A-1', requested_by: 'other', match_type: 'two_way', description: 'x' }), {
    po_number: 'A-1',
    requested_by: 'other',
    match_type: 'two_way',
    description: 'x',
    payment_terms: null,
  });
});

t.test('a number of our own is made of the day and the id alone', async (t) => {
  t.equal(numberFor(ID, NOW), numberFor(ID, new Date('2026-03-15T23:59:59Z')));
  t.equal(numberFor(`${ID.slice(0, -10)}0000000000`, NOW), 'PO-20260315-00000000');
  t.equal(numberFor(`${ID.slice(0, -10)}ffffffffff`, NOW), 'PO-20260315-ZZZZZZZZ');
});

t.test('lines are numbered by position, or keep what they were given', async (t) => {
  const numbers = (given: (number | undefined)[], current?: number[], retired: number[] = []) =>
    pricedLines(
      { currency: 'EUR', line_items: given.map((n) => (n === undefined ? LINE : { ...LINE, line_number: n })) },
      current === undefined ? undefined : { current, retired },
    ).line_items.map(({ line_number }) => line_number);
  t.same(numbers([undefined, undefined, undefined]), [1, 2, 3]);
  t.same(numbers([undefined, undefined], [7]), [8, 9], 'in an amendment a line without a number is a new one');
  t.same(numbers([10, undefined, 20]), [10, 21, 20]);
  t.same(numbers([1, undefined], [1, 2, 3]), [1, 4], 'no number of a line that stood before is given again');
  t.same(numbers([1, undefined], [1], [5]), [1, 6]);
  const pointers = (given: (number | undefined)[], current: number[], retired: number[]) =>
    refusal(() => numbers(given, current, retired)).pointers;
  t.same(pointers([1, 2], [1], [2]), ['/line_items/1/line_number'], 'a line that is gone keeps its number');
  t.same(pointers([10, 15, 20], [10, 20], []), [], 'a number that no line had is free');
  t.same(pointers([9999, undefined], [9999], []), ['/line_items/1/line_number']);
});

t.test('an order of which more was overridden than ordered takes what makes nothing worse', async (t) => {
  const over = counted({ line_number: 1, invoiced_quantity: '15', override_quantity: '5' });
  const line = { ...LINE, line_number: 1 };
  const pending = amend(sent(), { delivery_date: '2026-12-24' }, over);
  t.match(act(pending, 'approve', 'boss', over), { delivery_date: '2026-12-24', status: 'approved' });
  for (const [quantity, code] of [
    ['10', 'none'],
    ['12', 'none'],
    ['20', 'none'],
    ['9', 'purchase_order.below-received'],
  ] as const)
    t.equal(refusal(() => amend(sent(), { line_items: [{ ...line, quantity }] }, over)).code, code, quantity);
});

t.test('a line that an amendment left out gives its number to no other, in any later revision', async (t) => {
  const two = act(act(act(fresh({ line_items: [LINE, LINE] }), 'submit'), 'approve', 'boss'), 'send');
  const line = { ...LINE, line_number: 1 };
  const gone = act(act(amend(two, { line_items: [line] }), 'approve', 'boss'), 'send');
  t.same(gone.retired_line_numbers, [2]);
  const gold = { ...LINE, description: 'Gold pen' };
  t.equal(
    refusal(() => amend(gone, { line_items: [line, { ...gold, line_number: 2 }] })).code,
    'purchase_order.invalid',
  );
  const added = act(act(amend(gone, { line_items: [line, gold] }), 'approve', 'boss'), 'send');
  t.same(
    added.line_items.map(({ line_number }) => line_number),
    [1, 3],
  );
  const again = act(amend(added, { line_items: [line] }), 'approve', 'boss');
  t.same(again.retired_line_numbers, [2, 3]);
  const recalled = act(amend(two, { line_items: [line] }), 'recall');
  t.notOk(recalled.retired_line_numbers?.length, 'what was only proposed retires nothing');
});

t.test('all that is wrong with the content is told at once', async (t) => {
  const base = '999999999999999';
  const CASES: readonly (readonly [string, Partial<CreatePurchaseOrder>, string[]])[] = [
    ['a quantity of 0', { line_items: [{ ...LINE, quantity: '0' }] }, ['/line_items/0/quantity']],
    ['a base of 0', { line_items: [{ ...LINE, price_base_quantity: '0.00' }] }, ['/line_items/0/price_base_quantity']],
    ['tax over 100', { line_items: [LINE, { ...LINE, tax_rate: '100.1' }] }, ['/line_items/1/tax_rate']],
    [
      'a number twice',
      { line_items: [2, 2].map((line_number) => ({ ...LINE, line_number })) },
      ['/line_items/1/line_number'],
    ],
    ['no currency', { currency: 'ZZZ', payment_terms: 'soon' }, ['/payment_terms', '/currency']],
    ['a line too large', { line_items: [LINE, { ...LINE, quantity: base, unit_price: '2' }] }, ['/line_items/1']],
    [
      'a total too large',
      { line_items: [1, 2].map(() => ({ ...LINE, quantity: base, unit_price: '1' })) },
      ['/line_items'],
    ],
    ['nothing', { line_items: [{ ...LINE, unit_price: '0', tax_rate: '100' }], payment_terms: null }, []],
  ];
  for (const [title, body, pointers] of CASES) t.same(refusal(() => fresh(body)).pointers, pointers, title);
  t.equal(normalisedTerms('nonsense'), null);
});

t.test('a change in draft or rejected makes a draft, prices it again and is remembered', async (t) => {
  const changed = stored(changedOrder(fresh(), { currency: 'JPY', payment_terms: 'eom' }, by('second')));
  t.match(changed, { currency: 'JPY', subtotal: '25', payment_terms: 'EOM', changed_by: ['second'], status: 'draft' });
  const rejected = act(act(fresh(), 'submit'), 'reject', 'boss');
  t.match(changedOrder(rejected, { line_items: [{ ...LINE, quantity: '1' }] }, by('maker')), {
    status: 'draft',
    subtotal: '2.50',
    changed_by: ['maker'],
    approvals: [{ decision: 'rejected', decided_by: 'boss', reason: 'because' }],
  });
  t.match(
    refusal(() => changedOrder(approved(), { description: 'x' }, by('maker'))),
    {
      kind: 'conflict',
      code: 'purchase_order.wrong-status',
    },
  );
  t.same(withPerson(['a'], 'a'), ['a']);
});

t.test('nobody who had a hand in an order approves it, and a limit is in its own currency', async (t) => {
  const order = stored({
    ...act(fresh({ requested_by: 'asker' }), 'submit', 'submitter'),
    changed_by: ['changer', 'submitter'],
  });
  for (const person of ['maker', 'asker', 'changer', 'submitter']) {
    t.notOk(mayApproveOrder(order, person), person);
    t.equal(refusal(() => act(order, 'approve', person)).code, 'purchase_order.segregation-of-duties', person);
  }
  t.ok(mayApproveOrder(order, 'boss'));
  const LIMITS: readonly (readonly [string, string, boolean])[] = [
    ['30.25', 'EUR', true],
    ['30.24', 'EUR', false],
    ['1000.00', 'USD', false],
  ];
  for (const [amount, currency, within] of LIMITS) {
    const limit = { amount, currency };
    const code = refusal(() => decideOrder(order, none, 'approve', by('boss', limit))).code;
    t.equal(code, within ? 'none' : 'purchase_order.beyond-approval-limit', `${amount} ${currency}`);
  }
  const amended = amend(sent(), { line_items: [{ ...LINE, quantity: '100' }] });
  t.equal(amountAtStake(amended), '302.50', 'an amendment is approved for what it makes of the order');
  t.notOk(mayApproveOrder(amended, 'amender'));
});

t.test('a decision without a reason says none', async (t) => {
  const order = decideOrder(act(fresh(), 'submit'), none, 'approve', { actor: { id: 'boss' }, now: NOW });
  t.same(order.approvals, [
    { revision: 1, decision: 'approved', decided_by: 'boss', decided_at: NOW.toISOString(), reason: null },
  ]);
});

t.test('an amendment waits beside the revision that rules', async (t) => {
  const amended = amend(sent(), { line_items: [{ ...LINE, quantity: '20' }], delivery_date: '2026-12-24' });
  t.match(amended, {
    status: 'pending_approval',
    revision: 2,
    approved_revision: 1,
    total_amount: '30.25',
    pending_amendment: { revision: 2, total_amount: '60.50', delivery_date: '2026-12-24', amended_from: 'sent' },
  });
  t.match(act(amended, 'recall'), { status: 'sent', revision: 1, pending_amendment: null, total_amount: '30.25' });
  t.match(act(amended, 'reject', 'boss'), {
    status: 'sent',
    revision: 1,
    pending_amendment: null,
    approvals: [{ revision: 1 }, { revision: 2, decision: 'rejected' }],
  });
  t.match(act(amend(approved()), 'recall'), { status: 'approved', revision: 1 });
  t.match(act(amended, 'cancel'), { status: 'cancelled', revision: 1, pending_amendment: null });
  const ruling = act(amended, 'approve', 'boss');
  t.match(ruling, {
    status: 'approved',
    revision: 2,
    approved_revision: 2,
    sent_revision: 1,
    total_amount: '60.50',
    pending_amendment: null,
    delivery_date: '2026-12-24',
  });
  t.equal(act(ruling, 'send').sent_revision, 2);
  t.match(amend(sent(), { payment_terms: 'eom' }).pending_amendment, { payment_terms: 'EOM', delivery_date: null });
  t.equal(refusal(() => amend(fresh())).code, 'purchase_order.wrong-status');
});

t.test('an amendment takes nothing below what is received or invoiced', async (t) => {
  const order = sent();
  const line = { ...LINE, line_number: 1 };
  const six = { line_number: 1, received_quantity: '6' };
  const CASES: readonly (readonly [string, Movement[], object[], string[]])[] = [
    ['untouched lines may go', [], [{ ...LINE, line_number: 2 }], []],
    ['less than received', [six], [{ ...line, quantity: '5.999999' }], ['/line_items/0/quantity']],
    ['exactly what is received', [six], [{ ...line, quantity: '6' }], []],
    [
      'less than invoiced',
      [{ line_number: 1, invoiced_quantity: '7' }],
      [{ ...line, quantity: '6' }],
      ['/line_items/0/quantity'],
    ],
    ['left out', [six], [{ ...LINE, line_number: 2 }], ['/line_items']],
    [
      'another unit',
      [six],
      [
        { ...LINE, line_number: 2 },
        { ...line, unit: 'BOX' },
      ],
      ['/line_items/1/unit'],
    ],
    ['returned, so that less will do', [{ ...six, returned_quantity: '6' }], [{ ...line, quantity: '1' }], []],
    [
      'returned, but a line with a history stays',
      [{ ...six, returned_quantity: '6' }],
      [{ ...LINE, line_number: 2 }],
      ['/line_items'],
    ],
    [
      'and its price is per the same quantity',
      [six],
      [{ ...line, price_base_quantity: '100' }],
      ['/line_items/0/price_base_quantity'],
    ],
  ];
  for (const [title, movements, line_items, pointers] of CASES)
    t.same(refusal(() => amend(order, { line_items }, counted(...movements))).pointers, pointers, title);
  const lower = amend(order, { line_items: [{ ...line, quantity: '5' }] });
  t.equal(
    refusal(() => act(lower, 'approve', 'boss', counted(six))).code,
    'purchase_order.below-received',
    'what arrives while it waits counts too',
  );
  const five = counted({ line_number: 1, received_quantity: '5', invoiced_quantity: '1' });
  t.match(act(lower, 'approve', 'boss', five), { receipt_status: 'complete', invoice_status: 'partial' });
});

t.test('cancel is for what nothing happened to, close for what was sent', async (t) => {
  for (const movement of [
    { received_quantity: '1' },
    { invoiced_quantity: '1' },
    { received_quantity: '1', returned_quantity: '1' },
  ]) {
    const counters = counted({ line_number: 1, ...movement });
    t.equal(refusal(() => act(sent(), 'cancel', 'maker', counters)).code, 'purchase_order.in-use');
  }
  t.equal(act(sent(), 'cancel').status, 'cancelled');
  t.match(act(fresh(), 'cancel'), { status: 'cancelled', revision: 1 });
  t.equal(refusal(() => act(approved(), 'close')).code, 'purchase_order.wrong-status');
  t.equal(act(sent(), 'close').status, 'closed');
});

t.test('goods and invoices need an order that was sent', async (t) => {
  const amended = amend(sent());
  const open = [sent(), amended, act(amended, 'approve', 'boss')];
  for (const order of open) t.equal(refusal(() => refuseUnlessOpen(order)).code, 'none', order.status);
  for (const order of [fresh(), approved(), amend(approved()), act(sent(), 'close'), act(sent(), 'cancel')])
    t.equal(refusal(() => refuseUnlessOpen(order)).code, 'purchase_order.not-sent', order.status);
});

t.test('counters move exactly, forget what is 0 and never fall below it', async (t) => {
  const counters = counted({ line_number: 1, received_quantity: '0.1' }, { line_number: 1, received_quantity: '0.2' });
  t.same(counters.lines, { 1: { received_quantity: '0.3' } });
  t.equal(counters.version, 1);
  const back = moveCounters(counters, [{ line_number: 1, received_quantity: '-0.3' }]);
  t.same(back.lines, { 1: {} });
  t.ok(isUntouched(back));
  t.throws(() => moveCounters(back, [{ line_number: 1, invoiced_quantity: '-1' }]), RangeError);
  t.same(counters.lines[1], { received_quantity: '0.3' }, 'the ones before stand');
});

t.test('counters keep what was billed and credited at each price, and forget what comes to nothing', async (t) => {
  const price = (unit_price: string, billed_quantity: string, credited_quantity = '0') => ({
    unit_price,
    billed_quantity,
    credited_quantity,
  });
  const kept = (...changes: ReturnType<typeof price>[]) =>
    counted(...changes.map((each) => ({ line_number: 1, billed_prices: [each] }))).lines[1]?.billed_prices;
  t.same(kept(price('2.50', '10'), price('3', '5'), price('2.5', '1')), [price('2.5', '11'), price('3', '5')]);
  t.same(kept(price('2', '10'), price('2', '0', '4'), price('2', '0', '-4')), [price('2', '10')]);
  t.same(kept(price('2', '10'), price('2', '-10')), undefined);
  t.same(kept(price('2', '0', '4')), [price('2', '0', '4')], 'billed before prices were kept');
  t.same(kept(price('2', '-4'), price('3', '0', '-4')), undefined, 'of a price that was forgotten nothing is taken');
  const many = Array.from({ length: 100 }, (_, index) => price(`${index + 1}`, '10', index === 7 ? '10' : '0'));
  t.equal(kept(...many)?.length, 100);
  t.same(
    kept(...many, price('101', '1'))
      ?.map(({ unit_price }) => unit_price)
      .slice(6, 8),
    ['7', '9'],
    'one credited in full goes first',
  );
  t.equal(kept(...many, price('101', '1'), price('102', '1'))?.[0]?.unit_price, '2', 'then the oldest');
  t.same([1, 100, 200, 1000, 5000].map(mostPrices), [100, 100, 50, 10, 10]);
});

t.test('a credit is expected for what is billed and went back', async (t) => {
  const CASES: readonly (readonly [string, string, string, string])[] = [
    ['10', '0', '10', '0'],
    ['10', '3', '10', '3'],
    ['10', '3', '8', '1'],
    ['10', '3', '7', '0'],
    ['10', '3', '0', '0'],
    ['13', '3', '10', '0'],
    ['6', '2', '10', '2'],
    ['0', '0', '10', '0'],
  ];
  for (const [received_quantity, returned_quantity, invoiced_quantity, expected] of CASES)
    t.equal(
      creditExpected({ received_quantity, returned_quantity, invoiced_quantity }),
      expected,
      `received ${received_quantity}, returned ${returned_quantity}, invoiced ${invoiced_quantity}`,
    );
  const ahead = { received_quantity: '10', returned_quantity: '10', invoiced_quantity: '90' };
  t.equal(creditExpected(ahead), '10', 'billed ahead of the goods');
  t.equal(creditExpected({ ...ahead, returned_credited_quantity: '4' }), '6', 'less what was credited of it');
  t.equal(creditExpected({ ...ahead, returned_credited_quantity: '11' }), '0', 'a return that was taken back');
  t.equal(creditExpected({}), '0');
  t.equal(creditExpected({ received_quantity: '10', returned_quantity: '4' }), '0', 'nothing of it was billed');
});

t.test('an order tells of each line, and of all, how far it is', async (t) => {
  const order = fresh({ line_items: [LINE, LINE] });
  const full = { received_quantity: '10', invoiced_quantity: '10' };
  t.match(progressOf(order.line_items, none), { receipt_status: 'none', invoice_status: 'none' });
  t.match(progressOf(order.line_items, counted({ line_number: 1, ...full })), { receipt_status: 'partial' });
  const all = counted({ line_number: 1, ...full }, { line_number: 2, ...full });
  t.match(progressOf(order.line_items, all), { receipt_status: 'complete', invoice_status: 'complete' });
  const view = orderView(
    fresh({ line_items: [LINE, LINE, LINE] }),
    counted(
      { line_number: 2, ...full, returned_quantity: '4', override_quantity: '1' },
      { line_number: 3, received_quantity: '2' },
    ),
  );
  const zero = { received_quantity: '0', returned_quantity: '0', invoiced_quantity: '0', override_quantity: '0' };
  t.match(view.line_items, [
    { ...zero, credit_expected: '0' },
    {
      received_quantity: '6',
      returned_quantity: '4',
      invoiced_quantity: '10',
      override_quantity: '1',
      credit_expected: '4',
    },
    { ...zero, received_quantity: '2', credit_expected: '0' },
  ]);
});

/** docs/contract.md#resources: draft -> pending_approval -> approved -> sent -> closed; rejected; cancelled. */
const CONTRACT: Readonly<Record<PurchaseOrderStatus, readonly PurchaseOrderStatus[]>> = {
  draft: ['draft', 'pending_approval', 'cancelled'],
  pending_approval: ['draft', 'approved', 'sent', 'rejected', 'cancelled'],
  approved: ['pending_approval', 'sent', 'closed', 'cancelled'],
  sent: ['pending_approval', 'closed', 'cancelled'],
  rejected: ['draft', 'cancelled'],
  closed: ['approved', 'sent'],
  cancelled: [],
};

t.test('no path leaves the states of the contract, and no approval is of one’s own hand', async (t) => {
  const step = fc.record({
    action: fc.constantFrom(
      'submit',
      'recall',
      'approve',
      'reject',
      'send',
      'cancel',
      'close',
      'reopen',
      'update',
      'amend',
    ),
    who: fc.constantFrom('maker', 'buyer', 'boss', 'chief'),
    quantity: fc.integer({ min: 1, max: 30 }),
    received: fc.integer({ min: 0, max: 5 }),
  } as const);
  const run = (
    order: PurchaseOrder,
    counters: OrderCounters,
    { action, who, quantity }: { action: string; who: string; quantity: number },
  ) => {
    const line_items = [{ ...LINE, line_number: 1, quantity: String(quantity) }];
    switch (action) {
      case 'update':
        return changedOrder(order, { line_items }, by(who));
      case 'amend':
        return amendedOrder(order, counters, { line_items, reason: 'other' }, by(who));
      default:
        return decideOrder(order, counters, action as PurchaseOrderAction, by(who));
    }
  };
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        let order = fresh();
        let counters = none;
        for (const one of steps) {
          const room = Number(order.line_items[0]?.quantity) - Number(counters.lines[1]?.received_quantity ?? '0');
          if (refusal(() => refuseUnlessOpen(order)).code === 'none' && one.received > 0 && one.received <= room)
            counters = moveCounters(counters, [{ line_number: 1, received_quantity: String(one.received) }]);
          let after: PurchaseOrder;
          try {
            after = stored(run(order, counters, one));
          } catch (error) {
            if (error instanceof DomainError) continue;
            throw error;
          }
          if (!CONTRACT[order.status].includes(after.status)) throw new Error(`${order.status} -> ${after.status}`);
          if (one.action === 'approve' && !mayApproveOrder(order, one.who)) throw new Error(`${one.who} approved`);
          if (
            (after.status === 'pending_approval') !== (after.pending_amendment !== null) &&
            after.pending_amendment !== null
          )
            throw new Error('an amendment that waits for nobody');
          if (Number(after.line_items[0]?.quantity) < Number(counters.lines[1]?.received_quantity ?? '0'))
            throw new Error('less is ordered than was received');
          if (after.approved_revision !== null && after.approved_revision > after.revision)
            throw new Error('an approved revision that does not exist yet');
          order = after;
        }
      }),
      { numRuns: 300 },
    ),
  );
});

t.test('who closed an order does not reopen it, and where that was not kept nobody with a hand in it does', (t) => {
  const closed = act(sent(), 'close', 'boss');
  t.match(
    refusal(() => act(closed, 'reopen', 'boss')),
    { code: 'purchase_order.segregation-of-duties' },
  );
  t.equal(act(closed, 'reopen', 'maker').status, 'sent');
  const { closed_by: _, ...older } = closed;
  t.match(
    refusal(() => act(older, 'reopen', 'maker')),
    { code: 'purchase_order.segregation-of-duties' },
  );
  t.equal(act(older, 'reopen', 'chief').status, 'sent');
  t.end();
});

t.test('an order is offered for approval while it is pending and its amendment can take effect', (t) => {
  t.notOk(isApprovable(fresh(), none));
  t.ok(isApprovable(act(fresh(), 'submit'), none));
  t.end();
});
