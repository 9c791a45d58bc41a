/** From the filters of a list to its plan: the most selective index serves, what remains is kept or left by the summary. */
import { addDays } from '../clock.ts';
import { claimText } from './claims.ts';
import type { Item } from './codec.ts';
import { ALL } from './entity-store.ts';
import type { ListPlan } from './query.ts';
import type { TableName } from './tables.ts';

export interface Listing {
  readonly table: TableName;
  /** Filters by equality with the index that serves each, the most selective first. */
  readonly equals: readonly (readonly [filter: string, index: string])[];
  /** Where `q` looks: the index, its sort key, and how a text is normalised into that key. */
  readonly text?: { readonly index: string; readonly key: string; readonly normalise?: (text: string) => string };
  /** A date of the summary that `due_from` and `due_to` are about. */
  readonly due?: string;
}

type Query = Readonly<Record<string, unknown>>;
type Keep = (summary: Item) => boolean;

export function planList(listing: Listing, query: Query): ListPlan {
  const given = listing.equals.filter(([filter]) => query[filter] !== undefined);
  const filters: Keep[] = [];
  const text = query['q'];
  if (listing.text !== undefined && typeof text === 'string') {
    filters.push(...equalities(given, query), ...within(query));
    const prefix = (listing.text.normalise ?? claimText)(text);
    return plan(listing, listing.text.index, { name: 'all', value: ALL }, { name: listing.text.key, prefix }, true, [
      ...filters,
      ...due(listing, query),
    ]);
  }
  const [serving, ...rest] = given;
  filters.push(...equalities(rest, query), ...due(listing, query));
  const range = createdRange(query);
  return serving === undefined
    ? plan(listing, 'by_all', { name: 'all', value: ALL }, range, false, filters)
    : plan(listing, serving[1], { name: serving[0], value: String(query[serving[0]]) }, range, false, filters);
}

function plan(
  listing: Listing,
  index: string,
  hash: ListPlan['hash'],
  range: ListPlan['range'],
  ascending: boolean,
  filters: readonly Keep[],
): ListPlan {
  return {
    table: listing.table,
    index,
    hash,
    ascending,
    ...(range === undefined ? {} : { range }),
    ...(filters.length === 0 ? {} : { keep: (item) => filters.every((keep) => keep(item['summary'] as Item)) }),
  };
}

const equalities = (given: Listing['equals'], query: Query): Keep[] =>
  given.map(
    ([filter]) =>
      (summary) =>
        summary[filter] === query[filter],
  );

/** Both days inclusive, UTC: the sort key is a timestamp, so the end is where the next day begins. */
function createdRange(query: Query): ListPlan['range'] {
  const [from, to] = [dayOf(query, 'created_from'), dayOf(query, 'created_to')];
  if (from === undefined && to === undefined) return undefined;
  return { name: 'created_at', from, to: to === undefined ? undefined : addDays(to, 1) };
}

/** The same over summaries, where another key orders the list. */
function within(query: Query): Keep[] {
  const range = createdRange(query);
  if (range === undefined) return [];
  return [(summary) => inRange(String(summary['created_at']), range.from, range.to)];
}

function due(listing: Listing, query: Query): Keep[] {
  const [from, to, name] = [dayOf(query, 'due_from'), dayOf(query, 'due_to'), listing.due];
  if (name === undefined || (from === undefined && to === undefined)) return [];
  return [(summary) => typeof summary[name] === 'string' && inRange(summary[name], from, to)];
}

const inRange = (value: string, from: string | undefined, to: string | undefined): boolean =>
  (from === undefined || value >= from) && (to === undefined || value <= to);

function dayOf(query: Query, name: string): string | undefined {
  const value = query[name];
  return typeof value === 'string' ? value : undefined;
}

/** A projected summary as it goes out: numbers of the store are text. */
export function fromSummary<T extends { readonly version: number }>(item: Item): T {
  const summary = item['summary'] as T;
  return { ...summary, version: Number(summary.version) };
}
