import t from 'tap';
import {
  type CreateVendor,
  VENDOR_STATUSES,
  type Vendor,
  type VendorStatus,
} from '../../../src/modules/vendors/vendor.schema.ts';
import {
  changedVendor,
  decideVendor,
  mayApproveVendor,
  newVendor,
  requireVendorFor,
  type VendorAction,
} from '../../../src/modules/vendors/vendor.ts';
import { refusalOf } from '../../../src/shared/errors.ts';

const BODY: CreateVendor = {
  name: 'Northwind Paper BV',
  email: 'billing@northwind.example',
  payment_terms: 'net 30',
  currency: 'EUR',
};
const stamp = {
  version: 1,
  created_at: '2026-03-15T10:00:00.000Z',
  updated_at: '2026-03-15T10:00:00.000Z',
  audit: { seq: 1, hash: '' },
};
const vendor = (over: Partial<Vendor> = {}): Vendor => ({ ...newVendor('ven_1', BODY, 'maker'), ...stamp, ...over });
const codeOf = (run: () => void): string => refusalOf(run)?.code ?? 'none';

const hand = (actorId: string) => ({ actorId, now: new Date('2026-03-15T10:00:00Z') });

t.test('a new vendor waits for approval, its terms in one form and what was left out as shipped', async (t) => {
  t.match(vendor(), {
    status: 'pending',
    phone: null,
    address: null,
    tax_id: null,
    payment_terms: 'NET 30',
    discount_base: 'total',
    invoice_numbers_restart_yearly: false,
    bank_accounts: [],
    approved_by: null,
    created_by: 'maker',
  });
  const told = {
    phone: '1',
    address: { line1: 'Quay 1', city: 'Amsterdam', country: 'NL' },
    tax_id: 'NL001234567B01',
    discount_base: 'net',
    invoice_numbers_restart_yearly: true,
  } as const;
  t.match(newVendor('ven_1', { ...BODY, ...told }, 'maker'), told);
});

t.test('all that is wrong with a vendor is told at once', async (t) => {
  const CASES: readonly (readonly [Partial<CreateVendor>, string[]])[] = [
    [{}, []],
    [{ currency: 'ZZZ' }, ['/currency']],
    [{ payment_terms: 'soon' }, ['/payment_terms']],
    [{ currency: 'ZZZ', payment_terms: 'soon' }, ['/currency', '/payment_terms']],
  ];
  for (const [body, pointers] of CASES)
    for (const run of [
      () => newVendor('ven_1', { ...BODY, ...body }, 'maker'),
      () => changedVendor(vendor(), body, hand('maker')),
    ]) {
      const found = refusalOf(() => void run());
      t.equal(found?.code, pointers.length === 0 ? undefined : 'vendor.invalid');
      t.same(
        (found?.errors ?? []).map(({ pointer }) => pointer),
        pointers,
        JSON.stringify(body),
      );
    }
});

t.test('a change remembers who made it, once, and leaves the rest', async (t) => {
  const once = changedVendor(vendor(), { payment_terms: 'eom' }, hand('changer'));
  t.match(once, { payment_terms: 'EOM', currency: 'EUR', name: BODY.name, changed_by: ['changer'] });
  const twice = changedVendor(vendor({ changed_by: once.changed_by }), { name: 'Northwind' }, hand('changer'));
  t.match(twice, { name: 'Northwind', payment_terms: 'NET 30', changed_by: ['changer'] });
  t.same(twice.changed_by, ['changer']);
  t.equal(
    codeOf(() => void changedVendor(vendor({ status: 'archived' }), { name: 'X' }, hand('changer'))),
    'vendor.archived',
  );
});

