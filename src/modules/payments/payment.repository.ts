/** Payments in DynamoDB: keys, indexes, reference claims and lists. Gives pending writes, never commits. */

import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { withKeyMakers } from '../../shared/decisions/history.ts';
import type { KeyHand } from '../../shared/decisions/key-hands.ts';
import { takeClaim, taken } from '../../shared/dynamo/claims.ts';
import { compileCodec, type Item } from '../../shared/dynamo/codec.ts';
import { type EntityStore, type EntityStoreDeps, entityStore } from '../../shared/dynamo/entity-store.ts';
import { fromSummary, type Listing, planList } from '../../shared/dynamo/filters.ts';
import { type Page, type PageRequest, queryAll, queryPage } from '../../shared/dynamo/query.ts';
import type { PendingWrite } from '../../shared/dynamo/unit-of-work.ts';
import { idOfReference } from '../../shared/ids.ts';
import { type Payment, type PaymentQuery, PaymentRecord, type PaymentSummary } from './payment.schema.ts';
import { OPEN_STATUSES } from './payment.ts';
import { openReport } from './reported-failure.ts';

export interface PaymentRepository {
  readonly payments: EntityStore<Payment>;
  list(query: Partial<PaymentQuery>, page: PageRequest): Promise<Page<PaymentSummary>>;
  /** Approved payments that are in no batch; summaries may be a moment old, so decide on the payment itself. */
  waiting(): AsyncGenerator<PaymentSummary, void, undefined>;
  /** Who made payments to this vendor that may still move money. */
  openMakers(vendorId: string): Promise<ReadonlySet<string>>;
  /** The payment with this end-to-end id, strongly consistent. */
  byReference(reference: string): Promise<Payment | undefined>;
  /** Keeps a reference that the caller chose unique; one made from the payment's id is so by itself. */
  referenceWrite(payment: Pick<Payment, 'id' | 'reference_number'>): PendingWrite;
}

export function createPaymentRepository(deps: EntityStoreDeps): PaymentRepository {
  const summaries = async function* (index: string, name: string, value: string) {
    const plan = { table: 'payments', index, hash: { name, value }, ascending: true } as const;
    for await (const item of queryAll(deps, plan)) yield fromSummary<PaymentSummary>(item);
  };
  const payments = entityStore<Payment>(deps, {
    table: 'payments',
    entity: 'payment',
    codec: compileCodec<Payment>(PaymentRecord),
    sealed: ['creditor'],
    indexed,
    // Older items have no answers.
    unpack: (item) => ({ batch_id: null, bank_answers: [], ...item }),
  });
  return {
    payments,
    list: (query, page) => queryPage(deps, planList(LISTING, query), page, fromSummary<PaymentSummary>),
    waiting: () => summaries('by_status', 'status', 'approved'),
    async openMakers(vendorId) {
      const makers = new Set<string>();
      for await (const summary of summaries('by_vendor', 'vendor_id', vendorId))
        if (OPEN_STATUSES.includes(summary.status))
          for (const maker of withKeyMakers(summary, [summary.created_by])) makers.add(maker);
      return makers;
    },
    async byReference(reference) {
      const own = idOfReference('payment', reference);
      if (own !== undefined) return payments.get(own);
      const key = { id: claimKey(reference) };
      const { Item: claim } = await deps.client.send(
        new GetCommand({ TableName: deps.tableNames.keys, Key: key, ConsistentRead: true }),
      );
      return claim === undefined ? undefined : payments.get(String(claim['owner']));
    },
    referenceWrite: ({ id, reference_number }) =>
      takeClaim(
        { key: claimKey(reference_number), owner: id },
        taken('payment.reference-taken', 'This reference number', '/reference_number'),
      ),
  };
}

const referenceKey = (text: string): string => text.toUpperCase();
const claimKey = (reference: string): string => `payment_reference#${referenceKey(reference)}`;

const indexed = (payment: Payment & { readonly key_hands?: readonly KeyHand[] }): Item => ({
  number_key: referenceKey(payment.reference_number),
  summary: { ...summaryOf(payment), ...(payment.key_hands === undefined ? {} : { key_hands: payment.key_hands }) },
  // A null is no key: a payment without a batch stands in no batch's index.
  ...(payment.batch_id === null ? { batch_id: undefined } : {}),
});

export const summaryOf = (payment: Payment): PaymentSummary => ({
  id: payment.id,
  version: payment.version,
  created_at: payment.created_at,
  updated_at: payment.updated_at,
  created_by: payment.created_by,
  status: payment.status,
  invoice_id: payment.invoice_id,
  vendor_id: payment.vendor_id,
  invoice_number: payment.invoice_number,
  payment_amount: payment.payment_amount,
  discount_taken: payment.discount_taken,
  currency: payment.currency,
  payment_method: payment.payment_method,
  payment_date: payment.payment_date,
  reference_number: payment.reference_number,
  batch_id: payment.batch_id,
  processed_by: payment.processed_by,
  integration_status: payment.integration_status,
  held: payment.hold !== null || openReport(payment) !== undefined,
});

const LISTING: Listing = {
  table: 'payments',
  equals: [
    ['invoice_id', 'by_invoice'],
    ['batch_id', 'by_batch'],
    ['vendor_id', 'by_vendor'],
    ['status', 'by_status'],
  ],
  text: { index: 'by_number', key: 'number_key', normalise: referenceKey },
};
