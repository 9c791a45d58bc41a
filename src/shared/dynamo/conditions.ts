/** Conditions of a write as data, so that a dry run evaluates what a commit would have DynamoDB evaluate. */
import type { Item } from './codec.ts';

export type Condition =
  | { readonly kind: 'absent' }
  | { readonly kind: 'exists' }
  | { readonly kind: 'equals'; readonly attribute: string; readonly value: string | number | boolean }
  | { readonly kind: 'one_of'; readonly attribute: string; readonly values: readonly string[] }
  | { readonly kind: 'absent_or_equals'; readonly attribute: string; readonly value: string }
  | { readonly kind: 'absent_or_below'; readonly attribute: string; readonly value: number }
  /** Epoch seconds: TTL deletes late, so an expired item counts as absent. */
  | { readonly kind: 'absent_or_expired'; readonly now: number }
  | { readonly kind: 'all'; readonly of: readonly Condition[] }
  | { readonly kind: 'any'; readonly of: readonly Condition[] };

export interface CompiledCondition {
  readonly ConditionExpression: string;
  readonly ExpressionAttributeNames: Record<string, string>;
  readonly ExpressionAttributeValues?: Record<string, unknown>;
}

/** `hashKey` is the table's partition key attribute: an item exists when it has one. */
export function compileCondition(condition: Condition, hashKey: string): CompiledCondition {
  const names: Record<string, string> = {};
  const values: Record<string, unknown> = {};
  const name = (attribute: string): string => {
    const placeholder = `#${attribute.replaceAll(/\W/g, '_')}`;
    names[placeholder] = attribute;
    return placeholder;
  };
  const value = (content: unknown): string => {
    const placeholder = `:v${Object.keys(values).length}`;
    values[placeholder] = content;
    return placeholder;
  };
  const compile = (part: Condition): string => {
    switch (part.kind) {
      case 'absent':
        return `attribute_not_exists(${name(hashKey)})`;
      case 'exists':
        return `attribute_exists(${name(hashKey)})`;
      case 'equals':
        return `${name(part.attribute)} = ${value(part.value)}`;
      case 'absent_or_equals':
        return `(attribute_not_exists(${name(hashKey)}) OR ${name(part.attribute)} = ${value(part.value)})`;
      case 'absent_or_below':
        return `(attribute_not_exists(${name(hashKey)}) OR ${name(part.attribute)} < ${value(part.value)})`;
      case 'one_of':
        return `${name(part.attribute)} IN (${part.values.map(value).join(', ')})`;
      case 'absent_or_expired':
        return `(attribute_not_exists(${name(hashKey)}) OR ${name('expires_at')} < ${value(part.now)})`;
      case 'all':
        return part.of.map(compile).join(' AND ');
      case 'any':
        return `(${part.of.map(compile).join(' OR ')})`;
    }
  };
  const expression = compile(condition);
  return {
    ConditionExpression: expression,
    ExpressionAttributeNames: names,
    ...(Object.keys(values).length > 0 ? { ExpressionAttributeValues: values } : {}),
  };
}

/** The same decision over an item that was read. Numbers come from the store as text. */
export function holds(condition: Condition, item: Item | undefined): boolean {
  switch (condition.kind) {
    case 'absent':
      return item === undefined;
    case 'exists':
      return item !== undefined;
    case 'equals':
      return item !== undefined && same(item[condition.attribute], condition.value);
    case 'absent_or_equals':
      return item === undefined || same(item[condition.attribute], condition.value);
    case 'absent_or_below':
      return item === undefined || Number(item[condition.attribute]) < condition.value;
    case 'one_of':
      return item !== undefined && condition.values.some((value) => same(item[condition.attribute], value));
    case 'absent_or_expired':
      return item === undefined || Number(item['expires_at']) < condition.now;
    case 'all':
      return condition.of.every((part) => holds(part, item));
    case 'any':
      return condition.of.some((part) => holds(part, item));
  }
}

const same = (stored: unknown, expected: string | number | boolean): boolean =>
  typeof expected === 'number' ? Number(stored) === expected : stored === expected;
