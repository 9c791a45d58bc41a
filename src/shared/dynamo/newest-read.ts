/**
 * That whoever asks is read in the newest version: a person, a key or a key's owner of which an older version was put back, with its valid
 * seal, still has the event that followed it. What was found to be the newest is believed for as long as an access token is, so that a
 * caller costs this read once in that time and not with every command.
 */
import { GetCommand } from '@aws-sdk/lib-dynamodb';
import type { AuditHead } from '../audit/event.ts';
import { IntegrityError } from '../errors.ts';
import type { DocumentClient } from './client.ts';
import type { TableName } from './tables.ts';

export interface Headed {
  readonly id: string;
  readonly audit: AuditHead;
}

export interface NewestRead {
  /**
   * @param again reads the same entity once more: it may have been decided on since
   * @throws IntegrityError `integrity.rolled-back`
   */
  require(table: TableName, read: Headed, again: () => Promise<Headed | undefined>, now: number): Promise<void>;
}

export interface NewestReadDeps {
  readonly client: DocumentClient;
  readonly tableNames: Readonly<Record<TableName, string>>;
  readonly failed: (error: IntegrityError) => void;
  /** How many are believed at once; the one believed longest goes first. */
  readonly most?: number;
}

const BELIEVED_MS = 300_000;
const MOST_BELIEVED = 10_000;

export function createNewestRead({ client, tableNames, failed, most = MOST_BELIEVED }: NewestReadDeps): NewestRead {
  const believed = new Map<string, number>();

  async function isFollowed({ id, audit }: Headed): Promise<boolean> {
    const { Item: event } = await client.send(
      new GetCommand({
        TableName: tableNames.audit_log,
        Key: { entity_id: id, seq: audit.seq + 1 },
        ProjectionExpression: 'seq',
        ConsistentRead: true,
      }),
    );
    return event !== undefined;
  }

  function believe(key: string, now: number): void {
    believed.delete(key);
    believed.set(key, now);
    for (const oldest of believed.keys()) {
      if (believed.size <= most) break;
      believed.delete(oldest);
    }
  }

  return {
    async require(table, read, again, now) {
      const key = `${read.id} ${read.audit.seq}`;
      if ((believed.get(key) ?? Number.NEGATIVE_INFINITY) > now - BELIEVED_MS) return;
      if (await isFollowed(read)) {
        const later = await again();
        if (later !== undefined && later.audit.seq <= read.audit.seq) {
          const error = new IntegrityError('integrity.rolled-back', table, read.id);
          failed(error);
          throw error;
        }
        // Decided on between the two reads: whoever asks is what was read first, and the next request sees the rest.
        return;
      }
      believe(key, now);
    },
  };
}
