import t from 'tap';
import { billedPrices } from '../../../src/modules/invoices/domain/match-takes.ts';
import { INVOICE_STATUSES, type Invoice, type InvoiceStatus } from '../../../src/modules/invoices/invoice.schema.ts';
import {
  decideInvoice,
  type InvoiceAction,
  releasedInvoice,
  requireStatus,
} from '../../../src/modules/invoices/invoice.ts';
import {
  approvedInvoice,
  nextStep,
  requireApprover,
  requirePermission,
  requireReason,
} from '../../../src/modules/invoices/invoice-approval.ts';
import {
  balanceStatus,
  creditApplied,
  creditUnapplied,
  discountTaken,
  notPayable,
  reinstatePayment,
  releasePayment,
  reopenPayment,
  requirePayable,
  reservePayment,
  settlePayment,
} from '../../../src/modules/invoices/invoice-balance.ts';
import { withCreditable } from '../../../src/modules/invoices/invoice-billed-prices.ts';
import {
  creditLimitFindings,
  requireCreditStands,
  withCreditNote,
} from '../../../src/modules/invoices/invoice-credits.ts';
import { mergedBody, newInvoice } from '../../../src/modules/invoices/invoice-draft.ts';
import { movementsOf, requireRebillable } from '../../../src/modules/invoices/invoice-match.ts';
import { type LineCounters, type LoadedOrder, noCounters } from '../../../src/modules/purchase-orders/index.ts';
import type { Vendor } from '../../../src/modules/vendors/index.ts';
import type { Actor } from '../../../src/shared/command.ts';
import { refusalOf } from '../../../src/shared/errors.ts';
import { big } from '../../../src/shared/money.ts';
import { permissionsOf, type Role } from '../../../src/shared/permissions.ts';
import { invoiceBody } from '../../support/invoices.ts';

const now = new Date('2026-07-02T10:00:00Z');
const code = (run: () => void): string => refusalOf(run)?.code ?? 'allowed';

// biome-ignore lint/suspicious/noExplicitAny: only what the domain reads of a vendor and an order
const partly = (facts: object): any => facts;
const vendor: Vendor = partly({
  id: 'ven_1',
  status: 'active',
  payment_terms: 'NET 30',
  discount_base: 'total',
  invoice_numbers_restart_yearly: false,
});
const named = { vendor, order: undefined, credited: undefined, creditNotes: [] };

/** 100.00 in all. */
const body = invoiceBody('ven_1', undefined, [{ quantity: '1', unit_price: '100', more: { tax_rate: '0' } }], {
  tax_amount: '0.00',
  total_amount: '100.00',
});
const stamped = { version: 1, created_at: '', updated_at: '', audit: { seq: 1, hash: '' } };
const made = (changes: Partial<Invoice> = {}): Invoice => ({
  ...newInvoice('inv_1', body, named, 'clerk'),
  ...stamped,
  ...changes,
});
const orderOf = (counted: LineCounters, changes: object = {}): LoadedOrder => ({
  order: partly({
    id: 'po_1',
    match_type: 'three_way',
    line_items: [{ line_number: 1, quantity: '100', unit: 'EA', unit_price: '2.5', tax_rate: '21' }],
    ...changes,
  }),
  counters: { ...noCounters('po_1'), lines: { 1: counted } },
});

t.test('each action leaves the states that the contract names, and no other', async (t) => {
  const from: Readonly<Record<InvoiceAction, readonly InvoiceStatus[]>> = {
    update: ['received', 'matched', 'exception', 'disputed'],
    match: ['received', 'matched', 'exception'],
    approve: ['matched', 'exception', 'pending_approval'],
    reject: ['received', 'matched', 'exception', 'pending_approval', 'disputed'],
    dispute: ['received', 'matched', 'exception', 'pending_approval', 'approved'],
    resolve: ['disputed'],
    void: ['received', 'matched', 'exception', 'pending_approval', 'disputed', 'approved'],
    hold: [
      'received',
      'matched',
      'exception',
      'pending_approval',
      'approved',
      'partially_paid',
      'partially_applied',
      'disputed',
    ],
    release: [
      'received',
      'matched',
      'exception',
      'pending_approval',
      'approved',
      'partially_paid',
      'partially_applied',
      'disputed',
    ],
    'free-number': ['rejected', 'voided'],
  };
  for (const [action, statuses] of Object.entries(from) as [InvoiceAction, readonly InvoiceStatus[]][]) {
    const allowed = INVOICE_STATUSES.filter(
      (status) => refusalOf(() => requireStatus({ status }, action)) === undefined,
    );
    t.same(
      allowed,
      INVOICE_STATUSES.filter((status) => statuses.includes(status)),
      action,
    );
  }
});

