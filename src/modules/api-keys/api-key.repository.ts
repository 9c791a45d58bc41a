/** API keys in DynamoDB, found by the id that stands in the key itself. */
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { compileCodec, type Item } from '../../shared/dynamo/codec.ts';
import { type EntityStore, type EntityStoreDeps, entityStore } from '../../shared/dynamo/entity-store.ts';
import { fromSummary, type Listing, planList } from '../../shared/dynamo/filters.ts';
import { getTogether } from '../../shared/dynamo/get-together.ts';
import { type Page, type PageRequest, queryPage } from '../../shared/dynamo/query.ts';
import { type ApiKey, type ApiKeyQuery, ApiKeyRecord, type ApiKeySummary } from './api-key.schema.ts';

export interface ApiKeyRepository {
  /** Days of last use, of those of these keys that were used since it is kept. */
  lastUsedOn(ids: readonly string[]): Promise<ReadonlyMap<string, string>>;
  markUsed(id: string, day: string): Promise<void>;
  readonly keys: EntityStore<ApiKey>;
  list(query: ApiKeyQuery, page: PageRequest): Promise<Page<ApiKeySummary>>;
  listOf(ownerId: string, query: ApiKeyQuery, page: PageRequest): Promise<Page<ApiKeySummary>>;
}

const LISTING: Listing = { table: 'api_keys', equals: [['status', 'by_status']] };

export function createApiKeyRepository(deps: EntityStoreDeps): ApiKeyRepository {
  return {
    async lastUsedOn(ids) {
      if (ids.length === 0) return new Map();
      const marks = await getTogether(deps, 'keys', ids.map(usedKey));
      return new Map(ids.flatMap((id) => dayOf(id, marks.get(usedKey(id)))));
    },
    async markUsed(id, used_on) {
      await deps.client.send(new PutCommand({ TableName: deps.tableNames.keys, Item: { id: usedKey(id), used_on } }));
    },
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

/** Beside the key: its use is no decision on it. */
const usedKey = (id: string): string => `api_key_used#${id}`;
const dayOf = (id: string, mark: Item | undefined): (readonly [string, string])[] =>
  mark === undefined ? [] : [[id, String(mark['used_on'])]];

const summaryOf = ({ secret_sha256, owner_epoch, approved_by, audit, ...summary }: ApiKey): ApiKeySummary => summary;
