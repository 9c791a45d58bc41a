/** Invoices in DynamoDB: keys, indexes, number claims, lists and match results. Gives pending writes, never commits. */
import { gunzipSync, gzipSync } from 'node:zlib';
import { sha256 } from '../../shared/audit/canonical.ts';
import { releaseClaim, takeClaim } from '../../shared/dynamo/claims.ts';
import { compileCodec, type Item } from '../../shared/dynamo/codec.ts';
import type { Condition } from '../../shared/dynamo/conditions.ts';
import { type EntityStore, type EntityStoreDeps, entityStore } from '../../shared/dynamo/entity-store.ts';
import { fromSummary, type Listing, planList } from '../../shared/dynamo/filters.ts';
import { getTogether } from '../../shared/dynamo/get-together.ts';
import { largeFields } from '../../shared/dynamo/large-fields.ts';
import { type Page, type PageRequest, queryAll, queryPage } from '../../shared/dynamo/query.ts';
import type { PendingWrite } from '../../shared/dynamo/unit-of-work.ts';
import { conflictError, notFound } from '../../shared/errors.ts';
import { isPositive } from '../../shared/money.ts';
import type { InvoiceType } from './domain/invoice-number.ts';
import type { MatchDecision, MatchResult } from './domain/match.ts';
import type { MatchFacts } from './domain/match-facts.ts';
import { type Invoice, type InvoiceQuery, InvoiceRecord, type StoredInvoiceSummary } from './invoice.schema.ts';

export interface StoredMatch extends MatchResult {
  readonly inputs: MatchFacts;
}

export interface MatchItem {
  readonly match: StoredMatch;
  readonly hash: string;
  readonly matched_at: string;
}

/** The owners of a shared key, as they stood when read: invoices whose numbers look alike, or vendors of one identity. */
export interface SimilarNumbers {
  readonly key: string;
  readonly owners: readonly string[];
  readonly version: number;
}

export interface InvoiceRepository {
  readonly invoices: EntityStore<Invoice>;
  list(query: InvoiceQuery, page: PageRequest): Promise<Page<StoredInvoiceSummary>>;
  /** Everything with something payable, by due date; summaries may be a moment old, so decide on the invoice itself. */
  payable(type: InvoiceType, dueOnOrBefore?: string): AsyncGenerator<StoredInvoiceSummary, void, undefined>;
  ofVendor(vendorId: string): AsyncGenerator<StoredInvoiceSummary, void, undefined>;
  ofOrder(poId: string): AsyncGenerator<StoredInvoiceSummary, void, undefined>;
  /** Moves the claim on the number with the change. */
  numberWrites(before: NumberHolder | undefined, after: NumberHolder): readonly PendingWrite[];
  /** By key, in one round trip. */
  similarNumbers(keys: readonly string[]): Promise<ReadonlyMap<string, SimilarNumbers>>;
  /** Vendors by the keyed hash of what identifies them. */
  vendorIdentities(identities: readonly string[]): Promise<ReadonlyMap<string, SimilarNumbers>>;
  /** Who holds these claims on a number. */
  claimHolders(claims: readonly string[]): Promise<readonly string[]>;
  similarNumbersWrite(similar: SimilarNumbers, owners: readonly string[]): PendingWrite;
  similarNumbersCheck(similar: SimilarNumbers): PendingWrite;
  /** The invoice and its match in one round trip. @throws DomainError 404 */
  withMatch(invoiceId: string): Promise<{ readonly invoice: Invoice; readonly stored: MatchItem | undefined }>;
  matchWrite(invoiceId: string, match: StoredMatchText, matchedAt: string): PendingWrite;
}

export type NumberHolder = Pick<Invoice, 'id' | 'number_claim'>;

const { pack, unpack } = largeFields(['line_items', 'charges', 'allowances', 'tax_breakdown', 'differences', 'takes']);

