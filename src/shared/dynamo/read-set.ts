/**
 * What one decision has read, with the versions it saw. Reads of several entities are of several moments: a payment from before another's
 * decision beside an invoice from after it makes a sum that cannot be, or a refusal that is not true. Each entity is read again when the
 * decision has failed; where every version still stands, all of them stood together after the last read, so it was of one moment.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { BatchGetCommand } from '@aws-sdk/lib-dynamodb';
import type { DocumentClient } from './client.ts';
import type { Item } from './codec.ts';
import type { TableName } from './tables.ts';

export interface ReadSet {
  /** Runs a decision whose reads are noted here. */
  during<T>(decide: () => Promise<T>): Promise<T>;
  /** Whether anything it read has changed since, or was read twice with a change between. */
  moved(deps: ReadSetDeps): Promise<boolean>;
  /** Entities that were read in one of these tables, with the event that each has as its last. */
  heads(tables: ReadonlySet<TableName>): readonly ReadHead[];
}

export interface ReadHead {
  readonly table: TableName;
  readonly id: string;
  readonly seq: number;
}

export interface ReadSetDeps {
  readonly client: DocumentClient;
  readonly tableNames: Readonly<Record<TableName, string>>;
}

interface Read {
  readonly table: TableName;
  readonly id: string;
  readonly version: string;
  /** Absent for what has no trail. */
  readonly seq: number | undefined;
}

interface Noted {
  readonly reads: Map<string, Read>;
  torn: boolean;
}

const current = new AsyncLocalStorage<Noted>();

/** DynamoDB reads at most so many items at once. */
const CHUNK = 100;
/** A decision over more than this is refused for its size long before. */
const MAX_READS = 1000;

/** Told by what reads entities; outside of a decision it notes nothing. */
export function noteRead(table: TableName, id: string, item: Item | undefined): void {
  const noted = current.getStore();
  if (noted === undefined || noted.reads.size >= MAX_READS) return;
  const key = `${table}/${id}`;
  const version = versionOf(item);
  const before = noted.reads.get(key);
  if (before !== undefined && before.version !== version) noted.torn = true;
  noted.reads.set(key, before ?? { table, id, version, seq: seqOf(item) });
}

/** An item that is not there is another version than any. */
const versionOf = (item: Item | undefined): string =>
  item === undefined ? 'absent' : `version ${String(item['version'])}`;

function seqOf(item: Item | undefined): number | undefined {
  const audit = item?.['audit'] as { readonly seq?: unknown } | undefined;
  return audit?.seq === undefined ? undefined : Number(audit.seq);
}

export function createReadSet(): ReadSet {
  const noted: Noted = { reads: new Map(), torn: false };
  return {
    during: (decide) => current.run(noted, decide),
    moved: (deps) => moved(noted, deps),
    heads: (tables) =>
      [...noted.reads.values()].flatMap(({ table, id, seq }) =>
        seq === undefined || !tables.has(table) ? [] : [{ table, id, seq }],
      ),
  };
}

/** The same of the decision that is under way: one that catches its own refusal asks before it goes on with it. */
export async function readsMoved(deps: ReadSetDeps): Promise<boolean> {
  const noted = current.getStore();
  return noted !== undefined && moved(noted, deps);
}

async function moved(noted: Noted, deps: ReadSetDeps): Promise<boolean> {
  if (noted.torn) return true;
  const reads = [...noted.reads.values()];
  // What was read alone was of one moment whatever happened since.
  if (reads.length < 2) return false;
  for (let start = 0; start < reads.length; start += CHUNK)
    if (await someMoved(deps, reads.slice(start, start + CHUNK))) return true;
  return false;
}

/** What DynamoDB leaves unread counts as moved: deciding again reads it again. */
async function someMoved({ client, tableNames }: ReadSetDeps, reads: readonly Read[]): Promise<boolean> {
  const tables = new Set(reads.map(({ table }) => table));
  const request = [...tables].map((table) => [
    tableNames[table],
    {
      Keys: reads.filter((read) => read.table === table).map(({ id }) => ({ id })),
      ConsistentRead: true,
      ProjectionExpression: '#id, #version',
      ExpressionAttributeNames: { '#id': 'id', '#version': 'version' },
    },
  ]);
  const { Responses = {}, UnprocessedKeys = {} } = await client.send(
    new BatchGetCommand({ RequestItems: Object.fromEntries(request) }),
  );
  if (Object.keys(UnprocessedKeys).length > 0) return true;
  return reads.some(({ table, id, version }) => {
    const item = (Responses[tableNames[table]] ?? []).find((found) => found['id'] === id);
    return versionOf(item) !== version;
  });
}
