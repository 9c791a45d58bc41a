/**
 * An anchor of the audit trail: one Merkle root over the heads of all chains at a moment, chained to the anchor before it. Object lock keeps
 * them (infra/modules/anchors); who rewrites a trail and its head cannot rewrite these.
 */
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { type Static, Type } from '@sinclair/typebox';
import { Ajv } from 'ajv';
import type { Buckets } from '../dependencies.ts';
import { canonicalJson } from '../shared/audit/canonical.ts';
import { type ObjectStorage, readAll, sha256Hex } from '../shared/storage/storage.ts';

const Sha256 = Type.String({ pattern: '^[0-9a-f]{64}$' });
const Named = Type.Object({ key: Type.String(), sha256: Sha256 });

const Anchor = Type.Object({
  format: Type.Literal('p2p-anchor/1'),
  /** From 1 without a gap. */
  number: Type.Integer({ minimum: 1 }),
  taken_at: Type.String(),
  table_prefix: Type.String(),
  /** RFC 6962, over the lines of all heads in the order of kind and id. */
  root: Sha256,
  heads: Type.Integer({ minimum: 0 }),
  /** Whether `lines` are all heads, or only what changed since the anchor before. */
  whole: Type.Boolean(),
  lines: Type.Union([Named, Type.Null()]),
  previous: Type.Union([Named, Type.Null()]),
});
export type Anchor = Static<typeof Anchor>;

export interface StoredAnchor {
  readonly anchor: Anchor;
  readonly key: string;
  readonly sha256: string;
}

/** The heads by `headKey`, as the lines that the root is taken over. */
export type HeadLines = ReadonlyMap<string, string>;

export interface AnchoredHead {
  readonly entity: string;
  readonly id: string;
  /** 0 for an entity that was deleted since the anchor before. */
  readonly seq: number;
  readonly hash: string;
}

export const FOLDER = 'anchors/';
const ANCHOR_KEY = /^anchors\/\d{4}\/\d{2}\/(\d{8})\.json$/;

export const headKey = ({ entity, id }: Pick<AnchoredHead, 'entity' | 'id'>): string => `${entity} ${id}`;

/** The security log has chains of its own. */
export const LOG = 'security_log';
export const isLogKey = (key: string): boolean => key.startsWith(`${LOG} `);

export const headLine = ({ entity, id, seq, hash }: AnchoredHead): string => canonicalJson({ entity, id, seq, hash });

/** The heads after an anchor whose lines these are. */
export function foldHeads(heads: HeadLines, { whole }: Anchor, lines: readonly AnchoredHead[]): HeadLines {
  const after = new Map(whole ? [] : heads);
  for (const head of lines)
    if (head.seq === 0) after.delete(headKey(head));
    else after.set(headKey(head), headLine(head));
  return after;
}

/** What makes the heads of the second out of those of the first. */
export function changedLines(before: HeadLines, after: HeadLines): readonly string[] {
  const changed = new Map([...after].filter(([key, line]) => before.get(key) !== line));
  for (const key of before.keys()) if (!after.has(key)) changed.set(key, goneLine(key));
  return sortedLines(changed);
}

function goneLine(key: string): string {
  const [entity = '', id = ''] = key.split(' ');
  return headLine({ entity, id, seq: 0, hash: '' });
}

/** The lines that the root is taken over, in its order. */
export const sortedLines = (heads: HeadLines): readonly string[] =>
  [...heads.keys()].sort().map((key) => heads.get(key) ?? '');

/**
 * The folder is the month of the anchor before: of two runs that meet at midnight of a month both want the same key, and one is refused.
 */
export const anchorKey = (number: number, month: string): string =>
  `${FOLDER}${month.slice(0, 7).replace('-', '/')}/${String(number).padStart(8, '0')}.json`;

/** Where new anchors are written. */
export const anchorStorage = ({ anchors, backups }: Pick<Buckets, 'anchors' | 'backups'>): ObjectStorage =>
  anchors ?? backups;