t.test('what is taken back holds nothing, and owes nothing once it is out of the books', async (t) => {
  const taken = { takes: [{ po_line_number: 1, quantity: '1', override_quantity: '0' }], approved_by: 'manager' };
  for (const [action, status, open] of [
    ['reject', 'rejected', '0.00'],
    ['dispute', 'disputed', '100.00'],
    ['void', 'voided', '0.00'],
  ] as const) {
    const after = decideInvoice(made({ status: 'matched', ...taken }), action);
    t.match(after, { status, open_amount: open, payable_amount: open, takes: [], approved_by: null }, action);
  }
  t.match(decideInvoice(made({ status: 'disputed' }), 'resolve'), { status: 'received', match: null });
  t.match(decideInvoice(made({ status: 'voided' }), 'free-number'), { number_claim: null });
  const credits = [{ invoice_id: 'inv_2', amount: '1.00', applied_by: 'manager', applied_at: '' }];
  for (const changes of [{ open_amount: '99.00' }, { payable_amount: '99.00' }, { credits }])
    t.equal(
      code(() => decideInvoice(made({ status: 'approved', ...changes }), 'void')),
      'invoice.in-use',
    );
  const creditNote = made({ status: 'approved', type: 'credit_note' });
  t.equal(
    code(() => decideInvoice(creditNote, 'dispute')),
    'invoice.wrong-status',
  );
});

t.test('a hold that is not there is answered with those that are', async (t) => {
  t.match(refusalOf(() => releasedInvoice(made(), 'hld_1'))?.message, /its holds are: none/);
});

const actor = (id: string, roles: readonly Role[], limit?: Actor['approval_limit']): Actor => ({
  id,
  roles,
  permissions: permissionsOf(roles),
  approval_limit: limit,
});
const approval = (step: 'override' | 'approver' | 'ap_manager', approved_by: string) => ({
  step,
  approved_by,
  approved_at: '',
  reason: null,
});

t.test('the steps are those of the shipped policy, after an override where the match is an exception', async (t) => {
  for (const [po_id, isException, approvals, step] of [
    ['po_1', false, [], 'ap_manager'],
    ['po_1', true, [], 'override'],
    ['po_1', true, [approval('override', 'a')], 'ap_manager'],
    [null, false, [], 'approver'],
    [null, false, [approval('approver', 'a')], 'ap_manager'],
    [null, false, [approval('approver', 'a'), approval('ap_manager', 'b')], 'ap_manager'],
  ] as const)
    t.equal(nextStep({ po_id, approvals: [...approvals] }, isException), step);
});

