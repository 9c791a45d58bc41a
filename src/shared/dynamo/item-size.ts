/** Bytes of an item as DynamoDB counts them: names and text in UTF-8, numbers by digits, 3 a container and 1 an element. */
import { NumberValue } from '@aws-sdk/lib-dynamodb';
import type { Item } from './codec.ts';

/** DynamoDB's limit is 400 KB; what is left is for index keys and growth of counters. */
export const MAX_ITEM_BYTES = 380_000;

export const itemSize = (item: Item): number => sizeOfMembers(item);

function sizeOfMembers(members: Item): number {
  let bytes = 0;
  for (const [name, value] of Object.entries(members)) {
    if (value !== undefined) bytes += Buffer.byteLength(name) + sizeOf(value);
  }
  return bytes;
}

function sizeOf(value: unknown): number {
  if (typeof value === 'string') return Buffer.byteLength(value);
  if (typeof value === 'number') return numberSize(String(value));
  if (value === null || typeof value !== 'object') return 1;
  if (value instanceof NumberValue) return numberSize(value.toString());
  if (value instanceof Uint8Array) return value.byteLength;
  if (Array.isArray(value)) return 3 + value.reduce<number>((sum, entry) => sum + sizeOf(entry) + 1, 0);
  return 3 + sizeOfMembers(value as Item) + Object.keys(value).length;
}

const numberSize = (text: string): number => Math.ceil(text.replace(/\D/g, '').length / 2) + 2;
