/**
 * Seals and encrypts anew what the key of now did not: after a rotation everything that the key before it made, and with P2P_SEALS=migrating
 * items from before there were seals. An item that is done is left out by the next run, so that one that was stopped goes on where it was.
 */
import { isSealed, replaceSealed, SEAL, subjectOf } from '../shared/dynamo/seals.ts';
import { TABLES, type TableName } from '../shared/dynamo/tables.ts';
import { scanWire, type WireItem } from '../shared/dynamo/wire.ts';
import { IntegrityError } from '../shared/errors.ts';
import type { JobContext, Outcome } from './job.ts';

const AT_ONCE = 16;
const LOG: TableName = 'security_log';

export async function reseal(context: JobContext): Promise<Outcome> {
  const counted = { sealed: 0, current: 0, changed: 0, broken: 0 };
  const tables = TABLES.filter((table) => isSealed(table) || table === LOG);
  for (const [done, table] of tables.entries()) {
    context.report.progress(table, done, tables.length);
    let chunk: WireItem[] = [];
    const flush = async (): Promise<void> => {
      for (const end of await Promise.all(chunk.map((item) => resealed(context, table, item)))) counted[end] += 1;
      chunk = [];
    };
    for await (const item of scanWire(context.infrastructure.client, context.infrastructure.tableNames[table])) {
      context.signal.throwIfAborted();
      // What was logged before entries were sealed is left as it is.
      const bare = table === LOG && item[SEAL] === undefined;
      if (bare || context.dependencies.seals.isCurrent(item)) counted.current += 1;
      else if (chunk.push(item) === AT_ONCE) await flush();
    }
    await flush();
  }
  const { sealed, current, changed, broken } = counted;
  const sentence = `${sealed} items ${context.dryRun ? 'would be' : 'were'} sealed anew, ${current} were already, ${changed} changed meanwhile; ${broken} are not what this system wrote.`;
  return { result: broken > 0 ? 'findings' : changed > 0 ? 'failed' : 'ok', sentence, facts: counted };
}

async function resealed(
  { dependencies, infrastructure, report, dryRun }: JobContext,
  table: TableName,
  item: WireItem,
): Promise<'sealed' | 'changed' | 'broken'> {
  try {
    const revealed = dependencies.seals.reveal(table, item);
    // The client does not seal what a list shows as it is.
    const Item = table === LOG ? dependencies.seals.protect(table, revealed) : revealed;
    const { client, tableNames } = infrastructure;
    return dryRun || (await replaceSealed(client, tableNames[table], item, Item)) ? 'sealed' : 'changed';
  } catch (error) {
    if (!(error instanceof IntegrityError)) throw error;
    report.line('an item is not what this system wrote', { table, id: subjectOf(item['id']?.S ?? '') });
    return 'broken';
  }
}
