/** The trail in DynamoDB: a partition an entity, events by sequence. It is only read here; events are written with what they tell of. */
import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { type AuditEvent, eventFromItem } from '../../shared/audit/event.ts';
import type { Item } from '../../shared/dynamo/codec.ts';
import type { EntityStoreDeps } from '../../shared/dynamo/entity-store.ts';
import { type ListPlan, type Page, type PageRequest, queryAll, queryPage } from '../../shared/dynamo/query.ts';
import type { TableName } from '../../shared/dynamo/tables.ts';
import type { Anchor } from './trail.ts';

export interface TrailRepository {
  /** Newest first. */
  list(entityId: string, page: PageRequest): Promise<Page<AuditEvent>>;
  /** The whole chain, oldest first, strongly consistent. */
  chain(entityId: string): Promise<readonly AuditEvent[]>;
  /** Strongly consistent. */
  anchor(table: TableName, entityId: string): Promise<Anchor>;
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
    async anchor(table, entityId) {
      const { Item: item } = await deps.client.send(
        new GetCommand({
          TableName: deps.tableNames[table],
          Key: { id: entityId },
          ConsistentRead: true,
          ProjectionExpression: 'id, audit',
        }),
      );
      return { exists: item !== undefined, head: toHead(item?.['audit']) };
    },
  };
}

/** An event whose changes cannot be read was tampered with: it is shown as it is, and its hash tells. */
function readEvent(item: Item): AuditEvent {
  try {
    const event = eventFromItem(item);
    return Array.isArray(event.changes) ? event : unreadable(item);
  } catch {
    return unreadable(item);
  }
}

const unreadable = ({ changes_gz: _bytes, ...item }: Item): AuditEvent =>
  eventFromItem({ ...item, changes: JSON.stringify([{ field: 'unreadable', before: null, after: null }]) });

function toHead(audit: unknown): Anchor['head'] {
  if (typeof audit !== 'object' || audit === null) return undefined;
  const { seq, hash } = audit as Item;
  return { seq: Number(seq), hash: String(hash) };
}
