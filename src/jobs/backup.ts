/** All tables that backups take, as gzipped JSON lines in DynamoDB's own form, with a manifest of counts and digests. */
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { TableName } from '../shared/dynamo/tables.ts';
import { lineDigest, scanWire, wireLine } from '../shared/dynamo/wire.ts';
import { sha256Hex } from '../shared/storage/storage.ts';
import type { Job, JobContext } from './job.ts';
import { BACKED_UP, type BackedUpTable, type Manifest, manifestKey } from './manifest.ts';

/** Characters of JSON a part holds at most: some megabytes once compressed, and what a task keeps in memory. */
const PART_CHARACTERS = 16_000_000;

const compressed = promisify(gzip);

export const backup: Job = {
  summary: 'copies all tables to the backups bucket',
  async run(context) {
    const started = context.now();
    const folder = `backups/${started.toISOString().replaceAll(/[:.]/g, '-')}`;
    const tables: Record<string, BackedUpTable> = {};
    for (const [done, table] of BACKED_UP.entries()) {
      context.signal.throwIfAborted();
      context.report.progress(table, done, BACKED_UP.length);
      tables[table] = await copyTable(context, table, folder);
    }
    const manifest: Manifest = {
      format: 'p2p-backup/1',
      table_prefix: context.infrastructure.tableNames.vendors.replace(/vendors$/, ''),
      started_at: started.toISOString(),
      completed_at: context.now().toISOString(),
      tables,
    };
    if (!context.dryRun)
      await put(context, manifestKey(folder), JSON.stringify(manifest, undefined, 2), 'application/json');
    const items = Object.values(tables).reduce((sum, table) => sum + table.items, 0);
    return {
      result: 'ok',
      sentence: `${items} items of ${BACKED_UP.length} tables ${context.dryRun ? 'would be' : 'are'} in ${folder}.`,
      facts: { backup: folder, items },
    };
  },
};

async function copyTable(context: JobContext, table: TableName, folder: string): Promise<BackedUpTable> {
  const { client, tableNames } = context.infrastructure;
  const digest = lineDigest();
  const parts: BackedUpTable['parts'] = [];
  let [lines, characters]: [string[], number] = [[], 0];
  const flush = async (): Promise<void> => {
    const bytes = await compressed(lines.map((line) => `${line}\n`).join(''));
    const key = `${folder}/${table}/${String(parts.length + 1).padStart(4, '0')}.jsonl.gz`;
    const sha256 = context.dryRun ? sha256Hex(bytes) : await put(context, key, bytes, 'application/gzip');
    parts.push({ key, items: lines.length, bytes: bytes.length, sha256 });
    [lines, characters] = [[], 0];
  };
  for await (const item of scanWire(client, tableNames[table])) {
    const line = wireLine(item);
    digest.add(line);
    lines.push(line);
    characters += line.length;
    if (characters >= PART_CHARACTERS) await flush();
  }
  if (lines.length > 0) await flush();
  return { items: digest.count, digest: digest.hex(), parts };
}

/** Nothing is ever replaced. @returns the SHA-256 of what was stored. */
async function put(context: JobContext, key: string, content: string | Buffer, content_type: string): Promise<string> {
  const bytes = Buffer.from(content);
  const sha256 = sha256Hex(bytes);
  await context.infrastructure.storage.backups.put(key, bytes, { content_type, sha256, ifNoneMatch: true });
  return sha256;
}