type Readable = Pick<ObjectStorage, 'get'>;

const valid = new Ajv().compile<Anchor>(Anchor);

/** @throws Error for what is missing, or no anchor. */
export async function readAnchor(storage: Readable, key: string): Promise<StoredAnchor> {
  const bytes = await bytesOf(storage, key);
  const anchor = parsed(bytes);
  if (!valid(anchor)) throw new Error(`${key} is no anchor`);
  return { anchor, key, sha256: sha256Hex(bytes) };
}

function parsed(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}

const [compressed, unpacked] = [promisify(gzip), promisify(gunzip)];

/** @throws Error where they are missing, or not what the anchor says. */
export async function readHeads(storage: Readable, { lines }: Anchor): Promise<readonly AnchoredHead[]> {
  if (lines === null) return [];
  const bytes = await bytesOf(storage, lines.key);
  if (sha256Hex(bytes) !== lines.sha256) throw new Error(`${lines.key} is not what its anchor says`);
  const text = (await unpacked(bytes)).toString('utf8').trimEnd();
  return text === '' ? [] : text.split('\n').map((line) => JSON.parse(line) as AnchoredHead);
}

async function bytesOf(storage: Readable, key: string): Promise<Buffer> {
  const object = await storage.get(key);
  if (object === undefined) throw new Error(`${key} is missing`);
  return readAll(object);
}

/** Every anchor's key, in the order of their numbers. */
export async function anchorKeys(storage: ObjectStorage): Promise<readonly string[]> {
  return keysUnder(storage, FOLDER);
}

/** Found without reading years of keys where the last one is not older than a month. */
export async function lastAnchorKey(storage: ObjectStorage, now: Date): Promise<string | undefined> {
  const before = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - 1, 1));
  for (const month of [now, before]) {
    const [year, number] = month.toISOString().split('-');
    const last = (await keysUnder(storage, `${FOLDER}${year}/${number}/`)).at(-1);
    if (last !== undefined) return last;
  }
  return (await anchorKeys(storage)).at(-1);
}

async function keysUnder(storage: ObjectStorage, prefix: string): Promise<readonly string[]> {
  const found: string[] = [];
  let cursor: string | null | undefined;
  do {
    const page = await storage.list(prefix, { cursor: cursor ?? undefined });
    for (const { key } of page.objects) if (isAnchorKey(key)) found.push(key);
    cursor = page.next_cursor;
  } while (cursor !== null);
  return inOrder(found);
}

export const isAnchorKey = (key: string): boolean => ANCHOR_KEY.test(key);

export const inOrder = (keys: readonly string[]): readonly string[] =>
  [...keys].sort((a, b) => numberIn(a) - numberIn(b));

export const numberIn = (key: string): number => Number(ANCHOR_KEY.exec(key)?.[1]);

/** The lines first, under a name of their content: what no anchor names does not exist. @throws DomainError where its number is taken */
export async function writeAnchor(
  storage: ObjectStorage,
  anchor: Omit<Anchor, 'lines'>,
  key: string,
  lines: readonly string[],
): Promise<StoredAnchor> {
  const named = lines.length === 0 ? null : await writeLines(storage, key, lines);
  const bytes = Buffer.from(JSON.stringify({ ...anchor, lines: named }, undefined, 2));
  const sha256 = sha256Hex(bytes);
  await storage.put(key, bytes, { content_type: 'application/json', sha256, ifNoneMatch: true });
  return { anchor: { ...anchor, lines: named }, key, sha256 };
}

async function writeLines(storage: ObjectStorage, key: string, lines: readonly string[]) {
  const bytes = await compressed(lines.map((line) => `${line}\n`).join(''));
  const sha256 = sha256Hex(bytes);
  const named = { key: key.replace(/\.json$/, `-${sha256.slice(0, 16)}.jsonl.gz`), sha256 };
  await storage.put(named.key, bytes, { content_type: 'application/gzip', sha256, ifNoneMatch: true });
  return named;
}
