/** Bodies of a chosen size for any schema, and the processor time that the server takes for each. */
import type { Loose } from './api.ts';

export type Resolve = (schema: Loose) => Loose;

/** What an attacker makes larger, given how many members, items or characters there are to be. */
export interface Growth {
  readonly name: string;
  readonly body: (schema: Loose, size: number, resolve: Resolve) => string;
  /** The smaller of the two sizes; the larger is four times that. */
  readonly size: number;
}

const members = (count: number, value: unknown): Loose =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, value]));

/** Every member that the schema knows, arrays with so many items, each leaf what `leaf` says. */
function filled(given: Loose, items: number, resolve: Resolve, leaf: (schema: Loose) => unknown): unknown {
  const schema = resolve(given);
  const [first] = ((schema.anyOf ?? [schema]) as Loose[]).map(resolve).filter(({ type }: Loose) => type !== 'null');
  if (first.type === 'array')
    return Array.from({ length: Math.min(items, first.maxItems ?? items) }, () =>
      filled(first.items, items, resolve, leaf),
    );
  if (first.properties === undefined) return leaf(first);
  return Object.fromEntries(
    Object.entries<Loose>(first.properties).map(([name, member]) => [name, filled(member, items, resolve, leaf)]),
  );
}

/** Texts that make a careless expression go back over what it read: of an address, a number, a blank, an id, a path. */
const TEXTS = ['a', '1', ' ', 'a-', 'a.', '\u200b'];

export const GROWTHS: readonly Growth[] = [
  { name: 'unknown members', size: 20_000, body: (_schema, size) => JSON.stringify(members(size, 1)) },
  {
    name: 'unknown members in every object',
    size: 90,
    body: (schema, size, resolve) => {
      const widened = (value: Loose): Loose => {
        if (Array.isArray(value)) return value.map(widened);
        if (typeof value !== 'object' || value === null) return value;
        return {
          ...Object.fromEntries(Object.entries(value).map(([key, one]) => [key, widened(one)])),
          ...members(20, 1),
        };
      };
      return JSON.stringify(widened(filled(schema, size * 2, resolve, () => 'x')));
    },
  },
  {
    name: 'members of another type',
    size: 250,
    body: (schema, size, resolve) => JSON.stringify(filled(schema, size, resolve, () => [[1], { a: 1 }])),
  },
  {
    name: 'items that are all wrong, more than are taken',
    size: 2_500,
    body: (schema, size, resolve) =>
      JSON.stringify(
        Object.fromEntries(
          Object.entries<Loose>(schema.properties ?? {}).map(([name, member]) => [
            name,
            resolve(member).type === 'array' ? Array.from({ length: size }, () => 'wrong') : 1,
          ]),
        ),
      ),
  },
  ...TEXTS.map((text) => ({
    name: `long texts of ${JSON.stringify(text)}`,
    size: 2_000,
    body: (schema: Loose, size: number, resolve: Resolve) =>
      JSON.stringify(filled(schema, 1, resolve, () => `a@${text.repeat(size / text.length)}\n`)),
  })),
  { name: 'depth', size: 25_000, body: (_schema, size) => `{"a":${'['.repeat(size)}${']'.repeat(size)}}` },
  { name: 'one long text', size: 200_000, body: (_schema, size) => JSON.stringify({ email: 'a'.repeat(size) }) },
];

/** Processor milliseconds of this process; the least of several, since a collection of garbage may fall into any. */
export async function processorMs(run: () => Promise<unknown>, times = 3): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let n = 0; n < times; n += 1) {
    const before = process.cpuUsage();
    await run();
    const { user, system } = process.cpuUsage(before);
    least = Math.min(least, (user + system) / 1000);
  }
  return least;
}

/** Below this what is measured is the request itself. */
const FLOOR_MS = 4;
/** Four times the input takes four times the work, sixteen times if each part looks at every other: this is between them. */
const MOST = 9;
/** Garbage is collected in any of them, and a compiler thread may fall into any: only what is seen in every round is growth. */
const ROUNDS = 8;

/** What grew, or undefined. The least of each size over several rounds counts, and a round that is within the limit ends it. */
export async function grows(run: (size: number) => Promise<unknown>, size: number): Promise<string | undefined> {
  await run(size);
  let small = Number.POSITIVE_INFINITY;
  let large = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round += 1) {
    small = Math.min(small, await processorMs(() => run(size), 1));
    large = Math.min(large, await processorMs(() => run(size * 4), 1));
    if (large <= MOST * Math.max(small, FLOOR_MS)) return undefined;
  }
  return `${size}: ${small.toFixed(1)} ms, ${size * 4}: ${large.toFixed(1)} ms`;
}