t.test('each step has its permission, its person and its limit', async (t) => {
  const eur = (amount: string) => ({ amount, currency: 'EUR' });
  for (const [step, who, expected] of [
    ['ap_manager', actor('m', ['ap_manager']), 'allowed'],
    ['approver', actor('m', ['ap_manager']), 'auth.permission-missing'],
    ['approver', actor('a', ['approver']), 'allowed'],
    ['override', actor('a', ['approver']), 'auth.permission-missing'],
    ['ap_manager', actor('clerk', ['ap_manager']), 'invoice.segregation-of-duties'],
    ['ap_manager', actor('changer', ['ap_manager']), 'invoice.segregation-of-duties'],
    ['ap_manager', actor('overrider', ['ap_manager']), 'invoice.segregation-of-duties'],
    ['ap_manager', actor('m', ['ap_manager'], eur('100')), 'allowed'],
    ['ap_manager', actor('m', ['ap_manager'], eur('99.99')), 'invoice.beyond-approval-limit'],
    ['ap_manager', actor('m', ['ap_manager'], { amount: '999', currency: 'USD' }), 'invoice.beyond-approval-limit'],
  ] as const) {
    const invoice = made({ changed_by: ['changer'], approvals: [approval('override', 'overrider')] });
    t.equal(
      code(() => requireApprover(invoice, step, who)),
      expected,
      `${step} ${who.id}`,
    );
  }
  t.match(refusalOf(() => requirePermission(actor('x', []), 'invoice:override'))?.message, /roles are none/);
  t.equal(
    code(() => requireReason('override', undefined)),
    'invoice.reason-required',
  );
  t.equal(
    code(() => requireReason('override', 'agreed')),
    'allowed',
  );
  t.equal(
    code(() => requireReason('ap_manager', undefined)),
    'allowed',
  );
});

t.test('approval makes of an invoice what its open amount says', async (t) => {
  const takes = [{ po_line_number: 1, quantity: '-1', override_quantity: '0' }];
  const facts = { actorId: 'm', now, reason: undefined, takes };
  const status = (changes: Partial<Invoice>, step: 'approver' | 'ap_manager' | 'override') =>
    approvedInvoice(made(changes), step, facts);
  t.match(status({}, 'approver'), { status: 'pending_approval', approved_by: null, takes });
  t.match(status({}, 'ap_manager'), { status: 'approved', approved_by: 'm', takes });
  t.match(status({ open_amount: '0.00' }, 'ap_manager'), { status: 'paid' }, 'it was paid in advance');
  t.match(status({ type: 'credit_note' }, 'ap_manager'), { status: 'approved', takes });
  const overridden = status({ type: 'credit_note', po_id: 'po_1' }, 'override');
  t.match(overridden, { status: 'pending_approval', takes: [], approvals: [{ step: 'override' }] });
});

t.test('what is open decides the status of what was approved, and of nothing else', async (t) => {
  const cases = [
    ['invoice', 'approved', '0.00', 'paid'],
    ['invoice', 'paid', '40.00', 'partially_paid'],
    ['invoice', 'partially_paid', '100.00', 'approved'],
    ['invoice', 'disputed', '0.00', 'disputed'],
    ['invoice', 'partially_applied', '0.00', 'partially_applied'],
    ['credit_note', 'approved', '0.00', 'applied'],
    ['credit_note', 'applied', '40.00', 'partially_applied'],
    ['credit_note', 'received', '0.00', 'received'],
  ] as const;
  for (const [type, status, open_amount, expected] of cases)
    t.equal(balanceStatus(made({ type, status, open_amount })), expected, `${type} ${status} ${open_amount}`);
});

t.test('a payment reserves, releases, settles and reopens what it covers', async (t) => {
  const cover = { payment_amount: '58.00', discount_taken: '2.00' };
  const approved = made({ status: 'approved', discount_amount: '2.00' });
  const next = (draft: object): Invoice => ({ ...approved, ...draft });
  const reserved = next(reservePayment(approved, cover));
  t.match(reserved, { status: 'approved', open_amount: '100.00', payable_amount: '40.00' });
  t.match(releasePayment(reserved, cover), { open_amount: '100.00', payable_amount: '100.00' });
  const settled = next(settlePayment(reserved, cover));
  t.match(settled, { status: 'partially_paid', open_amount: '40.00', payable_amount: '40.00' });
  t.match(reopenPayment(settled, cover), { status: 'approved', open_amount: '100.00', payable_amount: '100.00' });
  t.equal(
    code(() => reservePayment(settled, { payment_amount: '40.01' })),
    'invoice.not-payable',
  );
});

