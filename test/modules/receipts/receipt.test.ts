import fc from 'fast-check';
import t from 'tap';
import {
  type LoadedOrder,
  type Movement,
  moveCounters,
  noCounters,
  type OrderCounters,
  type PurchaseOrder,
} from '../../../src/modules/purchase-orders/index.ts';
import type { CreateReceipt, Receipt } from '../../../src/modules/receipts/receipt.schema.ts';
import {
  postedReceipt,
  refuseApproverAsReceiver,
  returnedGoods,
  reversedReceipt,
} from '../../../src/modules/receipts/receipt.ts';
import { DomainError } from '../../../src/shared/errors.ts';
import { add, compare, plain, subtract } from '../../../src/shared/money.ts';

const NOW = new Date('2026-03-15T10:00:00Z');
const by = { actorId: 'receiver', now: NOW };
const LINE = { description: 'Paper', unit: 'EA', unit_price: '2.5', tax_rate: '21', amount: '25.00' };
const ORDER: PurchaseOrder = {
  id: 'po_1',
  status: 'sent',
  vendor_id: 'ven_1',
  po_number: 'PO-1',
  description: null,
  currency: 'EUR',
  match_type: 'three_way',
  delivery_date: null,
  payment_terms: null,
  requested_by: 'maker',
  line_items: [
    { ...LINE, line_number: 1, quantity: '10' },
    { ...LINE, line_number: 2, quantity: '5' },
  ],
  subtotal: '50.00',
  tax_breakdown: [],
  tax_amount: '10.50',
  total_amount: '60.50',
  approved_by: 'boss',
  approvals: [
    { revision: 1, decision: 'rejected', decided_by: 'chief', decided_at: NOW.toISOString(), reason: 'no' },
    { revision: 1, decision: 'approved', decided_by: 'boss', decided_at: NOW.toISOString(), reason: null },
  ],
  receipt_status: 'none',
  invoice_status: 'none',
  revision: 1,
  approved_revision: 1,
  sent_revision: 1,
  pending_amendment: null,
  changed_by: [],
  version: 4,
  created_at: NOW.toISOString(),
  updated_at: NOW.toISOString(),
  created_by: 'maker',
  audit: { seq: 4, hash: '' },
};
const none = noCounters('po_1');
const counted = (...movements: Movement[]): OrderCounters => moveCounters(none, movements);
const loaded = (counters: OrderCounters = none, order: Partial<PurchaseOrder> = {}): LoadedOrder => ({
  order: { ...ORDER, ...order },
  counters,
});
const stored = (draft: Omit<Receipt, 'version' | 'created_at' | 'updated_at' | 'audit'>): Receipt => ({
  ...draft,
  version: 1,
  created_at: NOW.toISOString(),
  updated_at: NOW.toISOString(),
  audit: { seq: 1, hash: '' },
});
type Lines = CreateReceipt['line_items'];
const post = (line_items: Lines, counters = none) => postedReceipt('rcv_1', loaded(counters), { line_items }, by);

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

t.test('a receipt tells what was delivered and moves what was accepted', async (t) => {
  const { receipt, movements } = post([{ line_number: 1, quantity: '6.50', rejected_quantity: '0.5' }]);
  t.match(receipt, {
    status: 'posted',
    po_id: 'po_1',
    po_number: 'PO-1',
    vendor_id: 'ven_1',
    received_by: 'receiver',
    received_at: NOW.toISOString(),
    notes: null,
    returns: [],
    line_items: [{ quantity: '6.5', rejected_quantity: '0.5', accepted_quantity: '6', returned_quantity: '0' }],
  });
  t.same(movements, [{ line_number: 1, received_quantity: '6' }]);
  const noted = postedReceipt('rcv_1', loaded(), { line_items: [{ line_number: 2, quantity: '1' }], notes: 'wet' }, by);
  t.equal(noted.receipt.notes, 'wet');
});

