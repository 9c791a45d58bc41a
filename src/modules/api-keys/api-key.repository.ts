/** API keys in DynamoDB, found by the id that stands in the key itself. */
import { compileCodec } from '../../shared/dynamo/codec.ts';
import { type EntityStore, type EntityStoreDeps, entityStore } from '../../shared/dynamo/entity-store.ts';
import { fromSummary, type Listing, planList } from '../../shared/dynamo/filters.ts';
import { type Page, type PageRequest, queryPage } from '../../shared/dynamo/query.ts';
import { type ApiKey, type ApiKeyQuery, ApiKeyRecord, type ApiKeySummary } from './api-key.schema.ts';

export interface ApiKeyRepository {
  readonly keys: EntityStore<ApiKey>;
  list(query: ApiKeyQuery, page: PageRequest): Promise<Page<ApiKeySummary>>;
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
  };
}

const summaryOf = ({ secret_sha256, approved_by, audit, ...summary }: ApiKey): ApiKeySummary => summary;
