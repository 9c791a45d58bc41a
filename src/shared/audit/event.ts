/**
 * Audit events: a hash chain an entity. Each event carries the hash of the one before it; the entity holds the head, so that a
 * changed, reordered or missing event is found from the data alone.
 */
import { gunzipSync, gzipSync } from 'node:zlib';
import type { Actor } from '../command.ts';
import type { Item } from '../dynamo/codec.ts';
import { canonicalJson, sha256 } from './canonical.ts';

/** The singular names of docs/contract.md#resources. */
export const AUDITED_ENTITIES = [
  'vendor',
  'bank_account',
  'purchase_order',
  'receipt',
  'invoice',
  'payment',
  'payment_batch',
  'bank_message',
  'document',
  'user',
  'api_key',
  'debtor_account',
  'exchange_rate',
  'settings',
] as const;

export type AuditedEntity = (typeof AUDITED_ENTITIES)[number];

export interface Change {
  readonly field: string;
  readonly before: unknown;
  readonly after: unknown;
}

export interface AuditHead {
  readonly seq: number;
  readonly hash: string;
}

export interface AuditEvent {
  readonly id: string;
  readonly entity: AuditedEntity;
  readonly entity_id: string;
  /** From 1 without a gap. */
  readonly seq: number;
  readonly action: string;
  readonly actor: string;
  readonly on_behalf_of: string | null;
  /** The API key a machine used. */
  readonly via: string | null;
  readonly reason: string | null;
  readonly changes: readonly Change[];
  readonly at: string;
  readonly request_id: string;
  readonly prev_hash: string;
  readonly hash: string;
}

/** What the first event of a chain follows. */
export const GENESIS_HASH = '0'.repeat(64);

/** Fields that only keep the books of the record itself. */
const BOOKKEEPING = new Set(['version', 'updated_at', 'audit']);
/** What no event tells of as a change: the moment of creation is that of the first. */
export const isBookkeeping = (field: string): boolean => BOOKKEEPING.has(field) || field === 'created_at';

/** A list of lines before and after may exceed what an item can hold; past this its digest stands for it. */
const MAX_CHANGE_BYTES = 120_000;

export interface EventInput {
  readonly id: string;
  readonly entity: AuditedEntity;
  readonly entity_id: string;
  readonly head: AuditHead | undefined;
  readonly action: string;
  readonly actor: Pick<Actor, 'id' | 'via'>;
  readonly on_behalf_of?: string | undefined;
  readonly reason?: string | undefined;
  readonly changes: readonly Change[];
  readonly at: string;
  readonly request_id: string;
}

export function makeEvent(input: EventInput): AuditEvent {
  const content = {
    id: input.id,
    entity: input.entity,
    entity_id: input.entity_id,
    seq: (input.head?.seq ?? 0) + 1,
    action: input.action,
    actor: input.actor.id,
    on_behalf_of: input.on_behalf_of ?? null,
    via: input.actor.via ?? null,
    reason: input.reason ?? null,
    changes: input.changes,
    at: input.at,
    request_id: input.request_id,
    prev_hash: input.head?.hash ?? GENESIS_HASH,
  };
  return { ...content, hash: hashOf(content) };
}

export const hashOf = (content: Omit<AuditEvent, 'hash'>): string => {
  const { hash: _ignored, ...rest } = content as AuditEvent;
  return sha256(canonicalJson(rest));
};

/** Top-level fields that differ, `sealed` ones through `seal`. `before` undefined is a creation. */
export function changesBetween(
  before: object | undefined,
  after: object,
  seal: (field: string, value: unknown) => unknown,
): readonly Change[] {
  const changes: Change[] = [];
  const was = new Map<string, unknown>(Object.entries(before ?? {}));
  const is = new Map<string, unknown>(Object.entries(after));
  for (const field of new Set([...was.keys(), ...is.keys()])) {
    if (BOOKKEEPING.has(field)) continue;
    const [old, current] = [was.get(field), is.get(field)];
    if (sameValue(old, current)) continue;
    changes.push({ field, before: bounded(seal(field, old)), after: bounded(seal(field, current)) });
  }
  return changes;
}

/** What is absent and null are the same; so are objects whose members stand in another order. */
function sameValue(a: unknown, b: unknown): boolean {
  const [old, current] = [a ?? null, b ?? null];
  if (old === current) return true;
  if (old === null || current === null || typeof old !== 'object' || typeof current !== 'object') return false;
  return canonicalJson(old) === canonicalJson(current);
}

/** As an event tells it: past a size by its digest. */
export function bounded(value: unknown): unknown {
  if (value === undefined) return null;
  if (value === null || typeof value !== 'object') return value;
  // As long as the canonical text, and made faster.
  if (JSON.stringify(value).length <= MAX_CHANGE_BYTES) return value;
  const text = canonicalJson(value);
  return { sha256: sha256(text), bytes: text.length, ...(Array.isArray(value) ? { count: value.length } : {}) };
}

/** What `bounded` makes of a value that is too long. */
export const isDigest = (value: unknown): value is { readonly sha256: string; readonly bytes: number } =>
  typeof value === 'object' && value !== null && 'sha256' in value && 'bytes' in value;

/** The fields that a chain adds up to: each as the last event that names it says. */
export function told(events: Iterable<Pick<AuditEvent, 'changes'>>): Item {
  const fields: Item = {};
  for (const { changes } of events) for (const { field, after } of changes) fields[field] = after;
  return fields;
}

/** Over 1 KB the changes are stored gzipped: an event is written once and read rarely. */
const GZIP_OVER = 1024;

export function eventToItem(event: AuditEvent): Item {
  const { changes, ...rest } = event;
  const text = JSON.stringify(changes);
  return text.length > GZIP_OVER ? { ...rest, changes_gz: gzipSync(text, { level: 1 }) } : { ...rest, changes: text };
}

export function eventFromItem(item: Item): AuditEvent {
  const { changes, changes_gz, seq, ...rest } = item;
  const text = changes_gz === undefined ? String(changes) : gunzipSync(changes_gz as Uint8Array).toString('utf8');
  return { ...rest, seq: Number(seq), changes: JSON.parse(text) } as unknown as AuditEvent;
}

export interface ChainVerdict {
  readonly valid: boolean;
  readonly events: number;
  readonly head_hash: string | null;
  readonly first_broken?: { readonly seq: number; readonly reason: string };
}

/** Checks a whole chain, oldest first, against the head that the entity holds. */
export function verifyChain(events: readonly AuditEvent[], head: AuditHead | undefined): ChainVerdict {
  const found = { events: events.length, head_hash: events.at(-1)?.hash ?? null };
  let previous = GENESIS_HASH;
  for (const [index, event] of events.entries()) {
    const reason = brokenReason(event, index + 1, previous);
    if (reason !== undefined) return { valid: false, ...found, first_broken: { seq: index + 1, reason } };
    previous = event.hash;
  }
  if (head !== undefined && (head.seq !== events.length || head.hash !== previous))
    return {
      valid: false,
      ...found,
      first_broken: {
        seq: Math.min(head.seq, events.length) + 1,
        reason: 'the chain does not end at the head the entity holds',
      },
    };
  return { valid: true, ...found };
}

function brokenReason(event: AuditEvent, seq: number, previous: string): string | undefined {
  if (event.seq !== seq) return `event ${seq} is missing`;
  if (event.prev_hash !== previous) return 'it does not follow the event before it';
  if (hashOf(event) !== event.hash) return 'its content was changed';
  return undefined;
}
