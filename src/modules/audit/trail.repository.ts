/** The trail in DynamoDB: a partition an entity, events by sequence. It is only read here; events are written with what they tell of. */
import { GetCommand } from '@aws-sdk/lib-dynamodb';
import type { AuditEvent, AuditHead } from '../../shared/audit/event.ts';
import type { Item } from '../../shared/dynamo/codec.ts';
import type { EntityStoreDeps } from '../../shared/dynamo/entity-store.ts';
import { type ListPlan, type Page, type PageRequest, queryAll, queryPage } from '../../shared/dynamo/query.ts';
import type { TableName } from '../../shared/dynamo/tables.ts';
import { scanItems } from '../../shared/dynamo/wire.ts';
import { IntegrityError } from '../../shared/errors.ts';
import type { Subject } from './trail.schema.ts';
import { entityOf, type HeldHead, readEvent, TABLE_OF } from './trail.ts';

export interface TrailRepository {
  /** Newest first. */
  list(entityId: string, page: PageRequest): Promise<Page<AuditEvent>>;
  /** The whole chain, oldest first, strongly consistent. */
  chain(entityId: string): Promise<readonly AuditEvent[]>;
  /** Strongly consistent. */
  held(table: TableName, entityId: string): Promise<HeldHead>;
  /** Of every entity there is, whole tables through: for jobs alone, and not of one moment. */
  allHeads(): AsyncGenerator<EntityHead, void, undefined>;
  /** Of every entity that ever was, whole tables through. One that grows meanwhile may come short, or in two parts. */
  allChains(): AsyncGenerator<EntityChain, void, undefined>;
}

export interface EntityHead extends Subject {
  /** Absent where the entity holds none, which none should. */
  readonly head: AuditHead | undefined;
}

export interface EntityChain {
  readonly entity_id: string;
  /** Oldest first. */
  readonly events: readonly AuditEvent[];
}

export function createTrailRepository(deps: EntityStoreDeps): TrailRepository {
  const plan = (entityId: string): ListPlan => ({ table: 'audit_log', hash: { name: 'entity_id', value: entityId } });
  return {
    list: (entityId, page) => queryPage(deps, plan(entityId), page, readEvent),
    async chain(entityId) {
      const events: AuditEvent[] = [];
      for await (const item of queryAll(deps, { ...plan(entityId), ascending: true })) events.push(readEvent(item));
      return events;
    },
    async held(table, entityId) {
      try {
        // The whole item: its seal is over everything.
        const { Item: item } = await deps.client.send(
          new GetCommand({ TableName: deps.tableNames[table], Key: { id: entityId }, ConsistentRead: true }),
        );
        return { exists: item !== undefined, head: toHead(item?.['audit']) };
      } catch (error) {
        if (error instanceof IntegrityError) return { exists: true, head: undefined, broken: true };
        throw error;
      }
    },
    async *allHeads() {
      for (const table of new Set(Object.values(TABLE_OF)))
        for await (const { id, audit } of scanItems(deps.client, deps.tableNames[table], ['id', 'audit'])) {
          const entity = entityOf(String(id), table);
          if (entity !== undefined) yield { entity, entity_id: String(id), head: toHead(audit) };
        }
    },
    async *allChains() {
      let chain: { entity_id: string; events: AuditEvent[] } | undefined;
      // A scan gives the items of one partition together, in the order of their sequence.
      for await (const item of scanItems(deps.client, deps.tableNames.audit_log)) {
        const event = readEvent(item);
        if (chain?.entity_id === event.entity_id) chain.events.push(event);
        else {
          if (chain !== undefined) yield chain;
          chain = { entity_id: event.entity_id, events: [event] };
        }
      }
      if (chain !== undefined) yield chain;
    },
  };
}

function toHead(audit: unknown): HeldHead['head'] {
  if (typeof audit !== 'object' || audit === null) return undefined;
  const { seq, hash } = audit as Item;
  return { seq: Number(seq), hash: String(hash) };
}
