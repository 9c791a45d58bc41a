/**
 * Turns an entity into a DynamoDB item and back, led by its TypeBox schema: decimals are strings in the program and N in the
 * table, integers are numbers in both. An item outlives its schema: a required field that was added since it was written is read as null
 * where the field is nullable, else as the default of its schema. Compiled once per schema, so that a request walks only what needs it.
 */
import { NumberValue } from '@aws-sdk/lib-dynamodb';
import type { TSchema } from '@sinclair/typebox';
import { fixed, minorUnits, plain } from '../money.ts';

export type Item = Record<string, unknown>;

export interface Codec<T> {
  encode(entity: T): Item;
  /** `currency` pads the amounts: that of the object an amount stands in, else of the item. */
  decode(item: Item): T;
  /** Names of the entity's own fields: an item has others besides, for its indexes. */
  readonly fields: ReadonlySet<string>;
}

interface Converter {
  encode(value: unknown): unknown;
  decode(value: unknown, digits: number): unknown;
}

/** Compiles the codec of an object schema. @throws TypeError for a shape it does not know, at start and not in a request. */
export function compileCodec<T>(schema: TSchema): Codec<T> {
  const converter = converterOf(schema, true) ?? identity;
  return {
    encode: (entity) => converter.encode(entity) as Item,
    decode: (item) => converter.decode(item, 0) as T,
    fields: new Set(Object.keys((schema['properties'] ?? {}) as object)),
  };
}

const digitsOf = (item: Item, outer: number): number => {
  const currency = item['currency'];
  return typeof currency === 'string' ? minorUnits(currency) : outer;
};

const identity: Converter = { encode: (value) => value, decode: (value) => value };

const integerConverter: Converter = {
  encode: (value) => value,
  decode: (value) => (typeof value === 'string' ? Number(value) : value),
};

const plainConverter: Converter = {
  encode: (value) => (typeof value === 'string' ? NumberValue.from(value) : value),
  decode: (value) => (typeof value === 'string' && /[eE]/.test(value) ? plain(value) : value),
};

const amountConverter: Converter = {
  encode: plainConverter.encode,
  decode: (value, digits) => (typeof value === 'string' ? padded(value, digits) : value),
};

/** "850" and 2 digits is "850.00": DynamoDB trims trailing zeros. */
function padded(text: string, digits: number): string {
  const point = text.indexOf('.');
  const has = point < 0 ? 0 : text.length - point - 1;
  if (has === digits) return text;
  if (has > digits || /[eE]/.test(text)) return fixed(text, digits);
  return point < 0 ? `${text}.${'0'.repeat(digits)}` : text + '0'.repeat(digits - has);
}

/** `fills`: whether absent members are filled; of several shapes in a union nobody knows which one an item lacks a field of. */
function converterOf(schema: TSchema, fills: boolean): Converter | undefined {
  if (schema['x-decimal'] === 'amount') return amountConverter;
  if (schema['x-decimal'] === 'plain') return plainConverter;
  if (schema['anyOf'] !== undefined) return unionConverter(schema['anyOf'] as TSchema[], fills);
  switch (schema['type']) {
    case 'integer':
      return integerConverter;
    case 'array': {
      const items = converterOf(schema['items'] as TSchema, fills);
      return items === undefined ? undefined : arrayConverter(items);
    }
    case 'object':
      return objectConverter(schema, fills);
    default:
      return undefined;
  }
}

/** Of a nullable's members only one needs converting; two that do would need a discriminator, which no entity has. */
function unionConverter(members: readonly TSchema[], fills: boolean): Converter | undefined {
  const one = members.filter((member) => member['type'] !== 'null').length === 1;
  const converters = members
    .map((member) => converterOf(member, fills && one))
    .filter((converter) => converter !== undefined);
  if (converters.length > 1) throw new TypeError('a union of two schemas with numbers cannot be stored');
  return converters[0];
}

function arrayConverter(items: Converter): Converter {
  return {
    encode: (value) => (Array.isArray(value) ? value.map((entry) => items.encode(entry)) : value),
    decode: (value, digits) => (Array.isArray(value) ? value.map((entry) => items.decode(entry, digits)) : value),
  };
}

function objectConverter(schema: TSchema, fills: boolean): Converter | undefined {
  const patterns: TSchema[] = Object.values(schema['patternProperties'] ?? {});
  const everyValue = patterns[0] === undefined ? undefined : converterOf(patterns[0], fills);
  if (everyValue !== undefined) return recordConverter(everyValue);
  const members: [string, Converter][] = [];
  for (const [name, member] of Object.entries((schema['properties'] ?? {}) as Record<string, TSchema>)) {
    const converter = converterOf(member, fills);
    if (converter !== undefined) members.push([name, converter]);
  }
  const absent = fills ? valuesOfAbsent(schema) : [];
  if (members.length === 0 && absent.length === 0) return undefined;
  const convert = (value: Item, one: (converter: Converter, member: unknown) => unknown): Item => {
    const copy: Item = { ...value };
    for (const [name, converter] of members) {
      const member = copy[name];
      if (member !== undefined) copy[name] = one(converter, member);
    }
    return copy;
  };
  return {
    encode: (value) => (isObject(value) ? convert(value, (converter, member) => converter.encode(member)) : value),
    decode(value, outer) {
      if (!isObject(value)) return value;
      const digits = digitsOf(value, outer);
      const decoded = convert(value, (converter, member) => converter.decode(member, digits));
      for (const [name, filling] of absent) if (decoded[name] === undefined) decoded[name] = structuredClone(filling);
      return decoded;
    },
  };
}

/** The required members that an older item may lack, each with what it is read as. */
function valuesOfAbsent(schema: TSchema): readonly (readonly [string, unknown])[] {
  const properties = (schema['properties'] ?? {}) as Record<string, TSchema>;
  return ((schema['required'] ?? []) as string[]).flatMap((name) => {
    const member = properties[name] as TSchema;
    const nullable = ((member['anyOf'] ?? []) as TSchema[]).some(({ type }) => type === 'null');
    if (nullable) return [[name, null] as const];
    return member['default'] === undefined ? [] : [[name, member['default']] as const];
  });
}

function recordConverter(each: Converter): Converter {
  const convert = (value: unknown, one: (member: unknown) => unknown): unknown =>
    isObject(value) ? Object.fromEntries(Object.entries(value).map(([name, member]) => [name, one(member)])) : value;
  return {
    encode: (value) => convert(value, (member) => each.encode(member)),
    decode: (value, digits) => convert(value, (member) => each.decode(member, digits)),
  };
}

const isObject = (value: unknown): value is Item =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
