/** Exchange rates in DynamoDB: each rate is an entity, and one item per pair of currencies has those that are active, for strongly consistent reads. */
import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { compileCodec, type Item } from '../../shared/dynamo/codec.ts';
import { type EntityStore, type EntityStoreDeps, entityStore } from '../../shared/dynamo/entity-store.ts';
import { fromSummary, type Listing, planList } from '../../shared/dynamo/filters.ts';
import { type Page, type PageRequest, queryPage } from '../../shared/dynamo/query.ts';
import type { PendingWrite } from '../../shared/dynamo/unit-of-work.ts';
import { type ExchangeRate, type ExchangeRateQuery, ExchangeRateRecord } from './exchange-rate.schema.ts';
import { type LiveRate, pairOf, type RatePair } from './exchange-rate.ts';

type ExchangeRateView = Omit<ExchangeRate, 'audit'>;
type Currencies = { readonly from: string; readonly to: string };

export interface ExchangeRateRepository {
  readonly exchangeRates: EntityStore<ExchangeRate>;
  list(query: ExchangeRateQuery, page: PageRequest): Promise<Page<ExchangeRateView>>;
  /** Strongly consistent; without rates where there are none. */
  pair(currencies: Currencies): Promise<RatePair>;
  pairWrite(currencies: Currencies, before: RatePair, rates: readonly LiveRate[]): PendingWrite;
}

const KIND = 'exchange_rate';
const LISTING: Listing = {
  table: 'settings',
  equals: [
    ['kind', 'by_kind'],
    ['status', 'by_kind'],
    ['from', 'by_kind'],
    ['to', 'by_kind'],
  ],
};

export function createExchangeRateRepository(deps: EntityStoreDeps): ExchangeRateRepository {
  return {
    exchangeRates: entityStore<ExchangeRate>(deps, {
      table: 'settings',
      entity: 'exchange_rate',
      codec: compileCodec<ExchangeRate>(ExchangeRateRecord),
      indexed: ({ audit, ...summary }) => ({ kind: KIND, summary }),
    }),
    list: (query, page) =>
      queryPage(deps, planList(LISTING, { ...query, kind: KIND }), page, fromSummary<ExchangeRateView>),
    async pair(currencies) {
      const { Item: item } = await deps.client.send(
        new GetCommand({
          TableName: deps.tableNames.settings,
          Key: { id: pairId(currencies) },
          ConsistentRead: true,
        }),
      );
      return item === undefined ? { version: 0, rates: [] } : pairFromItem(item);
    },
    pairWrite(currencies, before, rates) {
      const id = pairId(currencies);
      return {
        action: 'put',
        table: 'settings',
        key: { id },
        item: { id, version: before.version + 1, rates: rates.map((rate) => ({ ...rate })) },
        condition:
          before.version === 0 ? { kind: 'absent' } : { kind: 'equals', attribute: 'version', value: before.version },
      };
    },
  };
}

const pairId = (currencies: Currencies): string => `exchange_rates#${pairOf(currencies).join('#')}`;

const pairFromItem = (item: Item): RatePair => ({
  version: Number(item['version']),
  rates: (item['rates'] as LiveRate[]).map(({ id, from, to, rate, valid_from }) => ({
    id,
    from,
    to,
    rate,
    valid_from,
  })),
});