t.test('what cannot be paid says why', async (t) => {
  const hold = { id: 'hld_1', kind: 'manual', reason: 'odd', placed_by: 'clerk', placed_at: '' } as const;
  for (const [changes, reason] of [
    [{ status: 'approved' }, undefined],
    [{ status: 'partially_paid' }, undefined],
    [{ status: 'matched' }, 'not_approved'],
    [{ status: 'disputed' }, 'disputed'],
    [{ status: 'approved', holds: [hold] }, 'held'],
    [{ status: 'approved', type: 'credit_note' }, 'credit_note'],
  ] as const) {
    const invoice = { type: 'invoice', holds: [], ...changes } as Parameters<typeof notPayable>[0];
    t.equal(notPayable(invoice)?.code, reason);
    t.equal(
      code(() => requirePayable(invoice)),
      reason === undefined ? 'allowed' : 'invoice.not-payable',
    );
  }
});

t.test('a credit stands on both documents until it is taken back', async (t) => {
  const creditNote = made({ id: 'inv_2', type: 'credit_note', status: 'approved' });
  const invoice = made({ status: 'approved' });
  const applied = creditApplied(creditNote, invoice, '30', { actorId: 'm', now });
  t.match(applied, {
    amount: '30.00',
    credit_note: { status: 'partially_applied', open_amount: '70.00', credits: [{ invoice_id: 'inv_1' }] },
    invoice: { status: 'partially_paid', open_amount: '70.00', credits: [{ invoice_id: 'inv_2', amount: '30.00' }] },
  });
  const back = creditUnapplied({ ...creditNote, ...applied.credit_note }, { ...invoice, ...applied.invoice });
  t.match(back, { amount: '30.00', credit_note: { status: 'approved' }, invoice: { status: 'approved' } });
  t.same(back.invoice.credits, []);
  t.equal(
    code(() => creditUnapplied(creditNote, invoice)),
    'invoice.credit-not-applied',
  );
  const hold = { id: 'hld_1', kind: 'manual', reason: 'odd', placed_by: 'clerk', placed_at: '' } as const;
  const held = { ...creditNote, holds: [hold] };
  t.equal(
    code(() => creditApplied(held, invoice, '30', { actorId: 'm', now })),
    'invoice.credit-not-applicable',
  );
});

t.test("the order's counters follow what an invoice holds, and keep the prices that were billed", async (t) => {
  const take = (quantity: string, override_quantity = '0', unit_price?: string): Invoice['takes'] => [
    {
      po_line_number: 1,
      quantity,
      override_quantity,
      ...(unit_price === undefined ? {} : { prices: [{ unit_price, quantity }] }),
    },
  ];
  const movements = (counted: LineCounters, before: Invoice['takes'], after: Invoice['takes']) =>
    movementsOf(orderOf(counted), before, after);
  const moved = { line_number: 1, invoiced_quantity: '10' };
  const billed = (unit_price: string, billed_quantity: string, credited_quantity = '0') => ({
    unit_price,
    billed_quantity,
    credited_quantity,
  });
  t.same(movements({}, [], []), []);
  t.same(movements({}, take('10'), take('10')), []);
  t.same(movements({}, [], take('10')), [moved]);
  t.same(movements({}, [], take('10', '0', '3')), [{ ...moved, billed_prices: [billed('3', '10')] }]);
  t.same(movements({ invoiced_quantity: '10' }, take('10'), take('10', '0', '3')), [
    { line_number: 1, invoiced_quantity: '0', billed_prices: [billed('3', '10')] },
  ]);
  t.same(movements({}, [], take('10', '4')), [{ ...moved, override_quantity: '4' }]);
  const back = { line_number: 1, invoiced_quantity: '-10' };
  t.same(movements({ invoiced_quantity: '10' }, take('10'), []), [back]);
  t.same(movements({ invoiced_quantity: '15', override_quantity: '1' }, take('10', '4'), []), [
    { ...back, override_quantity: '-1' },
  ]);
  const taken = (counted: LineCounters) => code(() => movements(counted, take('10', '0', '3'), []));
  t.equal(taken({ invoiced_quantity: '9' }), 'invoice.credited');
  t.equal(taken({}), 'invoice.credited');
  const more = { invoiced_quantity: '30' };
  t.equal(taken({ ...more, billed_prices: [billed('2', '20'), billed('3', '10')] }), 'allowed');
  t.equal(taken({ ...more, billed_prices: [billed('2', '25'), billed('3', '10', '5')] }), 'invoice.credited');
  t.equal(taken({ ...more, billed_prices: [billed('2', '15'), billed('3', '20', '5')] }), 'allowed');
  t.equal(taken(more), 'allowed', 'a price that is not kept');
});

