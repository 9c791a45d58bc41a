/** Lists that grow with a document's lines are stored gzipped once they are large: a read then costs a tenth. */
import { gunzipSync, gzipSync } from 'node:zlib';
import { NumberValue } from '@aws-sdk/lib-dynamodb';
import type { Item } from './codec.ts';

/** An item of more bytes than this has the fields stored gzipped, together. */
export const PACK_OVER_BYTES = 100_000;

const PACKED = 'packed_gz';

export interface LargeFields {
  /** `bytes` is the item's size; one that is small enough is given back as it is. */
  pack(item: Item, bytes: number): Item;
  unpack(item: Item): Item;
}

/** The `pack` and `unpack` of an entity store for these fields. None of them may be a key or the summary of an index. */
export function largeFields(names: readonly string[], overBytes = PACK_OVER_BYTES): LargeFields {
  return {
    pack(item, bytes) {
      if (bytes <= overBytes) return item;
      const text = JSON.stringify(Object.fromEntries(names.map((name) => [name, item[name]])), exactNumbers);
      const rest = Object.fromEntries(Object.entries(item).filter(([name]) => !names.includes(name)));
      return { ...rest, [PACKED]: gzipSync(text, { level: 1 }) };
    },
    unpack(item) {
      const { [PACKED]: packed, ...rest } = item;
      return packed instanceof Uint8Array ? { ...rest, ...JSON.parse(gunzipSync(packed).toString('utf8')) } : item;
    },
  };
}

/** As the store gives numbers back: text with all its digits. */
const exactNumbers = (_name: string, value: unknown): unknown =>
  value instanceof NumberValue ? value.toString() : value;
