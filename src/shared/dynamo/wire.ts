/**
 * Whole tables in DynamoDB's own JSON, as its exports write it: every type and every digit of a number survives. For jobs that copy or check
 * tables; no request reads a table like this.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type AttributeValue, BatchWriteItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { canonicalJson, sha256 } from '../audit/canonical.ts';
import type { DocumentClient } from './client.ts';
import type { Item } from './codec.ts';

export type WireItem = Record<string, AttributeValue>;

/** Every item, strongly consistent each, but not all of one moment; with `attributes` no more of each than those. */
export async function* scanWire(
  client: DocumentClient,
  tableName: string,
  attributes?: readonly string[],
): AsyncGenerator<WireItem, void, undefined> {
  let start: WireItem | undefined;
  do {
    const { Items = [], LastEvaluatedKey } = await client.send(
      new ScanCommand({
        TableName: tableName,
        ConsistentRead: true,
        ...(attributes === undefined ? {} : projected(attributes)),
        ...(start === undefined ? {} : { ExclusiveStartKey: start }),
      }),
    );
    yield* Items;
    start = LastEvaluatedKey;
  } while (start !== undefined);
}

/** Names such as `status` are words of DynamoDB's own, so every one goes by a placeholder. */
const projected = (attributes: readonly string[]) => ({
  ProjectionExpression: attributes.map((_, at) => `#a${at}`).join(', '),
  ExpressionAttributeNames: Object.fromEntries(attributes.map((name, at) => [`#a${at}`, name])),
});

/** Every item as programs read it; numbers as text. */
export async function* scanItems(
  client: DocumentClient,
  tableName: string,
  attributes?: readonly string[],
): AsyncGenerator<Item, void, undefined> {
  for await (const item of scanWire(client, tableName, attributes)) yield fromWire(item);
}

export const fromWire = (item: WireItem): Item => unmarshall(item, { wrapNumbers: (text: string) => text });

/** DynamoDB's own limit of one BatchWriteItem. */
export const WRITE_AT_ONCE = 25;
const MAX_ATTEMPTS = 10;

/** Puts up to 25 items over whatever is there. @throws Error when the table stays too busy. */
export async function writeWire(
  client: DocumentClient,
  tableName: string,
  items: readonly WireItem[],
  firstWaitMs = 50,
): Promise<void> {
  let left = items.map((Item) => ({ PutRequest: { Item } }));
  for (let attempt = 0; left.length > 0; attempt += 1) {
    if (attempt === MAX_ATTEMPTS)
      throw new Error(`${tableName} is too busy: ${left.length} items could not be written`);
    if (attempt > 0) await sleep(Math.random() * firstWaitMs * 2 ** Math.min(attempt, 6));
    const { UnprocessedItems = {} } = await client.send(
      new BatchWriteItemCommand({ RequestItems: { [tableName]: left } }),
    );
    left = (UnprocessedItems[tableName] ?? []).flatMap(({ PutRequest }) =>
      PutRequest?.Item === undefined ? [] : [{ PutRequest: { Item: PutRequest.Item } }],
    );
  }
}

/** One line, without its end: the same item always gives the same line. */
export const wireLine = (item: WireItem): string => canonicalJson({ Item: encoded({ M: item }).M });

/** @throws Error where the line is none of `wireLine`'s or of an export. */
export function wireFromLine(line: string): WireItem {
  const { Item } = JSON.parse(line) as { readonly Item?: WireItem };
  if (Item === undefined) throw new Error('a line without an item');
  return decodedMembers(Item);
}

/** An item as JSON text that is hardly longer than what it says, and back. */
export const toJson = (item: WireItem): string => JSON.stringify(shortMembers(item));
export const fromJson = (text: string): WireItem => longMembers(JSON.parse(text) as Record<string, Short>);

/** Text is text, null is null and a map is an object; anything else names its type. */
type Short = string | null | readonly [type: string, value: never] | { readonly [name: string]: Short };

const shortMembers = (item: WireItem): Record<string, unknown> =>
  Object.fromEntries(Object.entries(item).map(([name, value]) => [name, short(value)]));

function short(value: AttributeValue): unknown {
  if (value.S !== undefined) return value.S;
  if (value.NULL === true) return null;
  return value.M === undefined ? Object.entries(encoded(value))[0] : shortMembers(value.M);
}

const longMembers = (members: Readonly<Record<string, Short>>): WireItem =>
  Object.fromEntries(Object.entries(members).map(([name, value]) => [name, long(value)]));

function long(value: Short): AttributeValue {
  if (typeof value === 'string') return { S: value };
  if (value === null) return { NULL: true };
  return isTyped(value) ? decoded({ [value[0]]: value[1] } as never) : { M: longMembers(value) };
}

const isTyped = (value: object): value is readonly [string, never] => Array.isArray(value);

type Loose = { readonly [K in 'M' | 'L' | 'B' | 'BS']?: unknown } & {
  readonly M?: WireItem;
  readonly L?: AttributeValue[];
};

/** Bytes as base64, everywhere inside. */
function encoded(value: AttributeValue): { readonly M?: Record<string, unknown> } & Record<string, unknown> {
  const { M, L, B, BS } = value as Loose & { readonly B?: Uint8Array; readonly BS?: Uint8Array[] };
  if (M !== undefined)
    return { M: Object.fromEntries(Object.entries(M).map(([name, member]) => [name, encoded(member)])) };
  if (L !== undefined) return { L: L.map(encoded) };
  if (B !== undefined) return { B: Buffer.from(B).toString('base64') };
  if (BS !== undefined) return { BS: BS.map((bytes) => Buffer.from(bytes).toString('base64')) };
  return { ...value };
}

const decodedMembers = (item: WireItem): WireItem =>
  Object.fromEntries(Object.entries(item).map(([name, member]) => [name, decoded(member)]));

function decoded(value: AttributeValue): AttributeValue {
  const { M, L, B, BS } = value as Loose & { readonly B?: string; readonly BS?: string[] };
  if (M !== undefined) return { M: decodedMembers(M) };
  if (L !== undefined) return { L: L.map(decoded) };
  if (B !== undefined) return { B: Buffer.from(B, 'base64') };
  if (BS !== undefined) return { BS: BS.map((text) => Buffer.from(text, 'base64')) };
  return value;
}

/** A digest of many lines that does not depend on their order: the sum of their SHA-256. */
export interface LineDigest {
  add(line: string): void;
  readonly count: number;
  hex(): string;
}

const MODULUS = 2n ** 256n;

export function lineDigest(): LineDigest {
  let [sum, count] = [0n, 0];
  return {
    add(line) {
      sum = (sum + BigInt(`0x${sha256(line)}`)) % MODULUS;
      count += 1;
    },
    get count() {
      return count;
    },
    hex: () => sum.toString(16).padStart(64, '0'),
  };
}
