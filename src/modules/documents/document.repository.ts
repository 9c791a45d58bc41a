/** Documents in DynamoDB: keys, indexes and lists. Gives pending writes, never commits. */
import { compileCodec, type Item } from '../../shared/dynamo/codec.ts';
import { type EntityStore, type EntityStoreDeps, entityStore } from '../../shared/dynamo/entity-store.ts';
import { fromSummary, type Listing, planList } from '../../shared/dynamo/filters.ts';
import { type Page, type PageRequest, queryPage } from '../../shared/dynamo/query.ts';
import type { TableName } from '../../shared/dynamo/tables.ts';
import type { PendingWrite } from '../../shared/dynamo/unit-of-work.ts';
import {
  type DocumentEntity,
  type DocumentQuery,
  DocumentRecord,
  type DocumentReply,
  type StoredDocument,
} from './document.schema.ts';
import { noSuchEntity } from './document.ts';

export interface DocumentRepository {
  readonly documents: EntityStore<StoredDocument>;
  list(
    query: DocumentQuery,
    page: PageRequest,
    readable: (entity: DocumentEntity) => boolean,
  ): Promise<Page<DocumentReply>>;
  /** That what the document lies beside exists, at the very moment it is written. */
  entityExists(document: Pick<StoredDocument, 'entity' | 'entity_id'>): PendingWrite;
}

const TABLES: Readonly<Record<DocumentEntity, TableName>> = {
  vendor: 'vendors',
  purchase_order: 'purchase_orders',
  receipt: 'goods_receipts',
  invoice: 'invoices',
  payment: 'payments',
  payment_batch: 'payment_batches',
};

const LISTING: Listing = {
  table: 'documents',
  equals: [
    ['entity_id', 'by_entity'],
    ['status', 'by_status'],
  ],
};

const compiled = compileCodec<StoredDocument>(DocumentRecord);
/** Documents from before there was a scanner. */
const codec: typeof compiled = { ...compiled, decode: (item) => compiled.decode({ scan: null, ...item }) };

export function createDocumentRepository(deps: EntityStoreDeps): DocumentRepository {
  return {
    documents: entityStore<StoredDocument>(deps, {
      table: 'documents',
      entity: 'document',
      codec,
      indexed: (document) => ({ summary: summaryOf(document) }),
    }),
    list(query, page, readable) {
      const plan = planList(LISTING, query);
      const mayRead = (item: Item): boolean => readable(toReply(item).entity);
      const { keep } = plan;
      return queryPage(
        deps,
        { ...plan, keep: keep === undefined ? mayRead : (item) => keep(item) && mayRead(item) },
        page,
        toReply,
      );
    },
    entityExists: ({ entity, entity_id }) => ({
      action: 'check',
      table: TABLES[entity],
      key: { id: entity_id },
      condition: { kind: 'exists' },
      refuse: () => noSuchEntity({ entity, entity_id }),
    }),
  };
}

function summaryOf({ audit: _audit, ...shown }: StoredDocument): DocumentReply {
  return shown;
}

function toReply(item: Item): DocumentReply {
  const summary = fromSummary<DocumentReply>(item);
  return { ...summary, size: Number(summary.size), scan: summary.scan ?? null };
}
