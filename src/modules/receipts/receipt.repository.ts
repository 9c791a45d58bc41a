/** Goods receipts in DynamoDB: keys, indexes and lists. Gives pending writes, never commits. */
import { compileCodec } from '../../shared/dynamo/codec.ts';
import { type EntityStore, type EntityStoreDeps, entityStore } from '../../shared/dynamo/entity-store.ts';
import { fromSummary, type Listing, planList } from '../../shared/dynamo/filters.ts';
import { largeFields } from '../../shared/dynamo/large-fields.ts';
import { type Page, type PageRequest, queryPage } from '../../shared/dynamo/query.ts';
import { type Receipt, type ReceiptQuery, ReceiptRecord, type ReceiptSummary } from './receipt.schema.ts';

export interface ReceiptRepository {
  readonly receipts: EntityStore<Receipt>;
  list(query: ReceiptQuery, page: PageRequest): Promise<Page<ReceiptSummary>>;
}

export function createReceiptRepository(deps: EntityStoreDeps): ReceiptRepository {
  return {
    receipts: entityStore<Receipt>(deps, {
      table: 'goods_receipts',
      entity: 'receipt',
      codec: compileCodec<Receipt>(ReceiptRecord),
      indexed: (receipt) => ({ summary: summaryOf(receipt) }),
      ...largeFields(['line_items', 'returns']),
    }),
    list: (query, page) => queryPage(deps, planList(LISTING, query), page, fromSummary<ReceiptSummary>),
  };
}

const summaryOf = (receipt: Receipt): ReceiptSummary => ({
  id: receipt.id,
  version: receipt.version,
  created_at: receipt.created_at,
  updated_at: receipt.updated_at,
  created_by: receipt.created_by,
  status: receipt.status,
  po_id: receipt.po_id,
  po_number: receipt.po_number,
  vendor_id: receipt.vendor_id,
  received_by: receipt.received_by,
  received_at: receipt.received_at,
});

const LISTING: Listing = {
  table: 'goods_receipts',
  equals: [
    ['po_id', 'by_po'],
    ['vendor_id', 'by_vendor'],
    ['status', 'by_status'],
  ],
};