t.test('a credit note may credit what is billed and not credited, of the invoice that it names', async (t) => {
  const creditable = (counted: LineCounters, credited?: Invoice) =>
    withCreditable(orderOf(counted), credited, [])['1']?.creditable?.map(({ unit_price, quantity }) => [
      unit_price,
      quantity,
    ]);
  const price = (unit_price: string, billed_quantity: string, credited_quantity = '0') => ({
    unit_price,
    billed_quantity,
    credited_quantity,
  });
  const ordered = orderOf({}).order.line_items[0]?.unit_price ?? '';
  t.same(creditable({}), []);
  t.same(creditable({ invoiced_quantity: '5' }), [[ordered, '5']], 'older counters: at the order’s price');
  t.same(creditable({ invoiced_quantity: '5', billed_unit_price: '3' }), [['3', '5']], 'or at the price last billed');
  const both = { invoiced_quantity: '20', billed_prices: [price('2', '12', '2'), price('3', '5')] };
  t.same(creditable(both), [
    ['2', '10'],
    ['3', '5'],
    [ordered, '5'],
  ]);
  t.same(creditable({ invoiced_quantity: '10', billed_unit_price: '2', billed_prices: [price('2', '0', '5')] }), [
    ['2', '10'],
  ]);
  t.same(creditable({ invoiced_quantity: '3', billed_prices: [price('2', '0', '2'), price('3', '5')] }), [
    ['2', '0'],
    ['3', '5'],
  ]);
  const takes = [
    { po_line_number: 1, quantity: '8', override_quantity: '0', prices: [{ unit_price: '3', quantity: '8' }] },
  ];
  t.same(creditable(both, made({ takes })), [['3', '5']], 'at most what is left at the price');
  t.same(creditable(both, made({ takes: [] })), [], 'it billed nothing of the order');
  const line_items = invoiceBody('ven_1', 'po_1', [
    { quantity: '4', unit_price: '3' },
    { quantity: '4', unit_price: '7' },
  ]).line_items.map((line, index) => ({ ...line, line_number: index + 1 }));
  const older = [{ po_line_number: 1, quantity: '8', override_quantity: '0' }];
  t.same(creditable(both, made({ line_items, takes: older })), [
    ['3', '4'],
    ['7', '0'],
  ]);
});

t.test('a line that the order has not, or whose unit nobody can convert, has no billed price', async (t) => {
  const { order } = orderOf({});
  const lines = [
    { line: 1, quantity: '1' },
    { line: 1, quantity: '1', more: { unit: 'BOX' } },
    { line: 7, quantity: '1' },
  ];
  const line_items = invoiceBody('ven_1', 'po_1', lines).line_items.map((line, index) => ({
    ...line,
    line_number: index + 1,
  }));
  const invoice = made({ line_items });
  t.same([...billedPrices({ invoice, purchase_order: order })], [[1, [{ unit_price: '2.5', quantity: '1' }]]]);
  t.same([...billedPrices({ invoice })], []);
});

