/** Vendors and bank accounts in DynamoDB: keys, indexes, claims and lists. Gives pending writes, never commits. */

import { claimText, releaseClaim, takeClaim, taken } from '../../shared/dynamo/claims.ts';
import { compileCodec, type Item } from '../../shared/dynamo/codec.ts';
import { type EntityStore, type EntityStoreDeps, entityStore } from '../../shared/dynamo/entity-store.ts';
import { fromSummary, type Listing, planList } from '../../shared/dynamo/filters.ts';
import { getTogether } from '../../shared/dynamo/get-together.ts';
import { type Page, type PageRequest, queryPage } from '../../shared/dynamo/query.ts';
import type { PendingWrite } from '../../shared/dynamo/unit-of-work.ts';
import { type BankAccount, type BankAccountQuery, BankAccountRecord } from './bank-account.schema.ts';
import { maskedAccount } from './bank-account.ts';
import { type Vendor, type VendorQuery, VendorRecord, type VendorSummary } from './vendor.schema.ts';

export interface VendorRepository {
  readonly vendors: EntityStore<Vendor>;
  readonly accounts: EntityStore<BankAccount>;
  list(query: VendorQuery, page: PageRequest): Promise<Page<VendorSummary>>;
  /** Masked. */
  listAccounts(vendorId: string, query: BankAccountQuery, page: PageRequest): Promise<Page<BankAccount>>;
  /** Moves the claim on the tax id with the change. */
  taxIdWrites(before: Vendor | undefined, after: Pick<Vendor, 'id' | 'tax_id'>): readonly PendingWrite[];
  /** A mark beside the vendor while a change of it waits, by which `GET /approvals` finds it. */
  waitingWrites(before: Vendor, after: Vendor | undefined): readonly PendingWrite[];
  /** What it shares with another vendor only if both are one party: keyed hashes of its tax id and its live bank accounts. */
  identities(vendor: Vendor): Promise<readonly string[]>;
  /** A mark that something refers to this vendor: it can no longer be deleted. */
  reference(vendorId: string): PendingWrite;
  unreferenced(vendorId: string, refuse: NonNullable<PendingWrite['refuse']>): PendingWrite;
}

export function createVendorRepository(deps: EntityStoreDeps): VendorRepository {
  return {
    vendors: entityStore<Vendor>(deps, {
      table: 'vendors',
      entity: 'vendor',
      codec: compileCodec<Vendor>(VendorRecord),
      indexed: (vendor) => ({ name_key: claimText(vendor.name), summary: summaryOf(vendor) }),
    }),
    accounts: entityStore<BankAccount>(deps, {
      table: 'bank_accounts',
      entity: 'bank_account',
      codec: compileCodec<BankAccount>(BankAccountRecord),
      sealed: ['iban', 'account_number', 'routing_number', 'bic'],
      indexed: (account) => ({ summary: maskedAccount(account) }),
    }),
    list: (query, page) => queryPage(deps, planList(LISTING, query), page, fromSummary<VendorSummary>),
    listAccounts: (vendorId, query, page) =>
      queryPage(deps, planList(ACCOUNTS, { ...query, vendor_id: vendorId }), page, toAccount),
    taxIdWrites(before, after) {
      const [old, current] = [claimOf(before), claimOf(after)];
      if (old?.key === current?.key) return [];
      return [
        ...(old === undefined ? [] : [releaseClaim(old)]),
        ...(current === undefined ? [] : [takeClaim(current, taken('vendor.tax-id-taken', 'This tax id', '/tax_id'))]),
      ];
    },
    waitingWrites(before, after) {
      const [was, is] = [before.proposed ?? null, after?.proposed ?? null];
      const id = `${VENDOR_CHANGE}#${before.id}`;
      if (is === null) return was === null ? [] : [{ action: 'delete', table: 'settings', key: { id } }];
      if (is.proposed_at === was?.proposed_at) return [];
      const item = { id, kind: VENDOR_CHANGE, created_at: is.proposed_at, summary: { vendor_id: before.id } };
      return [{ action: 'put', table: 'settings', key: { id }, item }];
    },
    async identities(vendor) {
      const live = vendor.bank_accounts.filter(({ status }) => status === 'active' || status === 'proposed');
      const ids = live.slice(-MOST_IDENTITIES).map(({ id }) => id);
      const items = ids.length === 0 ? [] : [...(await getTogether(deps, 'bank_accounts', ids)).values()];
      const accounts = items.map((item) => accountIdentity(accountCodec.decode(item)));
      const taxId = claimOf(vendor);
      return [...(taxId === undefined ? [] : [taxId.key]), ...accounts].flatMap((identity) =>
        deps.vault.signatures('vendor identity', identity),
      );
    },
    reference: (vendorId) => ({
      action: 'put',
      table: 'keys',
      key: referenceKey(vendorId),
      item: { ...referenceKey(vendorId), owner: vendorId },
    }),
    unreferenced: (vendorId, refuse) => ({
      action: 'check',
      table: 'keys',
      key: referenceKey(vendorId),
      condition: { kind: 'absent' },
      refuse,
    }),
  };
}

/** Kind of such a mark in the table whose index knows its items by kind: the vendors' own indexes would list every vendor. */
export const VENDOR_CHANGE = 'vendor_change';

/** The accounts approved or proposed last; a vendor with more of them alive is a mistake. */
const MOST_IDENTITIES = 10;

const accountIdentity = ({ iban, routing_number, account_number }: BankAccount): string =>
  `bank_account#${iban ?? `${routing_number}#${account_number}`}`;

const referenceKey = (vendorId: string) => ({ id: `vendor_reference#${vendorId}` });

const claimOf = (vendor: Pick<Vendor, 'id' | 'tax_id'> | undefined) =>
  vendor === undefined || vendor.tax_id === null
    ? undefined
    : { key: `vendor_tax_id#${claimText(vendor.tax_id).replaceAll(/[^\p{L}\p{N}]/gu, '')}`, owner: vendor.id };

const summaryOf = (vendor: Vendor): VendorSummary => ({
  id: vendor.id,
  version: vendor.version,
  created_at: vendor.created_at,
  updated_at: vendor.updated_at,
  created_by: vendor.created_by,
  status: vendor.status,
  name: vendor.name,
  email: vendor.email,
  tax_id: vendor.tax_id,
  currency: vendor.currency,
  payment_terms: vendor.payment_terms,
});

const accountCodec = compileCodec<BankAccount>(BankAccountRecord);
const toAccount = (item: Item): BankAccount => accountCodec.decode(item['summary'] as Item);

const LISTING: Listing = {
  table: 'vendors',
  equals: [['status', 'by_status']],
  text: { index: 'by_name', key: 'name_key' },
};

const ACCOUNTS: Listing = {
  table: 'bank_accounts',
  equals: [
    ['vendor_id', 'by_vendor'],
    ['status', 'by_status'],
  ],
};
