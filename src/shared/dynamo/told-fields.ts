/** What an entity holds in the fields that its events tell of, comparable with what its events add up to. */
import { marshall } from '@aws-sdk/util-dynamodb';
import { bounded, isBookkeeping, isDigest } from '../audit/event.ts';
import { isSealedText, type Vault } from '../crypto.ts';
import { canonicalItem } from './canonical-item.ts';
import type { Codec, Item } from './codec.ts';

/** By field, each as one text; what is empty is left out. */
export type FieldTexts = ReadonlyMap<string, string>;

export interface ToldFields<T> {
  texts(entity: T): FieldTexts;
  /** The same of what the events of an entity add up to, as they stand in them. */
  toldTexts(id: string, told: Item): FieldTexts;
  /** The entity with those fields as its events say. */
  asTold(entity: T, told: Item): T;
}

export interface ToldFieldsOptions<T> {
  readonly vault: Pick<Vault, 'open'>;
  readonly codec: Codec<T>;
  readonly sealed?: readonly string[] | undefined;
  readonly unaudited?: readonly string[] | undefined;
  readonly unpack?: ((item: Item) => Item) | undefined;
}

export function toldFields<T extends { readonly id: string }>(options: ToldFieldsOptions<T>): ToldFields<T> {
  const { vault, codec, sealed = [], unaudited = [], unpack = (item: Item) => item } = options;
  const fields = [...codec.fields].filter((field) => !isBookkeeping(field) && !unaudited.includes(field));
  const textOf = (field: string, value: unknown): string =>
    isDigest(value)
      ? `sha256 ${value.sha256}`
      : canonicalItem(marshall(codec.encode({ [field]: value } as never), MARSHALL));
  const textsOf = (item: Item): FieldTexts =>
    new Map(fields.filter((field) => !isEmpty(item[field])).map((field) => [field, textOf(field, item[field])]));
  const known = (told: Item, id: string): Item => {
    const item = unpack(told);
    return mapped(sealed, item, (value) => opened(vault, id, value));
  };
  return {
    texts: (entity) =>
      textsOf(
        mapped(
          fields.filter((field) => !sealed.includes(field)),
          { ...entity },
          bounded,
        ),
      ),
    toldTexts: (id, told) => textsOf(known(told, id)),
    asTold(entity, told) {
      const says = known(told, entity.id);
      const others = fields.filter((field) => !isDigest(says[field]));
      return { ...entity, ...Object.fromEntries(others.map((field) => [field, says[field]])) };
    },
  };
}

const MARSHALL = { removeUndefinedValues: true } as const;

const mapped = (fields: readonly string[], item: Item, read: (value: unknown) => unknown): Item => ({
  ...item,
  ...Object.fromEntries(fields.map((field) => [field, read(item[field])])),
});

/** An older item lacks what a newer one has empty, and no event tells of it. */
const isEmpty = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  value === false ||
  (typeof value === 'object' && Object.keys(value).length === 0);

/** What does not open is no value that the entity could have. */
function opened(vault: Pick<Vault, 'open'>, id: string, value: unknown): unknown {
  if (typeof value !== 'string' || !isSealedText(value)) return value;
  try {
    return vault.open(value, id);
  } catch {
    return value;
  }
}
