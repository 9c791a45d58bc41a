/** Holds everything that is kept twice against each other: claims, counters, balances, sums, heads of trails, and payment files. */
import { entityOf, readEvent } from '../../modules/audit/index.ts';
import { isOwnReference } from '../../modules/payments/index.ts';
import { type AuditedEntity, told } from '../../shared/audit/event.ts';
import type { Item } from '../../shared/dynamo/codec.ts';
import { isSealed, subjectOf } from '../../shared/dynamo/seals.ts';
import type { TableName } from '../../shared/dynamo/tables.ts';
import { fromWire, scanWire, type WireItem } from '../../shared/dynamo/wire.ts';
import { IntegrityError } from '../../shared/errors.ts';
import { type ObjectStorage, sha256OfStream } from '../../shared/storage/storage.ts';
import type { JobContext, Outcome } from '../job.ts';
import { createBatchBook } from './batch-book.ts';
import { createClaimBook } from './claim-book.ts';
import { createFileBook, type FoundFile } from './file-book.ts';
import type { Finding, FindingKind, Owner } from './finding.ts';
import { createHeadBook } from './head-book.ts';
import { createMoneyBook } from './money-book.ts';
import { createQuantityBook } from './quantity-book.ts';
import { createRepositories, type Repositories, storeOf } from './stores.ts';
import { createTrailBook, trailFinding } from './trail-book.ts';

export async function verify(context: JobContext): Promise<Outcome> {
  const findings = await lastingFindings(context);
  for (const { kind, id, message, mend } of findings)
    context.report.line(message, { kind, id, mendable: mend !== undefined });
  if (findings.length > 0) context.report.metric({ name: 'integrity_failures', value: findings.length });
  const sentence =
    findings.length === 0
      ? 'Seals, trails, claims, counters, reservations, batches and payment files agree.'
      : `${findings.length} things disagree.`;
  return { result: findings.length === 0 ? 'ok' : 'findings', sentence, facts: countsOf(findings) };
}

/** While commands are taken, what is decided between two reads seems to disagree: a finding is what does so twice. */
async function lastingFindings(context: JobContext): Promise<readonly Finding[]> {
  const first = await findAll(context);
  if (first.length === 0 || (await context.dependencies.recovery.get()).status === 'read_only') return first;
  const same = new Set(first.map(nameOf));
  return (await findAll(context)).filter((finding) => same.has(nameOf(finding)));
}

const nameOf = ({ kind, id, message }: Finding): string => `${kind} ${id} ${message}`;

export const countsOf = (findings: readonly Finding[]): Readonly<Partial<Record<FindingKind, number>>> => {
  const counts: Partial<Record<FindingKind, number>> = {};
  for (const { kind } of findings) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
};

/** Reads every table once, strongly consistent: items of different moments, where the service takes commands. */
export async function findAll(context: JobContext): Promise<readonly Finding[]> {
  const repositories = createRepositories(context.infrastructure);
  const books = createBooks(repositories);
  const broken: Finding[] = [];
  const { client, tableNames, storage } = context.infrastructure;
  for (const [done, table] of VERIFIED.entries()) {
    context.report.progress(table, done, VERIFIED.length);
    for await (const stored of scanWire(client, tableNames[table])) {
      context.signal.throwIfAborted();
      const item = revealed(context, table, stored);
      if (item === undefined) broken.push(sealFinding(table, stored));
      books.take(table, fromWire(item ?? stored), item === undefined);
    }
  }
  for await (const file of filesIn(storage.payments)) books.file(file);
  const found = [...(await trailFindings(context, repositories, books.unlike())), ...books.findings()];
  // What disagrees with an item that somebody wrote is for people to judge, whatever it is.
  return broken.length === 0 ? found : [...broken, ...found.map(({ mend, ...rest }) => rest)];
}

/** Reads each again, its chain and itself, to name what differs. */
async function trailFindings(
  { dependencies: { trail } }: JobContext,
  repositories: Repositories,
  owners: readonly Owner[],
): Promise<readonly Finding[]> {
  const found: Finding[] = [];
  for (const { entity, id } of owners) {
    const { events } = await trail.whole({ entity, entity_id: id });
    const store = storeOf(repositories, entity, id);
    const holds = await store.get(id);
    const finding =
      holds === undefined || holds.audit.hash !== events.at(-1)?.hash
        ? undefined
        : trailFinding(id, store.told.texts(holds), store.told.toldTexts(id, told(events)));
    if (finding !== undefined) found.push(finding);
  }
  return found;
}

/** Undefined where it is not what this system wrote. */
function revealed({ dependencies: { seals } }: JobContext, table: TableName, stored: WireItem): WireItem | undefined {
  if (!isSealed(table)) return stored;
  try {
    return seals.reveal(table, stored);
  } catch (error) {
    if (error instanceof IntegrityError) return undefined;
    throw error;
  }
}

const sealFinding = (table: TableName, stored: WireItem): Finding => ({
  kind: 'seal',
  id: subjectOf(stored['id']?.S ?? ''),
  message: `This item of ${table} is not what this system wrote: its seal is broken.`,
});

/** Each is read whole: a size or a date tells nothing. */
async function* filesIn(storage: ObjectStorage): AsyncGenerator<FoundFile> {
  let cursor: string | null | undefined;
  while (cursor !== null) {
    const { objects, next_cursor } = await storage.list('', { cursor });
    for (const { key } of objects) {
      const object = await storage.get(key);
      if (object !== undefined) yield { key, sha256: await sha256OfStream(object.body) };
    }
    cursor = next_cursor;
  }
}

