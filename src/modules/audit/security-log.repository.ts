/** The security log in DynamoDB: a partition a day, entries by time. Each is sealed here, since a list shows also what is not. */
import { type AttributeValue, PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import type { EntityStoreDeps } from '../../shared/dynamo/entity-store.ts';
import { type Page, type PageRequest, queryPage } from '../../shared/dynamo/query.ts';
import type { Seals } from '../../shared/dynamo/seals.ts';
import { fromWire, scanWire, type WireItem } from '../../shared/dynamo/wire.ts';
import { IntegrityError } from '../../shared/errors.ts';
import type { LogLink } from './log-book.ts';
import { type LogEntry, logHash } from './log-chain.ts';
import { type SecurityEntry, toSecurityEntry } from './security-log.schema.ts';

export interface SecurityLogRepository {
  put(entry: LogEntry): Promise<void>;
  /** Newest first. */
  list(day: string, page: PageRequest): Promise<Page<SecurityEntry>>;
  /** Of one day, strongly consistent, by time. */
  linksOf(day: string): AsyncGenerator<StoredLink, void, undefined>;
  /** The whole table through, day after day in no order: for jobs alone. */
  allLinks(): AsyncGenerator<StoredLink, void, undefined>;
}

/** `link` is absent for an entry from before the log was chained. */
export interface StoredLink {
  readonly day: string;
  readonly link?: LogLink;
}

export function createSecurityLogRepository(
  deps: EntityStoreDeps,
  seals: Pick<Seals, 'protect' | 'reveal'>,
): SecurityLogRepository {
  const TableName = deps.tableNames.security_log;
  return {
    async put(entry) {
      const Item = seals.protect('security_log', marshall(entry, { removeUndefinedValues: true }));
      await deps.client.send(new PutItemCommand({ TableName, Item }));
    },
    list: (day, page) =>
      queryPage(deps, { table: 'security_log', hash: { name: 'day', value: day } }, page, toSecurityEntry),
    async *linksOf(day) {
      let start: Record<string, AttributeValue> | undefined;
      do {
        const { Items = [], LastEvaluatedKey } = await deps.client.send(
          new QueryCommand({
            TableName,
            KeyConditionExpression: '#day = :day',
            ExpressionAttributeNames: { '#day': 'day' },
            ExpressionAttributeValues: { ':day': { S: day } },
            ConsistentRead: true,
            ...(start === undefined ? {} : { ExclusiveStartKey: start }),
          }),
        );
        for (const item of Items) yield linkOf(seals, item);
        start = LastEvaluatedKey;
      } while (start !== undefined);
    },
    async *allLinks() {
      for await (const item of scanWire(deps.client, TableName)) yield linkOf(seals, item);
    },
  };
}

function linkOf(seals: Pick<Seals, 'reveal'>, stored: WireItem): StoredLink {
  const { seal: _seal, ...content } = fromWire(stored);
  const day = String(content['day']);
  if (content['chain'] === undefined && stored['seal'] === undefined) return { day };
  const { chain, seq, prev_hash, hash, lost } = { ...content, seq: Number(content['seq']) } as unknown as LogEntry;
  const same = logHash({ ...content, seq }) === hash && String(chain).startsWith(`${day}#`);
  const broken = !isOurs(seals, stored)
    ? 'it is not what this system wrote'
    : same
      ? undefined
      : 'its content was changed';
  return { day, link: { day, chain: String(chain), seq, prev_hash, hash, lost, broken } };
}

function isOurs(seals: Pick<Seals, 'reveal'>, stored: WireItem): boolean {
  try {
    seals.reveal('security_log', stored);
    return true;
  } catch (error) {
    if (error instanceof IntegrityError) return false;
    throw error;
  }
}
