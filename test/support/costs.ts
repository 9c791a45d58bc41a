/** What requests cost: every DynamoDB call a server makes with the units it consumed, in the order they were made. */
import type { Infrastructure } from '../../src/dependencies.ts';
import type { Loose } from './api.ts';

export interface Call {
  /** Without its `Command`: GetItem, BatchGetItem, Query, TransactWriteItems, ... */
  readonly name: string;
  /** Items a read names by key, as table and key. */
  readonly keys: readonly string[];
  readonly readUnits: number;
  readonly writeUnits: number;
}

/** Settings of the company are kept for some seconds: whether a request reads them depends on the one before, so they count apart. */
const KEPT = /settings \{"id":"company"\}$/;

export interface Costs {
  /** What was called since the last time this was asked. */
  take(): { readonly calls: readonly Call[]; readonly kept: readonly Call[] };
}

export function recordCosts({ client }: Infrastructure): Costs {
  let calls: Call[] = [];
  client.middlewareStack.add(
    (next, context) => async (args) => {
      const input: Loose = args.input;
      const result = await next({ ...args, input: { ...input, ReturnConsumedCapacity: 'INDEXES' } as never });
      const name = String(context['commandName']).replace('Command', '');
      const output: Loose = result.output;
      const units = [output.ConsumedCapacity ?? []]
        .flat()
        .reduce((sum: number, { CapacityUnits = 0 }: Loose) => sum + CapacityUnits, 0);
      const writes = /Write|Put|Update|Delete/.test(name);
      calls.push({ name, keys: keysOf(input), readUnits: writes ? 0 : units, writeUnits: writes ? units : 0 });
      return result;
    },
    { step: 'initialize', name: 'recordCosts' },
  );
  return {
    take() {
      const all = calls;
      calls = [];
      const isKept = ({ keys }: Call): boolean => keys.some((key) => KEPT.test(key));
      return { calls: all.filter((call) => !isKept(call)), kept: all.filter(isKept) };
    },
  };
}

function keysOf({ TableName, Key, RequestItems = {}, TransactItems = [] }: Loose): readonly string[] {
  const named = (table: string, key: Loose): string => `${table} ${JSON.stringify(key)}`;
  if (Key !== undefined) return [named(TableName, Key)];
  return [
    ...Object.entries<Loose>(RequestItems).flatMap(([table, { Keys = [] }]) =>
      Keys.map((key: Loose) => named(table, key)),
    ),
    ...TransactItems.flatMap(({ Get }: Loose) => (Get === undefined ? [] : [named(Get.TableName, Get.Key)])),
  ];
}

/** `GetItem 2, TransactWriteItems 1`, by name. */
export function shapeOf(calls: readonly Call[]): string {
  const counts = new Map<string, number>();
  for (const { name } of calls) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, count]) => `${name} ${count}`)
    .join(', ');
}

export const readTwice = (calls: readonly Call[]): readonly string[] => {
  const keys = calls.flatMap((call) => call.keys);
  return keys.filter((key, index) => keys.indexOf(key) !== index);
};

export interface Units {
  readonly read: number;
  readonly write: number;
}

export const unitsOf = (calls: readonly Call[]): Units => ({
  read: calls.reduce((sum, { readUnits }) => sum + readUnits, 0),
  write: calls.reduce((sum, { writeUnits }) => sum + writeUnits, 0),
});

export function costTable(rows: readonly (Units & { readonly route: string; readonly calls: string })[]): string[] {
  const cells = [
    ['request', 'calls', 'read units', 'write units'],
    ...rows.map(({ route, calls, read, write }) => [route, calls, String(read), String(write)]),
  ];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  return cells.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
