/** Which kind lies where, what of an event a caller is shown, and what a chain is worth. Pure. */
import {
  AUDITED_ENTITIES,
  type AuditEvent,
  type AuditedEntity,
  type AuditHead,
  type ChainVerdict,
  type Change,
  eventFromItem,
  verifyChain,
} from '../../shared/audit/event.ts';
import { isSealedText } from '../../shared/crypto.ts';
import type { Item } from '../../shared/dynamo/codec.ts';
import type { TableName } from '../../shared/dynamo/tables.ts';
import { idPattern } from '../../shared/ids.ts';
import type { Subject } from './trail.schema.ts';

export const TABLE_OF: Readonly<Record<AuditedEntity, TableName>> = {
  vendor: 'vendors',
  bank_account: 'bank_accounts',
  purchase_order: 'purchase_orders',
  receipt: 'goods_receipts',
  invoice: 'invoices',
  payment: 'payments',
  payment_batch: 'payment_batches',
  bank_message: 'bank_messages',
  document: 'documents',
  user: 'users',
  api_key: 'api_keys',
  debtor_account: 'settings',
  exchange_rate: 'settings',
  settings: 'settings',
};

/** `company`, `writing_region`: ids have digits, and what lies beside an item is named after a `#`. */
const SETTING = /^[a-z]+(_[a-z]+)*$/;

/** Settings are named, everything else has an id that tells its kind. */
export const isIdOf = ({ entity, entity_id }: Subject): boolean =>
  (entity === 'settings' ? SETTING : new RegExp(idPattern(entity))).test(entity_id);

/** Whose item it is in that table, or in any; undefined for what lies beside an entity and has no trail. */
export const entityOf = (entity_id: string, table?: TableName): AuditedEntity | undefined =>
  AUDITED_ENTITIES.find(
    (entity) => (table === undefined || TABLE_OF[entity] === table) && isIdOf({ entity, entity_id }),
  );

/** An event whose changes cannot be read was tampered with: it is shown as it is, and its hash tells. */
export function readEvent(item: Item): AuditEvent {
  try {
    const event = eventFromItem(item);
    return Array.isArray(event.changes) ? event : unreadable(item);
  } catch {
    return unreadable(item);
  }
}

const unreadable = ({ changes_gz: _bytes, ...item }: Item): AuditEvent =>
  eventFromItem({ ...item, changes: JSON.stringify([{ field: 'unreadable', before: null, after: null }]) });

type Open = (sealed: string, entityId: string) => unknown;

/** Bank details are stored encrypted; `open` is absent for callers who may not see them. */
export function shownEvent(event: AuditEvent, open: Open | undefined): AuditEvent {
  const shown = (value: unknown): unknown => {
    if (typeof value !== 'string' || !isSealedText(value)) return value;
    return open === undefined ? 'sealed' : opened(event, value, open);
  };
  const changes = event.changes.map(
    ({ field, before, after }): Change => ({
      field,
      before: shown(before),
      after: shown(after),
    }),
  );
  return { ...event, changes };
}

/** What was tampered with, or sealed with a key that is gone, must not hide the rest of the trail. */
function opened({ entity_id }: AuditEvent, sealed: string, open: Open): unknown {
  try {
    return open(sealed, entity_id);
  } catch {
    return 'sealed';
  }
}

/** The entity as the chain needs it: whether it is there, and the head it holds. */
export interface HeldHead {
  readonly exists: boolean;
  readonly head: AuditHead | undefined;
  /** It is not what this system wrote. */
  readonly broken?: true;
}

export function verdictOn({ entity }: Subject, events: readonly AuditEvent[], held: HeldHead): ChainVerdict {
  const verdict = verifyChain(events, held.head);
  const stranger = events.findIndex((event) => event.entity !== entity);
  const brokenAt = verdict.first_broken?.seq ?? Number.POSITIVE_INFINITY;
  if (stranger >= 0 && stranger + 1 < brokenAt)
    return broken(verdict, stranger + 1, 'it belongs to an entity of another kind');
  if (!verdict.valid || held.head !== undefined) return verdict;
  if (held.broken) return broken(verdict, events.length + 1, 'the entity is not what this system wrote');
  if (held.exists) return broken(verdict, events.length + 1, 'the entity holds no head');
  if (events.at(-1)?.action === 'deleted') return verdict;
  return broken(verdict, events.length + 1, 'the entity is missing, and no event tells of its deletion');
}

const broken = ({ events, head_hash }: ChainVerdict, seq: number, reason: string): ChainVerdict => ({
  valid: false,
  events,
  head_hash,
  first_broken: { seq, reason },
});
