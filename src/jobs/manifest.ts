/** What a backup holds: written last, so that a backup without it does not exist. */
import { type Static, Type } from '@sinclair/typebox';
import { Ajv } from 'ajv';
import { TABLES, type TableName, tableDefinitions } from '../shared/dynamo/tables.ts';
import { type ObjectStorage, readAll } from '../shared/storage/storage.ts';
import { UsageError } from './job.ts';

const Sha256 = Type.String({ pattern: '^[0-9a-f]{64}$' });

const Manifest = Type.Object({
  format: Type.Literal('p2p-backup/1'),
  table_prefix: Type.String(),
  started_at: Type.String(),
  completed_at: Type.String(),
  tables: Type.Record(
    Type.String(),
    Type.Object({
      items: Type.Integer(),
      /** The sum of the SHA-256 of every line, so that a restored table can be held against it in any order. */
      digest: Sha256,
      parts: Type.Array(
        Type.Object({ key: Type.String(), items: Type.Integer(), bytes: Type.Integer(), sha256: Sha256 }),
      ),
    }),
  ),
});
export type Manifest = Static<typeof Manifest>;
export type BackedUpTable = Manifest['tables'][string];

/** What backups take, in the order that serves a restore: trails are read last, so that none ends before its entity's head. */
export const BACKED_UP: readonly TableName[] = [
  ...TABLES.filter((table) => tableDefinitions[table].backup && table !== 'audit_log' && table !== 'security_log'),
  'audit_log',
  'security_log',
];

export const manifestKey = (folder: string): string => `${folder}/manifest.json`;

const valid = new Ajv().compile<Manifest>(Manifest);

/** @throws UsageError where there is no such backup, or it is none. */
export async function readManifest(storage: ObjectStorage, from: string) {
  const folder = from === 'latest' ? await latest(storage) : from.replace(/\/(manifest\.json)?$/, '');
  if (!/^backups\/[A-Za-z0-9_.-]+$/.test(folder))
    throw new UsageError(`'${from}' is no backup: give a key such as backups/2026-02-01T10-00-00-000Z, or latest.`);
  const object = await storage.get(manifestKey(folder));
  if (object === undefined) throw new UsageError(`There is no backup ${folder} in ${storage.bucket}.`);
  const manifest: unknown = JSON.parse((await readAll(object)).toString('utf8'));
  if (!valid(manifest)) throw new UsageError(`${manifestKey(folder)} is no manifest of this version.`);
  return { folder, manifest };
}

async function latest(storage: ObjectStorage): Promise<string> {
  let [found, cursor]: [string | undefined, string | null | undefined] = [undefined, undefined];
  do {
    const page = await storage.list('backups/', { cursor: cursor ?? undefined });
    for (const { key } of page.objects) if (key.endsWith('/manifest.json')) found = key;
    cursor = page.next_cursor;
  } while (cursor !== null);
  if (found === undefined) throw new UsageError(`There is no backup in ${storage.bucket}.`);
  return found.replace(/\/manifest\.json$/, '');
}
