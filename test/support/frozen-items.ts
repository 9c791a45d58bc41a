/**
 * Items as a release stored them, one of each table, kind and status: `npm run freeze-items` writes them at a release, and they are never
 * written again, so that what stands in somebody's tables stays readable.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { type AttributeValue, DynamoDBClient, PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { TABLES, type TableName } from '../../src/shared/dynamo/tables.ts';
import type { TestApi } from './api.ts';

export interface FrozenItem {
  readonly table: TableName;
  readonly item: Record<string, AttributeValue>;
}

const FOLDER = 'test/fixtures/items';
/** What names nothing that a release keeps: sign-ins, counters, replies. */
const PASSING: readonly TableName[] = ['sessions', 'throttles', 'idempotency', 'security_log', 'audit_log'];

/** They are sealed and encrypted with it. A key of fixtures, and of nothing else. */
export const FROZEN_KEY = Buffer.alloc(32, 'frozen items of releases').toString('base64');

export const frozenReleases = (): readonly string[] => readdirSync(FOLDER).map((file) => file.replace(/\.json$/, ''));

export const frozenFile = (release: string): string => `${FOLDER}/${release}.json`;

export const frozenItems = (release: string): readonly FrozenItem[] =>
  JSON.parse(readFileSync(frozenFile(release), 'utf8'), (_name, value) =>
    typeof value?.base64 === 'string' ? Buffer.from(value.base64, 'base64') : value,
  );

/** As text of a fixture: one item a line. */
export const frozenText = (items: readonly FrozenItem[]): string =>
  `[\n${items.map((item) => JSON.stringify(item, bytesAsBase64)).join(',\n')}\n]\n`;

function bytesAsBase64(this: Record<string, unknown>, name: string, value: unknown): unknown {
  const own = this[name];
  return own instanceof Uint8Array ? { base64: Buffer.from(own).toString('base64') } : value;
}

/** What stands in the tables, as it is stored: the first of each table, kind and status. */
export async function storedItems(api: TestApi): Promise<readonly FrozenItem[]> {
  const client = new DynamoDBClient(api.dynamo.config);
  const found = new Map<string, FrozenItem>();
  for (const table of TABLES.filter((name) => !PASSING.includes(name))) {
    const { Items = [] } = await client.send(new ScanCommand({ TableName: api.dynamo.names[table] }));
    for (const item of Items) {
      const [kind] = (item['id']?.S ?? '').split(/[_#/]/);
      const key = `${table} ${kind} ${item['status']?.S}`;
      if (!found.has(key)) found.set(key, { table, item });
    }
  }
  client.destroy();
  return [...found.values()];
}

/** Puts them back without the program's own client, which would seal them anew. */
export async function restoreItems(api: TestApi, items: readonly FrozenItem[]): Promise<void> {
  const client = new DynamoDBClient(api.dynamo.config);
  for (const { table, item } of items)
    await client.send(new PutItemCommand({ TableName: api.dynamo.names[table], Item: item }));
  client.destroy();
}