export function createInvoiceRepository(deps: EntityStoreDeps): InvoiceRepository {
  const invoices = entityStore<Invoice>(deps, {
    table: 'invoices',
    entity: 'invoice',
    codec: compileCodec<Invoice>(InvoiceRecord),
    indexed,
    pack,
    unpack: (item) => ({ po_id: null, ...unpack(item) }),
  });
  const all = async function* (index: string, name: string, value: string) {
    const plan = { table: 'invoices', index, hash: { name, value }, ascending: true } as const;
    for await (const item of queryAll(deps, plan)) yield fromSummary<StoredInvoiceSummary>(item);
  };
  const ownerLists = async (kind: string, names: readonly string[]): Promise<ReadonlyMap<string, SimilarNumbers>> => {
    const keys = names.map((name) => [name, `${kind}#${name}`] as const);
    const items =
      keys.length === 0
        ? undefined
        : await getTogether(
            deps,
            'keys',
            keys.map(([, key]) => key),
          );
    return new Map(
      keys.map(([name, key]) => {
        const item = items?.get(key);
        const owners = Array.isArray(item?.['owners']) ? item['owners'].map(String) : [];
        return [name, { key, owners, version: Number(item?.['version'] ?? 0) }];
      }),
    );
  };
  return {
    invoices,
    list: (query, page) => queryPage(deps, planList(LISTING, query), page, fromSummary<StoredInvoiceSummary>),
    async *payable(type, dueOnOrBefore) {
      const range = dueOnOrBefore === undefined ? {} : { range: { name: 'due_date', to: dueOnOrBefore } };
      const plan = { table: 'invoices', index: 'by_payable', hash: { name: 'payable', value: type } } as const;
      for await (const item of queryAll(deps, { ...plan, ...range, ascending: true }))
        yield fromSummary<StoredInvoiceSummary>(item);
    },
    ofVendor: (vendorId) => all('by_vendor', 'vendor_id', vendorId),
    ofOrder: (poId) => all('by_po', 'po_id', poId),
    numberWrites(before, after) {
      const [old, current] = [claimOf(before), claimOf(after)];
      if (old?.key === current?.key) return [];
      return [
        ...(old === undefined ? [] : [releaseClaim(old)]),
        ...(current === undefined ? [] : [takeClaim(current, duplicate)]),
      ];
    },
    similarNumbers: (keys) => ownerLists('invoice_number_loose', keys),
    vendorIdentities: (identities) => ownerLists('vendor_identity', identities),
    async claimHolders(claims) {
      const items = await getTogether(deps, 'keys', claims.map(claimKey));
      return [...items.values()].map((item) => String(item['owner']));
    },
    similarNumbersWrite: ({ key, version }, owners) => ({
      action: 'put',
      table: 'keys',
      key: { id: key },
      item: { id: key, owners, version: version + 1 },
      condition: unchanged(version),
    }),
    similarNumbersCheck: ({ key, version }) => ({
      action: 'check',
      table: 'keys',
      key: { id: key },
      condition: unchanged(version),
    }),
    async withMatch(invoiceId) {
      const items = await getTogether(deps, 'invoices', [invoiceId, matchId(invoiceId)]);
      const item = items.get(invoiceId);
      if (item === undefined) throw notFound('invoice', invoiceId);
      return { invoice: invoices.fromItem(item), stored: matchFrom(items.get(matchId(invoiceId))) };
    },
    matchWrite: (invoiceId, { text, hash }, matchedAt) => ({
      action: 'put',
      table: 'invoices',
      key: { id: matchId(invoiceId) },
      item: { id: matchId(invoiceId), match_gz: gzipSync(text, { level: 1 }), hash, matched_at: matchedAt },
    }),
  };
}

const matchId = (invoiceId: string): string => `${invoiceId}#match`;

function matchFrom(item: Item | undefined): MatchItem | undefined {
  if (!(item?.['match_gz'] instanceof Uint8Array)) return undefined;
  return {
    match: JSON.parse(gunzipSync(item['match_gz']).toString('utf8')) as StoredMatch,
    hash: String(item['hash']),
    matched_at: String(item['matched_at']),
  };
}

export interface StoredMatchText {
  readonly text: string;
  /** SHA-256 of the text: the invoice names it, so that a match that was altered is found. */
  readonly hash: string;
}

/** A match as it is stored, with the facts that replay it. */
export function matchText({ verdict, rule_version, lines, totals, inputs }: MatchDecision): StoredMatchText {
  const text = JSON.stringify({ verdict, rule_version, lines, totals, inputs });
  return { text, hash: sha256(text) };
}

const claimOf = (holder: NumberHolder | undefined) =>
  holder === undefined || holder.number_claim === null
    ? undefined
    : { key: claimKey(holder.number_claim), owner: holder.id };

const claimKey = (claim: string): string => `invoice_number#${claim}`;

const unchanged = (version: number): Condition =>
  version === 0 ? { kind: 'absent' } : { kind: 'equals', attribute: 'version', value: version };

export const duplicate = (holder: string) =>
  conflictError(
    'invoice.duplicate-number',
    `This vendor's number stands on ${holder} already. If that one was entered in error, void it and free its number.`,
    [{ pointer: '/invoice_number', detail: `is taken by ${holder}` }],
  );

/** A case and its spaces do not matter to who looks for a number. */
export const numberKey = (text: string): string => text.normalize('NFKC').trim().toUpperCase();

const indexed = (invoice: Invoice): Item => ({
  number_key: numberKey(invoice.invoice_number),
  summary: summaryOf(invoice),
  // A null is no key: an invoice without an order stands in no order's index.
  ...(invoice.po_id === null ? { po_id: undefined } : {}),
  // Said in so many words: what was read has the attributes of the item it came from.
  payable: isCandidate(invoice) ? invoice.type : undefined,
});

/** What a payment run looks at: a disputed one too, so that the run can say that it left it out. */
const isCandidate = ({ status, payable_amount }: Invoice): boolean =>
  isPositive(payable_amount) && PAYABLE_STATUSES.has(status);

const PAYABLE_STATUSES: ReadonlySet<string> = new Set(['approved', 'partially_paid', 'partially_applied', 'disputed']);

const summaryOf = (invoice: Invoice): StoredInvoiceSummary => ({
  id: invoice.id,
  version: invoice.version,
  created_at: invoice.created_at,
  updated_at: invoice.updated_at,
  created_by: invoice.created_by,
  status: invoice.status,
  vendor_id: invoice.vendor_id,
  po_id: invoice.po_id,
  invoice_number: invoice.invoice_number,
  type: invoice.type,
  invoice_date: invoice.invoice_date,
  due_date: invoice.due_date,
  currency: invoice.currency,
  total_amount: invoice.total_amount,
  open_amount: invoice.open_amount,
  payable_amount: invoice.payable_amount,
  on_hold: invoice.holds.length > 0,
});

const LISTING: Listing = {
  table: 'invoices',
  equals: [
    ['po_id', 'by_po'],
    ['vendor_id', 'by_vendor'],
    ['status', 'by_status'],
  ],
  text: { index: 'by_number', key: 'number_key', normalise: numberKey },
  due: 'due_date',
};