t.test('a credit note is taken back only while what it gave back is still free', async (t) => {
  const takes = [{ po_line_number: 1, quantity: '-5', override_quantity: '0' }];
  for (const [counted, changes, expected] of [
    [{ received_quantity: '10', invoiced_quantity: '5' }, {}, 'allowed'],
    [{ received_quantity: '10', returned_quantity: '5', invoiced_quantity: '5' }, {}, 'allowed'],
    [{ received_quantity: '10', invoiced_quantity: '6' }, {}, 'invoice.credited-billed-again'],
    [{ received_quantity: '10', invoiced_quantity: '6', override_quantity: '1' }, {}, 'allowed'],
    [{ invoiced_quantity: '95' }, { match_type: 'two_way' }, 'allowed'],
    [{ invoiced_quantity: '96' }, { match_type: 'two_way' }, 'invoice.credited-billed-again'],
    [{}, {}, 'invoice.credited-billed-again'],
    [{ received_quantity: '10' }, { line_items: [] }, 'invoice.credited-billed-again'],
  ] as const)
    t.equal(
      code(() => requireRebillable(orderOf(counted, changes), takes)),
      expected,
      JSON.stringify(counted),
    );
});

t.test('a breakdown, charges and allowances are kept in canonical form', async (t) => {
  const [line] = body.line_items;
  const stated = {
    ...body,
    line_items: [
      {
        ...line,
        description: 'Paper',
        quantity: '1.0',
        unit_price: '100.0',
        amount: '100',
        tax_rate: '21.0',
        price_base_quantity: '1.0',
      },
    ],
    charges: [{ description: 'Freight', amount: '10', tax_rate: '21.00' }],
    allowances: [{ description: 'Rebate', amount: '5', tax_rate: '21.00' }],
    tax_breakdown: [{ tax_rate: '21.00', taxable_amount: '105', tax_amount: '22.05' }],
    subtotal: '105',
    tax_amount: '22.05',
    total_amount: '127.05',
    prepaid_amount: '27.05',
  };
  t.match(newInvoice('inv_1', stated, named, 'clerk'), {
    line_items: [{ quantity: '1', unit_price: '100', price_base_quantity: '1', tax_rate: '21', amount: '100.00' }],
    charges: [{ amount: '10.00', tax_rate: '21' }],
    allowances: [{ amount: '5.00', tax_rate: '21' }],
    tax_breakdown: [{ tax_rate: '21', taxable_amount: '105.00', tax_amount: '22.05' }],
    amount_due: '100.00',
  });
});

t.test('terms that cannot be read any more leave the invoice due on its own date', async (t) => {
  const odd = { ...named, vendor: { ...vendor, payment_terms: 'SOON' } };
  t.match(newInvoice('inv_1', body, odd, 'clerk'), { payment_terms: null, due_date: body.invoice_date });
});

t.test('a change leaves what it does not name as it was stated, and clears what it names null', async (t) => {
  const stated = {
    po_id: 'po_1',
    credited_invoice_id: 'inv_2',
    notes: 'by mail',
    given: { due_date: '2026-08-01', accounting_date: '2026-07-02', payment_terms: 'NET 10' },
  };
  const { given, ...rest } = stated;
  t.match(mergedBody(made(stated), { invoice_number: 'B-2' }), { ...rest, ...given, invoice_number: 'B-2' });
  const cleared = mergedBody(made(stated), {
    po_id: null,
    credited_invoice_id: null,
    notes: null,
    due_date: null,
    accounting_date: null,
    payment_terms: null,
  });
  for (const name of [...Object.keys(rest), ...Object.keys(given)]) t.notHas(cleared, name);
});

t.test('of an invoice that older payments do not count the discounts of, none is refused as more than granted', (t) => {
  const open = { status: 'approved', amount_due: '100.00', open_amount: '100.00' } as const;
  // An older version kept no `discount_taken`: what its payments took is unknown while a part is reserved.
  const { discount_taken: _, ...older } = made({ ...open, payable_amount: '60.00' });
  t.equal(discountTaken(older), undefined);
  t.equal(discountTaken({ amount_due: '100.00', payable_amount: '100.00' }), '0', 'nothing was reserved of it');
  t.match(reservePayment(older, { payment_amount: '20.00' }), { payable_amount: '40.00', discount_taken: undefined });
  t.match(releasePayment(older, { payment_amount: '20.00', discount_taken: '1.00' }), { payable_amount: '81.00' });
  t.match(reinstatePayment(older, { payment_amount: '20.00' }), { payable_amount: '40.00' });
  t.end();
});

