/** API keys in DynamoDB, found by the id that stands in the key itself. */
import { compileCodec, type Item } from '../../shared/dynamo/codec.ts';
import { type EntityStore, type EntityStoreDeps, entityStore } from '../../shared/dynamo/entity-store.ts';
import { fromSummary, type Listing, planList } from '../../shared/dynamo/filters.ts';
import { type Page, type PageRequest, queryPage } from '../../shared/dynamo/query.ts';
import { type ApiKey, type ApiKeyQuery, ApiKeyRecord, type ApiKeySummary } from './api-key.schema.ts';

export interface ApiKeyRepository {
  readonly keys: EntityStore<ApiKey>;
  list(query: ApiKeyQuery, page: PageRequest): Promise<Page<ApiKeySummary>>;
  listOf(ownerId: string, query: ApiKeyQuery, page: PageRequest): Promise<Page<ApiKeySummary>>;
}

const LISTING: Listing = { table: 'api_keys', equals: [['status', 'by_status']] };

export function createApiKeyRepository(deps: EntityStoreDeps): ApiKeyRepository {
  return {
    keys: entityStore<ApiKey>(deps, {
      table: 'api_keys',
      entity: 'api_key',
      codec: compileCodec<ApiKey>(ApiKeyRecord),
      unaudited: ['secret_sha256'],
      indexed: (key) => ({ summary: summaryOf(key) }),
    }),
    list: (query, page) => queryPage(deps, planList(LISTING, query), page, fromSummary<ApiKeySummary>),
    listOf(ownerId, query, page) {
      const keep = (item: Item): boolean => fromSummary<ApiKeySummary>(item).owner_id === ownerId;
      return queryPage(deps, { ...planList(LISTING, query), keep }, page, fromSummary<ApiKeySummary>);
    },
  };
}

const summaryOf = ({ secret_sha256, owner_epoch, approved_by, audit, ...summary }: ApiKey): ApiKeySummary => summary;