t.test('an action leaves the states of the contract alone, and only those', async (t) => {
  const CONTRACT: Readonly<Record<Exclude<VendorAction, 'reject'>, Partial<Record<VendorStatus, VendorStatus>>>> = {
    approve: { pending: 'active' },
    hold: { active: 'payment_hold' },
    release: { payment_hold: 'active' },
    block: { active: 'blocked', payment_hold: 'blocked' },
    unblock: { blocked: 'active' },
    archive: { pending: 'archived', active: 'archived', payment_hold: 'archived', blocked: 'archived' },
    unarchive: { archived: 'blocked' },
  };
  const ACTIONS = ['approve', 'hold', 'release', 'block', 'unblock', 'archive', 'unarchive'] as const;
  for (const action of ACTIONS)
    for (const status of VENDOR_STATUSES) {
      const before = vendor({ status, archived_from: status === 'archived' ? 'blocked' : null });
      const to = CONTRACT[action][status];
      if (to === undefined)
        t.equal(
          codeOf(() => void decideVendor(before, action, 'boss')),
          'vendor.wrong-status',
          `${action} from ${status}`,
        );
      else t.equal(decideVendor(before, action, 'boss').status, to, `${action} from ${status}`);
    }
});

t.test('an archived vendor returns to what it was, so that unarchiving never approves', async (t) => {
  const archived = decideVendor(vendor({ status: 'payment_hold', approved_by: 'boss' }), 'archive', 'x');
  t.match(archived, { archived_from: 'payment_hold', approved_by: 'boss' });
  const back = decideVendor(vendor(archived), 'unarchive', 'x');
  t.match(back, { status: 'payment_hold', archived_from: null, approved_by: 'boss' });
  t.equal(decideVendor(vendor({ status: 'archived', archived_from: null }), 'unarchive', 'x').status, 'pending');
});

t.test('a payment hold outlives every block and archiving, and ends by release alone', async (t) => {
  const histories: [readonly VendorAction[], VendorStatus][] = [
    [['hold', 'block', 'unblock'], 'payment_hold'],
    [['hold', 'block', 'unblock', 'archive', 'unarchive'], 'payment_hold'],
    [['hold', 'block', 'archive', 'unarchive', 'unblock'], 'payment_hold'],
    [['hold', 'archive', 'unarchive', 'block', 'unblock'], 'payment_hold'],
    [['hold', 'block', 'unblock', 'release'], 'active'],
    [['hold', 'block', 'unblock', 'release', 'block', 'unblock'], 'active'],
    [['hold', 'release', 'block', 'unblock'], 'active'],
    [['block', 'unblock', 'hold', 'block', 'unblock'], 'payment_hold'],
  ];
  for (const [actions, status] of histories) {
    let current = vendor({ status: 'active' });
    for (const action of actions) current = { ...current, ...decideVendor(current, action, 'x') };
    t.equal(current.status, status, actions.join(', '));
  }
  const { blocked_from, ...older } = vendor({ status: 'blocked' });
  t.equal(decideVendor(older, 'unblock', 'x').status, 'active', 'blocked before it was kept');
});

t.test('nobody who proposed or changed a vendor approves it', async (t) => {
  const changed = vendor({ changed_by: ['changer'] });
  for (const person of ['maker', 'changer']) {
    t.notOk(mayApproveVendor(changed, person));
    const refused = refusalOf(() => void decideVendor(changed, 'approve', person));
    t.match(refused, { kind: 'forbidden', code: 'vendor.segregation-of-duties' }, person);
  }
  t.match(decideVendor(changed, 'approve', 'boss'), { status: 'active', approved_by: 'boss' });
});

t.test('what a vendor may be used for depends on its state, and a refusal names both', async (t) => {
  const PURPOSES = [
    ['draft', 'a draft', ['pending', 'active', 'payment_hold']],
    ['order', 'an order', ['active', 'payment_hold']],
    ['invoice', 'an invoice', ['active', 'payment_hold', 'blocked']],
    ['payment', 'a payment', ['active']],
  ] as const;
  for (const [purpose, words, allowed] of PURPOSES)
    for (const status of VENDOR_STATUSES) {
      const refused = refusalOf(() => requireVendorFor(vendor({ status }), purpose));
      if (allowed.some((other) => other === status)) t.equal(refused, undefined, `${status} for ${purpose}`);
      else
        t.match(refused, {
          code: 'vendor.not-active',
          message: `The vendor is ${status}; for ${words} it must be ${allowed.join(' or ')}.`,
          errors: [{ pointer: '/vendor_id', detail: `is ${status}` }],
        });
    }
});
