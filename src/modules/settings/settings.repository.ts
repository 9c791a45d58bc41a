/** Settings in DynamoDB: the company's item, and the debtor accounts beside it under a kind of their own. */
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { compileCodec } from '../../shared/dynamo/codec.ts';
import { type EntityStore, type EntityStoreDeps, entityStore } from '../../shared/dynamo/entity-store.ts';
import { fromSummary, type Listing, planList } from '../../shared/dynamo/filters.ts';
import { getTogether } from '../../shared/dynamo/get-together.ts';
import { largeFields } from '../../shared/dynamo/large-fields.ts';
import { type Page, type PageRequest, queryPage } from '../../shared/dynamo/query.ts';
import type { PendingWrite } from '../../shared/dynamo/unit-of-work.ts';
import { conflictError } from '../../shared/errors.ts';
import { type Company, CompanyRecord } from './company.schema.ts';
import { SHIPPED_YEARS_AHEAD } from './company.ts';
import {
  type DebtorAccount,
  type DebtorAccountQuery,
  DebtorAccountRecord,
  type DebtorAccountSummary,
} from './debtor-account.schema.ts';
import { maskedDebtorAccount } from './debtor-account.ts';
import { type Recovery, RecoveryRecord } from './recovery.schema.ts';
import { type UnitConversions, UnitConversionsRecord } from './unit-conversions.schema.ts';
import { type WritingRegion, WritingRegionRecord } from './writing-region.schema.ts';

export interface SettingsRepository {
  readonly company: EntityStore<Company>;
  readonly unitConversions: EntityStore<UnitConversions>;
  readonly debtorAccounts: EntityStore<DebtorAccount>;
  readonly recovery: EntityStore<Recovery>;
  readonly writingRegion: EntityStore<WritingRegion>;
  /** In one round trip; `restoring` names the backup whose restore is not finished. */
  recoveryState(): Promise<RecoveryState>;
  /** Safe to do again for the same backup. @throws DomainError 409 where another's restore goes on */
  beginRestore(from: string): Promise<void>;
  restoreEnd(from: string): PendingWrite;
  /** Masked. */
  listDebtorAccounts(query: DebtorAccountQuery, page: PageRequest): Promise<Page<DebtorAccountSummary>>;
}

export interface RecoveryState {
  readonly recovery: Recovery | undefined;
  readonly restoring: string | undefined;
}

/** Beside the record, which a backup may bring along: this mark stands only while a restore goes on. */
export const RESTORING = 'recovery#restoring';

const DEBTOR_ACCOUNT = 'debtor_account';

const LISTING: Listing = {
  table: 'settings',
  equals: [
    ['kind', 'by_kind'],
    ['status', 'by_kind'],
  ],
};

export function createSettingsRepository(deps: EntityStoreDeps): SettingsRepository {
  const recovery = entityStore<Recovery>(deps, {
    table: 'settings',
    entity: 'settings',
    codec: compileCodec<Recovery>(RecoveryRecord),
    indexed: () => ({}),
  });
  return {
    recovery,
    writingRegion: entityStore<WritingRegion>(deps, {
      table: 'settings',
      entity: 'settings',
      codec: compileCodec<WritingRegion>(WritingRegionRecord),
      indexed: () => ({}),
    }),
    async recoveryState() {
      const items = await getTogether(deps, 'settings', ['recovery', RESTORING]);
      const [item, mark] = [items.get('recovery'), items.get(RESTORING)];
      return {
        recovery: item === undefined ? undefined : recovery.fromItem(item),
        restoring: mark === undefined ? undefined : String(mark['restored_from']),
      };
    },
    async beginRestore(from) {
      try {
        await deps.client.send(
          new PutCommand({
            TableName: deps.tableNames.settings,
            Item: { id: RESTORING, restored_from: from },
            ConditionExpression: 'attribute_not_exists(id) OR restored_from = :from',
            ExpressionAttributeValues: { ':from': from },
          }),
        );
      } catch (error) {
        if (!(error instanceof Error) || error.name !== 'ConditionalCheckFailedException') throw error;
        throw conflictError('recovery.restoring', 'Another backup is being restored into this prefix.');
      }
    },
    restoreEnd: (from) => ({
      action: 'delete',
      table: 'settings',
      key: { id: RESTORING },
      condition: { kind: 'equals', attribute: 'restored_from', value: from },
      refuse: () => conflictError('recovery.restoring', 'This restore was ended already.'),
    }),
    company: entityStore<Company>(deps, {
      table: 'settings',
      entity: 'settings',
      codec: compileCodec<Company>(CompanyRecord),
      indexed: () => ({ kind: 'company' }),
      unpack: (item) => ({ document_years_ahead: SHIPPED_YEARS_AHEAD, ...item }),
    }),
    unitConversions: entityStore<UnitConversions>(deps, {
      table: 'settings',
      entity: 'settings',
      codec: compileCodec<UnitConversions>(UnitConversionsRecord),
      indexed: () => ({ kind: 'unit_conversions' }),
      ...largeFields(['conversions', 'proposed'], 20_000),
    }),
    debtorAccounts: entityStore<DebtorAccount>(deps, {
      table: 'settings',
      entity: 'debtor_account',
      codec: { ...debtorCodec, decode: (item) => withAddressForm(debtorCodec.decode(item)) },
      sealed: ['iban', 'bic', 'proposed'],
      indexed: (account) => ({ kind: DEBTOR_ACCOUNT, summary: summaryOf(maskedDebtorAccount(account)) }),
    }),
    listDebtorAccounts: (query, page) =>
      queryPage(deps, planList(LISTING, { ...query, kind: DEBTOR_ACCOUNT }), page, (item) =>
        withAddressForm(fromSummary<DebtorAccountSummary>(item)),
      ),
  };
}

const debtorCodec = compileCodec<DebtorAccount>(DebtorAccountRecord);

/** Accounts from before there was a choice have none stored. */
const withAddressForm = <T extends DebtorAccountSummary>(account: T): T => ({
  ...account,
  creditor_address: account.creditor_address ?? 'structured',
});

const summaryOf = ({ proposed, approved_by, changed_by, audit, ...summary }: DebtorAccount): DebtorAccountSummary =>
  summary;