t.test('payments together take at most the discount that is granted, and none where none is', (t) => {
  const approved = {
    status: 'approved',
    amount_due: '100.00',
    open_amount: '100.00',
    payable_amount: '100.00',
  } as const;
  const refused = (changes: Partial<Invoice>, discount_taken: string) =>
    refusalOf(() => reservePayment(made({ ...approved, ...changes }), { payment_amount: '10.00', discount_taken }));
  t.equal(refused({ discount_amount: '2.00' }, '2.00'), undefined);
  t.match(refused({ discount_amount: '2.00' }, '2.01'), {
    code: 'invoice.not-payable',
    message: /discount of 2\.01 EUR; 2\.00 is granted/,
  });
  t.match(refused({ discount_amount: null }, '0.01'), { message: /discount of 0\.01 EUR; none is granted/ });
  t.end();
});

t.test('a payment wrongly recorded as not made reserves again what the invoice still has, and no more', (t) => {
  const left = {
    status: 'partially_paid',
    payable_amount: '30.00',
    discount_amount: '2.00',
    discount_taken: '0',
  } as const;
  const again = (cover: { payment_amount: string; discount_taken?: string }, changes: Partial<Invoice> = {}) =>
    refusalOf(() => reinstatePayment(made({ ...left, ...changes }), cover));
  t.equal(again({ payment_amount: '30.00' }), undefined);
  t.match(again({ payment_amount: '30.01' }), {
    code: 'invoice.amount-not-available',
    message: /30\.00 EUR of it can be paid; the payment needs 30\.01, of which its discount is 0\./,
  });
  t.match(again({ payment_amount: '10.00', discount_taken: '2.01' }), { message: /its discount is 2\.01/ });
  t.match(again({ payment_amount: '10.00', discount_taken: '1.00' }, { discount_amount: null }), { kind: 'conflict' });
  t.match(again({ payment_amount: '10.00' }, { status: 'disputed' }), { message: /is disputed/ });
  t.end();
});

t.test('the credit notes of an invoice are at most 50 and credit at most what it bills', (t) => {
  const note = (id: string, total: string) => ({ id, invoice_number: id, amount: total });
  t.strictSame(withCreditNote([note('a', '1.00')], made({ id: 'a' }), false), []);
  t.match(withCreditNote([note('a', '1.00')], made({ id: 'b' }), true), [{ id: 'a' }, { id: 'b', amount: '100.00' }]);
  const billed = made();
  t.strictSame(creditLimitFindings(billed, [note('a', '40.00')], big('60')), []);
  t.match(creditLimitFindings(billed, [], big('100.01')), [
    { pointer: '/total_amount', detail: /^credits 100\.01 EUR, but at most 100\.00 of 100\.00 can be credited$/ },
  ]);
  // Two that raced before the limit was kept.
  t.match(creditLimitFindings(billed, [note('a', '70.00'), note('b', '70.00')], big('1')), [
    { detail: /at most 0\.00 of 100\.00 can be credited; credited already by/ },
  ]);
  const fifty = Array.from({ length: 50 }, (_, index) => note(String(index), '0.01'));
  t.match(creditLimitFindings(billed, fifty, big('0.01')), [{ pointer: '/credited_invoice_id', detail: /at most 50/ }]);
  t.end();
});

t.test('a credit note stands on a live invoice of the same vendor, currency and order', (t) => {
  const note = made({ id: 'inv_2', type: 'credit_note', po_id: 'po_1' });
  const stands = (credited: Partial<Invoice>) => refusalOf(() => requireCreditStands(note, made(credited), []));
  t.equal(stands({ po_id: 'po_1' }), undefined);
  t.match(stands({ po_id: null }), { errors: [{ pointer: '/po_id', detail: 'is none on the invoice it credits' }] });
  t.match(stands({ status: 'voided' }), { message: /is voided/ });
  t.match(stands({ type: 'credit_note' }), { message: /is a credit note itself/ });
  t.end();
});