t.test('what cannot be received is told line by line', async (t) => {
  const eight = counted({ line_number: 1, received_quantity: '8' });
  const swapped = counted({ line_number: 1, received_quantity: '10', returned_quantity: '4' });
  const over = 'receipt.over-receipt';
  const CASES: readonly (readonly [string, OrderCounters, Lines, string, string[]])[] = [
    ['all that was ordered', none, [{ line_number: 1, quantity: '10' }], 'none', []],
    ['a little more', none, [{ line_number: 1, quantity: '10.000001' }], over, ['/line_items/0/quantity']],
    ['more, but not accepted', none, [{ line_number: 1, quantity: '12', rejected_quantity: '2' }], 'none', []],
    ['more than is still open', eight, [{ line_number: 1, quantity: '3' }], over, ['/line_items/0/quantity']],
    ['in place of what went back', swapped, [{ line_number: 1, quantity: '4' }], 'none', []],
    [
      'two lines too much',
      eight,
      [
        { line_number: 1, quantity: '3' },
        { line_number: 2, quantity: '6' },
      ],
      over,
      ['/line_items/0/quantity', '/line_items/1/quantity'],
    ],
    ['no such line', none, [{ line_number: 3, quantity: '1' }], 'receipt.invalid', ['/line_items/0/line_number']],
    ['nothing', none, [{ line_number: 1, quantity: '0' }], 'receipt.invalid', ['/line_items/0/quantity']],
    [
      'more rejected than delivered',
      none,
      [{ line_number: 1, quantity: '1', rejected_quantity: '2' }],
      'receipt.invalid',
      ['/line_items/0/rejected_quantity'],
    ],
    [
      'a line twice, and too much',
      none,
      [
        { line_number: 1, quantity: '1' },
        { line_number: 1, quantity: '11' },
      ],
      'receipt.invalid',
      ['/line_items/1/line_number', '/line_items/1/quantity'],
    ],
  ];
  for (const [title, counters, lines, code, pointers] of CASES) {
    const found = refusal(() => post(lines, counters));
    t.same([found.code, found.pointers], [code, pointers], title);
  }
  const draft = loaded(none, { status: 'approved', sent_revision: null });
  const early = () => postedReceipt('rcv_1', draft, { line_items: [{ line_number: 1, quantity: '1' }] }, by);
  t.equal(refusal(early).code, 'purchase_order.not-sent');
});

const six = stored(
  post([
    { line_number: 1, quantity: '6' },
    { line_number: 2, quantity: '1', rejected_quantity: '1' },
  ]).receipt,
);

t.test('a reversal leaves what is billed covered', async (t) => {
  const CASES: readonly (readonly [string, Movement, string])[] = [
    ['not billed', { line_number: 1, received_quantity: '6' }, 'none'],
    ['billed', { line_number: 1, received_quantity: '6', invoiced_quantity: '1' }, 'receipt.billed'],
    [
      'billed by an override',
      { line_number: 1, received_quantity: '6', invoiced_quantity: '1', override_quantity: '1' },
      'none',
    ],
    ['the rest covers it', { line_number: 1, received_quantity: '9', invoiced_quantity: '3' }, 'none'],
    ['the rest does not', { line_number: 1, received_quantity: '9', invoiced_quantity: '3.1' }, 'receipt.billed'],
    [
      'some of the rest went back',
      { line_number: 1, received_quantity: '9', returned_quantity: '1', invoiced_quantity: '3' },
      'receipt.billed',
    ],
  ];
  for (const [title, movement, code] of CASES) {
    const billedTwo = { line_number: 2, invoiced_quantity: '1' };
    t.equal(refusal(() => reversedReceipt(six, counted(movement, billedTwo), ORDER)).code, code, title);
  }
  const { receipt, movements } = reversedReceipt(six, counted({ line_number: 1, received_quantity: '6' }), ORDER);
  t.equal(receipt.status, 'reversed');
  t.same(movements, [
    { line_number: 1, received_quantity: '-6' },
    { line_number: 2, received_quantity: '0' },
  ]);
  t.equal(refusal(() => reversedReceipt(stored(receipt), none, ORDER)).code, 'receipt.wrong-status');
  const part = stored(
    returnedGoods(six, { line_items: [{ line_number: 1, quantity: '1' }], reason: 'wet' }, by).receipt,
  );
  t.equal(
    refusal(() => reversedReceipt(part, counted({ line_number: 1, received_quantity: '6' }), ORDER)).code,
    'receipt.has-returns',
  );
  const twoWay = { ...ORDER, match_type: 'two_way' } as const;
  const both = counted({ line_number: 1, received_quantity: '6', returned_quantity: '1', invoiced_quantity: '9' });
  t.same(reversedReceipt(part, both, twoWay).movements, [
    { line_number: 1, received_quantity: '-6', returned_quantity: '-1' },
    { line_number: 2, received_quantity: '0' },
  ]);
});

