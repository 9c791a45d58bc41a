import t from 'tap';
import type { BankAccount, ProposeBankAccount } from '../../../src/modules/vendors/bank-account.schema.ts';
import {
  approvedAccount,
  maskedAccount,
  mayApproveAccount,
  proposedAccount,
  rejectedAccount,
  revokedAccount,
  supersededAccount,
  withAccount,
} from '../../../src/modules/vendors/bank-account.ts';
import type { Vendor } from '../../../src/modules/vendors/vendor.schema.ts';
import { newVendor } from '../../../src/modules/vendors/vendor.ts';
import { refusalOf } from '../../../src/shared/errors.ts';

const NOW = new Date('2026-03-15T10:00:00Z');
const stamp = {
  version: 1,
  created_at: NOW.toISOString(),
  updated_at: NOW.toISOString(),
  audit: { seq: 1, hash: '' },
};
const vendor: Vendor = {
  ...newVendor(
    'ven_1',
    { name: 'Northwind', email: 'billing@northwind.example', payment_terms: 'NET 30', currency: 'EUR' },
    'm',
  ),
  ...stamp,
};
const IBAN = 'NL91ABNA0417164300';
const ENTERED = {
  iban: 'nl91 abna 0417 1643 00',
  verification_method: 'letter',
  verification_reference: 'Letter of 3 March',
} as const;
const holder = { holder_name: 'Northwind' };
const US = { ...holder, country: 'US', routing_number: '021000021', account_number: '12345678' };
const proposed = (body: ProposeBankAccount, over: Partial<BankAccount> = {}): BankAccount => ({
  ...proposedAccount('acc_1', vendor, body, 'maker'),
  ...stamp,
  ...over,
});
const account = (over: Partial<BankAccount> = {}): BankAccount => proposed({ ...holder, iban: IBAN }, over);

t.test('an account is given by its IBAN, or by routing and account number in the US', async (t) => {
  const none = { iban: null, bic: null, routing_number: null, account_number: null };
  const CASES: readonly (readonly [ProposeBankAccount, object])[] = [
    [
      { ...holder, iban: 'nl91 abna 0417 1643 00' },
      { ...none, country: 'NL', iban: IBAN },
    ],
    [
      { ...holder, iban: IBAN, bic: 'abna nl2a', country: 'NL' },
      { ...none, country: 'NL', iban: IBAN, bic: 'ABNANL2A' },
    ],
    [US, { ...none, country: 'US', routing_number: '021000021', account_number: '12345678' }],
  ];
  for (const [body, details] of CASES)
    t.match(proposed(body), {
      status: 'proposed',
      vendor_id: 'ven_1',
      holder_name: 'Northwind',
      approved_by: null,
      payable_from: null,
      created_by: 'maker',
      ...details,
    });
});

t.test('all that is wrong with an account is told at once', async (t) => {
  const CASES: readonly (readonly [string, ProposeBankAccount, string[]])[] = [
    ['a mistyped IBAN', { ...holder, iban: 'NL92ABNA0417164300' }, ['/iban']],
    ['a BIC that is none', { ...holder, iban: IBAN, bic: 'X' }, ['/bic']],
    [
      'numbers of the US beside an IBAN',
      { ...holder, iban: IBAN, routing_number: '021000021', account_number: '1' },
      ['/routing_number', '/account_number'],
    ],
    ['another country than the IBAN has', { ...holder, iban: IBAN, country: 'DE' }, ['/country']],
    ['nothing', holder, ['/country', '/routing_number', '/account_number']],
    ['a BIC without an IBAN', { ...US, bic: 'ABNANL2A' }, ['/bic']],
    ['no IBAN outside the US', { ...US, country: 'DE' }, ['/country']],
    [
      'numbers that are none',
      { ...US, routing_number: '1', account_number: '#' },
      ['/routing_number', '/account_number'],
    ],
  ];
  for (const [title, body, pointers] of CASES) {
    const refused = refusalOf(() => void proposed(body));
    t.equal(refused?.code, 'bank_account.invalid', title);
    t.same(
      refused?.errors.map(({ pointer }) => pointer),
      pointers,
      title,
    );
  }
  const archived = { ...vendor, status: 'archived' } as const;
  t.match(
    refusalOf(() => void proposedAccount('acc_1', archived, US, 'maker')),
    { code: 'vendor.archived' },
  );
});

t.test('an account is approved by neither its proposer nor the maker of an open payment, and cools', async (t) => {
  const by = (actorId: string) => ({
    actorId,
    now: NOW,
    coolingHours: 48,
    openPaymentMakers: new Set(['payer']),
  });
  for (const [actorId, message] of [
    ['maker', /You proposed this account/],
    ['payer', /You made a payment/],
  ] as const) {
    t.notOk(mayApproveAccount(account(), by(actorId)), actorId);
    t.match(
      refusalOf(() => void approvedAccount(account(), ENTERED, by(actorId))),
      { kind: 'forbidden', code: 'bank_account.segregation-of-duties', message },
    );
  }
  t.match(approvedAccount(account(), ENTERED, by('boss')).account, {
    status: 'active',
    approved_by: 'boss',
    payable_from: '2026-03-17T10:00:00.000Z',
    verification_method: 'letter',
    verification_reference: 'Letter of 3 March',
  });
});

t.test('an account leaves the states of the contract alone, and only those', async (t) => {
  const approve = (given: BankAccount) =>
    approvedAccount(given, ENTERED, { actorId: 'boss', now: NOW, coolingHours: 0, openPaymentMakers: new Set() })
      .account;
  const STATUSES = ['proposed', 'active', 'rejected', 'revoked', 'superseded'] as const;
  const ACTIONS = [
    [approve, 'active', ['proposed']],
    [rejectedAccount, 'rejected', ['proposed']],
    [revokedAccount, 'revoked', ['proposed', 'active']],
    [supersededAccount, 'superseded', STATUSES],
  ] as const;
  for (const [decide, to, from] of ACTIONS)
    for (const status of STATUSES) {
      const given = account({ status });
      if (from.some((other) => other === status)) t.equal(decide(given).status, to, `${status} to ${to}`);
      else
        t.match(
          refusalOf(() => void decide(given)),
          { kind: 'conflict', code: 'bank_account.wrong-status' },
          `${status} to ${to}`,
        );
    }
});

t.test('what a vendor shows of an account moves no money', async (t) => {
  t.match(maskedAccount(account()), { iban: 'NL** **** 4300', account_number: null });
  t.match(maskedAccount(proposed(US)), { iban: null, account_number: '**** **** 5678', routing_number: '021000021' });
  const first = withAccount(vendor, account());
  t.match(first, [{ id: 'acc_1', status: 'proposed', iban: 'NL** **** 4300' }]);
  const two = withAccount({ ...vendor, bank_accounts: [...first] }, proposed(US, { id: 'acc_2' }));
  t.match(
    two.map(({ id }) => id),
    ['acc_1', 'acc_2'],
  );
  const changed = withAccount({ ...vendor, bank_accounts: [...two] }, account({ status: 'active' }));
  t.match(changed, [
    { id: 'acc_1', status: 'active' },
    { id: 'acc_2', status: 'proposed' },
  ]);
  t.equal(changed.length, 2);
});
