/** Lists that make an item large are stored gzipped: 1,000 lines are 300 KB as they stand and a tenth of that packed. */
import { gunzipSync, gzipSync } from 'node:zlib';
import { NumberValue } from '@aws-sdk/lib-dynamodb';
import type { Item } from './codec.ts';
import { itemSize } from './item-size.ts';

/** Past this many bytes a list is packed. */
export const PACK_OVER = 100_000;

/** The value of `field` as it is stored: under `field`, or gzipped under `field_gz`. Numbers become text, which the codec reads alike. */
export function packField(item: Item, field: string, over = PACK_OVER): Item {
  const value = item[field];
  if (value === undefined || value === null || itemSize({ [field]: value }) <= over) return item;
  const { [field]: _packed, ...rest } = item;
  return { ...rest, [`${field}_gz`]: gzipSync(JSON.stringify(value, numbersAsText), { level: 1 }) };
}

export function unpackField(item: Item, field: string): Item {
  const { [`${field}_gz`]: packed, ...rest } = item;
  if (packed === undefined) return item;
  return { ...rest, [field]: JSON.parse(gunzipSync(packed as Uint8Array).toString('utf8')) };
}

const numbersAsText = (_key: string, value: unknown): unknown =>
  value instanceof NumberValue ? value.toString() : value;