t.test('what goes back was accepted, and goes back once', async (t) => {
  const back = (receipt: Receipt, line_number: number, quantity: string) =>
    returnedGoods(receipt, { line_items: [{ line_number, quantity }], reason: 'wet' }, by);
  const { receipt, movements } = back(six, 1, '4.0');
  t.same(movements, [{ line_number: 1, returned_quantity: '4' }]);
  t.match(receipt, {
    status: 'posted',
    line_items: [{ returned_quantity: '4' }, { returned_quantity: '0' }],
    returns: [{ returned_by: 'receiver', reason: 'wet', line_items: [{ line_number: 1, quantity: '4' }] }],
  });
  const again = stored(receipt);
  const CASES: readonly (readonly [string, Receipt, number, string, string[]])[] = [
    ['the rest', again, 1, '2', []],
    ['more than the rest', again, 1, '2.1', ['/line_items/0/quantity']],
    ['nothing', again, 1, '0', ['/line_items/0/quantity']],
    ['what was never accepted', six, 2, '1', ['/line_items/0/quantity']],
    ['another line', six, 3, '1', ['/line_items/0/line_number']],
  ];
  for (const [title, of, line, quantity, pointers] of CASES)
    t.same(refusal(() => back(of, line, quantity)).pointers, pointers, title);
  const twice = [1, 1].map((line_number) => ({ line_number, quantity: '1' }));
  t.same(refusal(() => returnedGoods(six, { line_items: twice, reason: 'wet' }, by)).pointers, [
    '/line_items/1/line_number',
  ]);
  const reversed = stored(reversedReceipt(six, counted({ line_number: 1, received_quantity: '6' }), ORDER).receipt);
  t.equal(refusal(() => back(reversed, 1, '1')).code, 'receipt.wrong-status');
});

t.test('whoever approved the order is barred, whoever rejected it is not', async (t) => {
  t.equal(refusal(() => refuseApproverAsReceiver(ORDER, 'boss')).code, 'receipt.segregation-of-duties');
  for (const person of ['chief', 'receiver'])
    t.equal(refusal(() => refuseApproverAsReceiver(ORDER, person)).code, 'none');
});

t.test(
  'accepted less returned less reversed is what the order has received, and never more than was ordered',
  async (t) => {
    const tenths = (max: number) => fc.integer({ min: 1, max }).map((n) => plain(subtract(String(n), '0.9')));
    const step = fc.record({
      kind: fc.constantFrom('post', 'reverse', 'return', 'bill'),
      line_number: fc.constantFrom(1, 2),
      quantity: tenths(8),
      rejected: tenths(3),
      pick: fc.nat(),
    } as const);
    t.doesNotThrow(() =>
      fc.assert(
        fc.property(fc.array(step, { maxLength: 50 }), (steps) => {
          const receipts: Receipt[] = [];
          let counters = none;
          for (const { kind, line_number, quantity, rejected, pick } of steps) {
            const index = receipts.length === 0 ? -1 : pick % receipts.length;
            const picked = receipts[index];
            try {
              if (kind === 'post') {
                const decided = post([{ line_number, quantity, rejected_quantity: rejected }], counters);
                counters = moveCounters(counters, decided.movements);
                receipts.push(stored(decided.receipt));
              } else if (kind === 'bill')
                counters = moveCounters(counters, [{ line_number, invoiced_quantity: '0.1' }]);
              else if (picked !== undefined) {
                const decided =
                  kind === 'reverse'
                    ? reversedReceipt(picked, counters, ORDER)
                    : returnedGoods(picked, { line_items: [{ line_number, quantity }], reason: 'wet' }, by);
                counters = moveCounters(counters, decided.movements);
                receipts[index] = stored(decided.receipt);
              }
            } catch (error) {
              if (!(error instanceof DomainError)) throw error;
            }
            for (const line of ORDER.line_items) {
              const { received_quantity = '0', returned_quantity = '0' } = counters.lines[line.line_number] ?? {};
              const kept = subtract(received_quantity, returned_quantity);
              const own = receipts
                .filter(({ status }) => status === 'posted')
                .flatMap(({ line_items }) => line_items.filter((each) => each.line_number === line.line_number))
                .map((each) => subtract(each.accepted_quantity, each.returned_quantity));
              if (!add(...own).eq(kept)) throw new Error(`line ${line.line_number}: ${kept.toFixed()} counted`);
              if (compare(kept, line.quantity) > 0) throw new Error(`line ${line.line_number}: more than ordered`);
            }
          }
        }),
        { numRuns: 300 },
      ),
    );
  },
);
