/** A backup into tables of a new prefix, held against its manifest. The tables of the service that runs are never touched. */
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { createDependencies } from '../dependencies.ts';
import { RESTORING } from '../modules/settings/index.ts';
import { createTables } from '../shared/dynamo/create-tables.ts';
import { TABLES, type TableName, type TableNames, tableNames } from '../shared/dynamo/tables.ts';
import {
  lineDigest,
  scanWire,
  type WireItem,
  WRITE_AT_ONCE,
  wireFromLine,
  wireLine,
  writeWire,
} from '../shared/dynamo/wire.ts';
import { readAll, sha256Hex } from '../shared/storage/storage.ts';
import { type JobContext, jobCommand, type Outcome, UsageError } from './job.ts';
import { BACKED_UP, type BackedUpTable, readManifest } from './manifest.ts';

export interface RestoreOptions {
  readonly from: string;
  readonly prefix: string;
}

const PARALLEL = 4;
const unpacked = promisify(gunzip);

export async function restore(context: JobContext, { from, prefix }: RestoreOptions): Promise<Outcome> {
  const { infrastructure, report } = context;
  const names = newNames(infrastructure.tableNames, prefix);
  const { folder, manifest } = await readManifest(infrastructure.storage.backups, from);
  const total = Object.values(manifest.tables).reduce((sum, { items }) => sum + items, 0);
  const facts = { backup: folder, prefix, items: total, taken_at: manifest.started_at };
  if (context.dryRun) {
    for (const table of BACKED_UP) await eachItem(context, manifest.tables[table], async () => undefined);
    return {
      result: 'ok',
      sentence: `${total} items of ${folder} are sound and would be restored into ${prefix}.`,
      facts,
    };
  }
  await createTables(infrastructure.client, prefix);
  const { recovery } = createDependencies({ ...infrastructure, tableNames: names });
  const { version, restored_from } = await recovery.get();
  const goesOn = version === 0 && restored_from === folder;
  if (!goesOn) await requireEmpty(context, names);
  await recovery.begin(folder);
  let done = 0;
  for (const table of BACKED_UP)
    await eachItem(context, manifest.tables[table], async (items) => {
      await writeWire(infrastructure.client, names[table], items);
      done += items.length;
      report.progress(table, done, total);
    });
  const differing = await differingTables(context, names, manifest.tables);
  if (differing.length > 0)
    return {
      result: 'failed',
      sentence: `The restored tables differ from the manifest: ${differing.join(', ')}. They stay closed; restore into another prefix.`,
      facts: { ...facts, differing },
    };
  await recovery.finish(jobCommand(context, 'restore'), folder);
  return {
    result: 'ok',
    sentence: `${total} items of ${folder} are in ${prefix} and equal the manifest. The service starts read-only there; run p2p verify next.`,
    facts,
  };
}

/** For tables that AWS restored to a moment: nothing is copied, but the service starts read-only on them as well. */
export async function markRestored(context: JobContext, from: string): Promise<Outcome> {
  const { recovery } = context.dependencies;
  const facts = { from };
  if (context.dryRun) return { result: 'ok', sentence: 'The service would start read-only on these tables.', facts };
  await recovery.begin(from);
  await recovery.finish(jobCommand(context, 'mark-restored'), from);
  return { result: 'ok', sentence: 'The service starts read-only on these tables; run p2p verify next.', facts };
}

function newNames(running: TableNames, prefix: string): TableNames {
  if (!/^[A-Za-z0-9_.-]{1,200}$/.test(prefix))
    throw new UsageError(`'${prefix}' is no prefix: it takes letters, digits and _.- only.`);
  const names = tableNames(prefix);
  if (names.vendors === running.vendors)
    throw new UsageError(`${prefix} is the prefix of the service that runs: restore into a new one.`);
  return names;
}

/** @throws UsageError where a table holds anything already. */
async function requireEmpty({ infrastructure }: JobContext, names: TableNames): Promise<void> {
  for (const table of TABLES) {
    const { done } = await scanWire(infrastructure.client, names[table]).next();
    if (done !== true) throw new UsageError(`${names[table]} holds data already: restore into a new prefix.`);
  }
}

/** The items of a table, checked part by part, a write's worth at a time. */
async function eachItem(
  { infrastructure, signal }: JobContext,
  table: BackedUpTable | undefined,
  take: (items: readonly WireItem[]) => Promise<void>,
): Promise<void> {
  for (const part of table?.parts ?? []) {
    const object = await infrastructure.storage.backups.get(part.key);
    const bytes = object === undefined ? undefined : await readAll(object);
    if (bytes === undefined || sha256Hex(bytes) !== part.sha256)
      throw new Error(
        `${part.key} is ${bytes === undefined ? 'missing' : 'not what the manifest says'}: this backup cannot be restored.`,
      );
    const lines = (await unpacked(bytes)).toString('utf8').trimEnd().split('\n');
    const chunks = Array.from({ length: Math.ceil(lines.length / WRITE_AT_ONCE) }, (_, at) =>
      lines.slice(at * WRITE_AT_ONCE, (at + 1) * WRITE_AT_ONCE),
    );
    const work = async (): Promise<void> => {
      for (let chunk = chunks.shift(); chunk !== undefined; chunk = chunks.shift()) {
        signal.throwIfAborted();
        await take(chunk.map(wireFromLine));
      }
    };
    await Promise.all(Array.from({ length: PARALLEL }, work));
  }
}

async function differingTables(
  { infrastructure, report }: JobContext,
  names: TableNames,
  tables: Readonly<Record<string, BackedUpTable>>,
): Promise<readonly TableName[]> {
  const differing: TableName[] = [];
  for (const [done, table] of BACKED_UP.entries()) {
    report.progress(`verifying ${table}`, done, BACKED_UP.length);
    const found = lineDigest();
    for await (const item of scanWire(infrastructure.client, names[table]))
      if (table !== 'settings' || item['id']?.S !== RESTORING) found.add(wireLine(item));
    if (found.count !== (tables[table]?.items ?? 0) || found.hex() !== (tables[table]?.digest ?? lineDigest().hex()))
      differing.push(table);
  }
  return differing;
}