/** In the order in which a transaction would be torn last: what names another comes after it. */
const VERIFIED = [
  'keys',
  'audit_log',
  'users',
  'api_keys',
  'settings',
  'vendors',
  'bank_accounts',
  'documents',
  'purchase_orders',
  'goods_receipts',
  'invoices',
  'payments',
  'payment_batches',
  'bank_messages',
] as const satisfies readonly TableName[];
type Verified = (typeof VERIFIED)[number];
/** The tables of audited entities. */
type Entities = Exclude<Verified, 'keys' | 'audit_log'>;

const KINDS: Readonly<Record<Exclude<Entities, 'settings'>, AuditedEntity>> = {
  users: 'user',
  api_keys: 'api_key',
  vendors: 'vendor',
  bank_accounts: 'bank_account',
  documents: 'document',
  purchase_orders: 'purchase_order',
  goods_receipts: 'receipt',
  invoices: 'invoice',
  payments: 'payment',
  payment_batches: 'payment_batch',
  bank_messages: 'bank_message',
};

function createBooks(repositories: Repositories) {
  const claims = createClaimBook();
  const quantities = createQuantityBook(repositories.orders.counterWrites);
  const money = createMoneyBook();
  const heads = createHeadBook();
  const batches = createBatchBook();
  const files = createFileBook();
  const trails = createTrailBook((id, fields) => {
    const entity = entityOf(id);
    return entity === undefined ? undefined : storeOf(repositories, entity, id).told.toldTexts(id, fields);
  });

  const refers = (vendorId: string): void =>
    claims.expect({ entity: 'vendor', id: vendorId, version: 0 }, [repositories.vendors.reference(vendorId)]);

  const takers: Readonly<Partial<Record<Verified, (owner: Owner, item: Item) => void>>> = {
    vendors: (owner, item) =>
      claims.expect(owner, repositories.vendors.taxIdWrites(undefined, repositories.vendors.vendors.fromItem(item))),
    users(owner, item) {
      const { users, emailWrites, identityWrites } = repositories.users;
      const user = users.fromItem(item);
      claims.expect(owner, [...emailWrites(undefined, user), ...identityWrites(undefined, user)]);
    },
    purchase_orders(owner, item) {
      const order = repositories.orders.orders.fromItem(item);
      refers(order.vendor_id);
      quantities.order(order);
      claims.expect(owner, repositories.orders.numberWrites(undefined, order));
    },
    goods_receipts: (_owner, item) => quantities.receipt(repositories.receipts.receipts.fromItem(item)),
    invoices(owner, item) {
      const invoice = repositories.invoices.invoices.fromItem(item);
      refers(invoice.vendor_id);
      quantities.invoice(invoice);
      money.invoice(invoice);
      if (invoice.number_claim !== null)
        for (const key of invoice.number_similar ?? [invoice.number_loose]) claims.expectSimilar(key, invoice.id);
      claims.expect(owner, repositories.invoices.numberWrites(undefined, invoice));
    },
    payments(owner, item) {
      const payment = repositories.payments.payments.fromItem(item);
      money.payment(payment);
      batches.payment(payment);
      if (!isOwnReference(payment.reference_number))
        claims.expect(owner, [repositories.payments.referenceWrite(payment)]);
    },
    payment_batches(owner, item) {
      const batch = repositories.batches.batches.fromItem(item);
      batches.batch(batch);
      files.batch(batch);
      if (batch.message_id !== null)
        claims.expect(owner, [repositories.batches.messageIdWrite(batch.id, batch.message_id)]);
    },
  };

  /** What lies beside an order or a batch. */
  function takeBeside(table: Entities, item: Item): void {
    if (table === 'payment_batches' && String(item['id']).endsWith('#run')) batches.running(String(item['batch_id']));
    const counters = table === 'purchase_orders' ? repositories.orders.countersFromItem(item) : undefined;
    if (counters !== undefined) quantities.counters(counters);
  }

  function takeEntity(table: Entities, item: Item, broken: boolean): void {
    const owner = ownerOf(table, item);
    if (owner === undefined) takeBeside(table, item);
    else {
      heads.entity(owner, headOf(item));
      const store = storeOf(repositories, owner.entity, owner.id);
      if (!broken) trails.entity(owner, headOf(item), store.told.texts(store.fromItem(item)));
      takers[table]?.(owner, item);
    }
  }

  function takeEvent(item: Item): void {
    const event = readEvent(item);
    heads.event(event);
    trails.event(event);
  }

  return {
    /** @param broken its seal is: what it holds says nothing */
    take(table: Verified, item: Item, broken: boolean): void {
      if (table === 'keys') claims.found(item);
      else if (table === 'audit_log') takeEvent(item);
      else takeEntity(table, item, broken);
    },
    file: files.found,
    unlike: trails.unlike,
    findings: (): readonly Finding[] => [
      ...claims.findings().map((finding) => (heads.knows(finding.id) ? finding : forPeople(finding))),
      ...quantities.findings(),
      ...batches.findings(),
      ...money.findings(batches.gone()),
      ...heads.findings(),
      ...files.findings(),
    ],
  };
}

/** What somebody should hold who is not there is for people to judge. Claims of nobody have no owner, and are freed. */
function forPeople(finding: Finding): Finding {
  const { mend, ...rest } = finding;
  return mend?.owner === undefined ? finding : rest;
}

/** Undefined for what lies beside an entity: counters, matches, plans and runs. */
function ownerOf(table: Entities, item: Item): Owner | undefined {
  const id = String(item['id']);
  if (id.includes('#') || typeof item['audit'] !== 'object') return undefined;
  const entity = table === 'settings' ? entityOf(id, table) : KINDS[table];
  if (entity === undefined) return undefined;
  return { entity, id, version: Number(item['version']) };
}

function headOf(item: Item): { readonly seq: number; readonly hash: string } {
  const { seq, hash } = item['audit'] as Item;
  return { seq: Number(seq), hash: String(hash) };
}
