/**
 * The store of one entity: its item and its audit event are always written together, under the version that was decided on.
 * A repository says which keys and summary its entity has; this file says how it is read and written.
 */
import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { type AuditedEntity, type AuditHead, changesBetween, eventToItem, makeEvent } from '../audit/event.ts';
import type { Command } from '../command.ts';
import type { Vault } from '../crypto.ts';
import { type KeyHand, keyHandsAfter, refuseKeyMaker } from '../decisions/key-hands.ts';
import { type DomainError, notFound, ruleError } from '../errors.ts';
import type { DocumentClient } from './client.ts';
import type { Codec, Item } from './codec.ts';
import type { Condition } from './conditions.ts';
import { itemSize, MAX_ITEM_BYTES } from './item-size.ts';
import { noteRead } from './read-set.ts';
import type { TableName } from './tables.ts';
import { type ToldFields, toldFields } from './told-fields.ts';
import type { PendingWrite } from './unit-of-work.ts';

export interface EntityRecord {
  readonly id: string;
  readonly status: string;
  /** Counts the decisions on this entity, from 1. */
  readonly version: number;
  readonly created_at: string;
  readonly updated_at: string;
  readonly created_by: string;
  readonly audit: AuditHead;
  /** Absent where no key acted that another than its owner made. */
  readonly key_hands?: readonly KeyHand[];
}

/** What the store itself fills in. */
export type Stamped = 'version' | 'created_at' | 'updated_at' | 'audit';
/** An entity as a decision makes it, before it is stamped. */
export type Draft<T extends EntityRecord> = Omit<T, Stamped>;

export interface EntityStoreDeps {
  readonly client: DocumentClient;
  readonly tableNames: Readonly<Record<TableName, string>>;
  readonly vault: Vault;
}

export interface EntityStoreOptions<T extends EntityRecord> {
  readonly table: TableName;
  readonly entity: AuditedEntity;
  readonly codec: Codec<T>;
  /** Attributes that only the indexes need, and `summary`, at most 1 KB. */
  readonly indexed: (entity: T & Pick<EntityRecord, 'key_hands'>) => Item;
  /** Fields whose values are encrypted in events. */
  readonly sealed?: readonly string[];
  /** Fields left out of events: they repeat what another chain tells. */
  readonly unaudited?: readonly string[];
  /** Called on the item just before it is written and just after it was read, to pack what is large. */
  readonly pack?: (item: Item, bytes: number) => Item;
  readonly unpack?: (item: Item) => Item;
}

export interface Saved<T> {
  readonly entity: T;
  readonly writes: readonly PendingWrite[];
}

export interface EventFacts {
  /** The verb, in the past or as the action's name: `created`, `approve`. */
  readonly action: string;
  readonly reason?: string | undefined;
  readonly on_behalf_of?: string | undefined;
}

export interface EntityStore<T extends EntityRecord> {
  /** Strongly consistent: what a decision stands on. */
  get(id: string): Promise<T | undefined>;
  /** @throws DomainError 404 */
  require(id: string): Promise<T>;
  /** Creation: the id must be free. */
  create(command: Command, draft: Draft<T>, event?: Partial<EventFacts>): Saved<T>;
  /** Change under the version that `before` has. */
  update(command: Command, before: T, after: Draft<T>, event: EventFacts): Saved<T>;
  /** Deletion under the version that `before` has; its chain ends with an event. */
  remove(command: Command, before: T, event: EventFacts): readonly PendingWrite[];
  /** A condition on an entity that the decision reads but does not write. Without `refuse` the decision is made again. */
  check(id: string, condition: Condition, refuse?: (existing: Item | undefined) => DomainError): PendingWrite;
  fromItem(item: Item): T;
  /** What its events tell of it. */
  readonly told: ToldFields<T>;
}

/** Every entity of a table stands in its constant-key index under this value. */
export const ALL = '1';

