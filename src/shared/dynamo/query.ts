/** Lists: one index serves a query, what remains is filtered over at most 500 items a request. */
import { GetCommand, NumberValue, QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { Vault } from '../crypto.ts';
import type { DocumentClient } from './client.ts';
import type { Item } from './codec.ts';
import { type CursorBinding, decodeCursor, encodeCursor } from './cursor.ts';
import { SEAL, SUMMARY } from './seals.ts';
import { keyAttributes, type TableName, tableDefinitions } from './tables.ts';

export interface ListPlan {
  readonly table: TableName;
  /** Absent: the table's own key. */
  readonly index?: string;
  readonly hash: { readonly name: string; readonly value: string };
  readonly range?: {
    readonly name: string;
    readonly from?: string | undefined;
    readonly to?: string | undefined;
    readonly prefix?: string | undefined;
  };
  readonly ascending?: boolean;
  /** What the index cannot decide, over the projected item. */
  readonly keep?: (item: Item) => boolean;
}

export interface PageRequest {
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly binding: CursorBinding;
}

export interface Page<T> {
  readonly data: T[];
  readonly next_cursor: string | null;
}

export interface QueryDeps {
  readonly client: DocumentClient;
  readonly tableNames: Readonly<Record<TableName, string>>;
  readonly vault: Vault;
}

const MAX_EXAMINED = 500;

/** @throws DomainError 400 for a cursor that does not belong here. */
export async function queryPage<T>(
  deps: QueryDeps,
  plan: ListPlan,
  page: PageRequest,
  present: (item: Item) => T,
): Promise<Page<T>> {
  const kept: Item[] = [];
  let examined = 0;
  let start = page.cursor === undefined ? undefined : decodeCursor(deps.vault, page.binding, page.cursor);
  do {
    const chunk = plan.keep === undefined ? page.limit : Math.min(MAX_EXAMINED - examined, Math.max(page.limit, 100));
    const { Items = [], LastEvaluatedKey } = await deps.client.send(
      new QueryCommand(queryInput(deps, plan, start, chunk)),
    );
    examined += Items.length;
    start = LastEvaluatedKey;
    for (const item of Items) {
      if (plan.keep !== undefined && !plan.keep(item)) continue;
      kept.push(item);
      if (kept.length === page.limit) {
        const more = start !== undefined || item !== Items.at(-1);
        return toPage(kept, more ? positionOf(plan, item) : undefined);
      }
    }
  } while (start !== undefined && examined < MAX_EXAMINED);
  return toPage(kept, start);

  function toPage(items: readonly Item[], position: Item | undefined): Page<T> {
    return {
      data: items.map((item) => present(withoutSeal(item))),
      next_cursor: position === undefined ? null : encodeCursor(deps.vault, page.binding, position),
    };
  }
}

/**
 * Every item of a plan, page after page, for decisions that must see all; strongly consistent where the table itself is read. A summary that
 * bears no seal decides nothing: the item is read instead.
 */
export async function* queryAll(
  deps: Pick<QueryDeps, 'client' | 'tableNames'>,
  plan: ListPlan,
): AsyncGenerator<Item, void, undefined> {
  let start: Item | undefined;
  do {
    const { Items = [], LastEvaluatedKey } = await deps.client.send(
      new QueryCommand({ ...queryInput(deps, plan, start), ConsistentRead: plan.index === undefined }),
    );
    for (const item of Items) {
      const known = plan.index === undefined || isSealedSummary(item) ? item : await wholeItem(deps, plan.table, item);
      if (known !== undefined) yield withoutSeal(known);
    }
    start = LastEvaluatedKey;
  } while (start !== undefined);
}

/** The client checked it, if there is one. */
const isSealedSummary = (item: Item): boolean => summaryOf(item)?.[SEAL] !== undefined;

const summaryOf = (item: Item): Item | undefined => item[SUMMARY] as Item | undefined;

/** What an index projects, without the seal of its summary. */
export function withoutSeal(item: Item): Item {
  const sealed = summaryOf(item);
  if (sealed?.[SEAL] === undefined) return item;
  const { [SEAL]: _seal, ...summary } = sealed;
  return { ...item, [SUMMARY]: summary };
}

/** Undefined where it is gone. */
async function wholeItem(
  { client, tableNames }: Pick<QueryDeps, 'client' | 'tableNames'>,
  table: TableName,
  item: Item,
): Promise<Item | undefined> {
  const names = keyAttributes(tableDefinitions[table]);
  const Key = Object.fromEntries(names.map((name) => [name, item[name]]));
  const { Item: whole } = await client.send(
    new GetCommand({ TableName: tableNames[table], Key, ConsistentRead: true }),
  );
  return whole;
}

function queryInput(deps: Pick<QueryDeps, 'tableNames'>, plan: ListPlan, start: Item | undefined, limit?: number) {
  const names: Record<string, string> = { '#h': plan.hash.name };
  const values: Record<string, string> = { ':h': plan.hash.value };
  let condition = '#h = :h';
  const range = plan.range;
  if (range !== undefined) {
    const put = (placeholder: string, value: string, text: string): void => {
      names['#r'] = range.name;
      values[placeholder] = value;
      condition += ` AND ${text}`;
    };
    if (range.prefix !== undefined) put(':p', range.prefix, 'begins_with(#r, :p)');
    else if (range.from !== undefined && range.to !== undefined) {
      values[':t'] = range.to;
      put(':f', range.from, '#r BETWEEN :f AND :t');
    } else if (range.from !== undefined) put(':f', range.from, '#r >= :f');
    else if (range.to !== undefined) put(':t', range.to, '#r <= :t');
  }
  return {
    TableName: deps.tableNames[plan.table],
    ...(plan.index === undefined ? {} : { IndexName: plan.index }),
    KeyConditionExpression: condition,
    ExpressionAttributeNames: names,
    ExpressionAttributeValues: values,
    ScanIndexForward: plan.ascending ?? false,
    ...(limit === undefined ? {} : { Limit: limit }),
    ...(start === undefined ? {} : { ExclusiveStartKey: asKey(plan.table, start) }),
  };
}

/** Where the next page starts when a page ends in the middle of what was read. */
function positionOf(plan: ListPlan, item: Item): Item {
  const table = tableDefinitions[plan.table];
  const index = plan.index === undefined ? undefined : table.indexes[plan.index];
  const names = [...keyAttributes(table), ...(index === undefined ? [] : keyAttributes(index))];
  return Object.fromEntries(names.map((name) => [name, item[name]]));
}

/** Numbers leave the store as text; a key must go back as the number it is. */
function asKey(table: TableName, position: Item): Item {
  const { attributes } = tableDefinitions[table];
  return Object.fromEntries(
    Object.entries(position).map(([name, value]) => [
      name,
      attributes[name] === 'N' ? NumberValue.from(String(value)) : value,
    ]),
  );
}
