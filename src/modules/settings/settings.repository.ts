/** Settings in DynamoDB: the company's item, and the debtor accounts beside it under a kind of their own. */
import { compileCodec } from '../../shared/dynamo/codec.ts';
import { type EntityStore, type EntityStoreDeps, entityStore } from '../../shared/dynamo/entity-store.ts';
import { fromSummary, type Listing, planList } from '../../shared/dynamo/filters.ts';
import { type Page, type PageRequest, queryPage } from '../../shared/dynamo/query.ts';
import { type Company, CompanyRecord } from './company.schema.ts';
import {
  type DebtorAccount,
  type DebtorAccountQuery,
  DebtorAccountRecord,
  type DebtorAccountSummary,
} from './debtor-account.schema.ts';
import { maskedDebtorAccount } from './debtor-account.ts';

export interface SettingsRepository {
  readonly company: EntityStore<Company>;
  readonly debtorAccounts: EntityStore<DebtorAccount>;
  /** Masked. */
  listDebtorAccounts(query: DebtorAccountQuery, page: PageRequest): Promise<Page<DebtorAccountSummary>>;
}

const DEBTOR_ACCOUNT = 'debtor_account';

const LISTING: Listing = {
  table: 'settings',
  equals: [
    ['kind', 'by_kind'],
    ['status', 'by_kind'],
  ],
};

export function createSettingsRepository(deps: EntityStoreDeps): SettingsRepository {
  return {
    company: entityStore<Company>(deps, {
      table: 'settings',
      entity: 'settings',
      codec: compileCodec<Company>(CompanyRecord),
      indexed: () => ({ kind: 'company' }),
    }),
    debtorAccounts: entityStore<DebtorAccount>(deps, {
      table: 'settings',
      entity: 'debtor_account',
      codec: compileCodec<DebtorAccount>(DebtorAccountRecord),
      sealed: ['iban', 'bic', 'proposed'],
      indexed: (account) => ({ kind: DEBTOR_ACCOUNT, summary: summaryOf(maskedDebtorAccount(account)) }),
    }),
    listDebtorAccounts: (query, page) =>
      queryPage(deps, planList(LISTING, { ...query, kind: DEBTOR_ACCOUNT }), page, fromSummary<DebtorAccountSummary>),
  };
}

const summaryOf = ({ proposed, approved_by, changed_by, audit, ...summary }: DebtorAccount): DebtorAccountSummary =>
  summary;