export function entityStore<T extends EntityRecord>(
  deps: EntityStoreDeps,
  options: EntityStoreOptions<T>,
): EntityStore<T> {
  const fromItem = (item: Item): T => options.codec.decode(options.unpack === undefined ? item : options.unpack(item));
  const get = async (id: string): Promise<T | undefined> => {
    const { Item: item } = await deps.client.send(
      new GetCommand({ TableName: deps.tableNames[options.table], Key: { id }, ConsistentRead: true }),
    );
    noteRead(options.table, id, item);
    return item === undefined ? undefined : fromItem(item);
  };
  const toItem = (entity: T): Item => {
    const item = { ...options.codec.encode(entity), all: ALL, ...options.indexed(entity) };
    const unpacked = itemSize(item);
    const packed = options.pack === undefined ? item : options.pack(item, unpacked);
    const bytes = packed === item ? unpacked : itemSize(packed);
    if (bytes > MAX_ITEM_BYTES) throw tooLarge(options.entity, bytes);
    return packed;
  };
  // Bound to the entity: copied into another's trail it does not open.
  const sealFor =
    (id: string) =>
    (field: string, value: unknown): unknown =>
      value !== undefined && value !== null && options.sealed?.includes(field) ? deps.vault.seal(value, id) : value;
  const stamped = (command: Command, before: T | undefined, after: Draft<T>, facts: EventFacts): Saved<T> => {
    const at = command.now.toISOString();
    if (before !== undefined) refuseKeyMaker(options.entity, command.actor, before, facts.action);
    const handed = { ...after, ...keyHandsAfter(before, command.actor) };
    const event = makeEvent({
      id: command.ids.next('event'),
      entity: options.entity,
      entity_id: after.id,
      head: before?.audit,
      action: facts.action,
      actor: command.actor,
      on_behalf_of: facts.on_behalf_of,
      reason: facts.reason,
      changes: changesBetween(before, handed, sealFor(after.id)).filter(
        ({ field }) => !options.unaudited?.includes(field),
      ),
      at,
      request_id: command.request_id,
    });
    const entity = {
      ...handed,
      version: (before?.version ?? 0) + 1,
      created_at: before?.created_at ?? at,
      updated_at: at,
      audit: { seq: event.seq, hash: event.hash },
    } as unknown as T;
    return { entity, writes: [entityPut(entity, before), eventPut(event)] };
  };
  const entityPut = (entity: T, before: T | undefined): PendingWrite => ({
    action: 'put',
    table: options.table,
    key: { id: entity.id },
    item: toItem(entity),
    condition: versionCondition(before),
  });
  return {
    get,
    async require(id) {
      const entity = await get(id);
      if (entity === undefined) throw notFound(options.entity, id);
      return entity;
    },
    create: (command, draft, event) => stamped(command, undefined, draft, { action: 'created', ...event }),
    update: (command, before, after, event) => stamped(command, before, after, event),
    remove(command, before, facts) {
      const [, ...events] = stamped(command, before, before, facts).writes;
      const removal: PendingWrite = {
        action: 'delete',
        table: options.table,
        key: { id: before.id },
        condition: versionCondition(before),
      };
      return [removal, ...events];
    },
    check: (id, condition, refuse) => ({
      action: 'check',
      table: options.table,
      key: { id },
      condition,
      ...(refuse === undefined ? {} : { refuse }),
    }),
    fromItem,
    told: toldFields({ ...options, vault: deps.vault }),
  };
}

const versionCondition = (before: EntityRecord | undefined): Condition =>
  before === undefined ? { kind: 'absent' } : { kind: 'equals', attribute: 'version', value: before.version };

const eventPut = (event: ReturnType<typeof makeEvent>): PendingWrite => ({
  action: 'put',
  table: 'audit_log',
  key: { entity_id: event.entity_id, seq: event.seq },
  item: eventToItem(event),
  condition: { kind: 'absent' },
});

const tooLarge = (entity: string, bytes: number): DomainError =>
  ruleError(
    `${entity}.too-large`,
    `It would take ${Math.ceil(bytes / 1000)} KB of the ${MAX_ITEM_BYTES / 1000} KB that one ${entity.replaceAll('_', ' ')} may take. Split it, or shorten its texts.`,
  );
