/**
 * Removes what nobody can reach: expired replies, sessions and throttles that are still there, and uploaded bytes that no document names.
 * Payment files and files of the bank are never removed, named or not: they are its word, or it may have them.
 */
import { BANK_FILES } from '../modules/bank-messages/index.ts';
import { deleteExpired, EXPIRING } from '../shared/dynamo/expired.ts';
import type { Job, JobContext } from './job.ts';

/** DynamoDB deletes within days; what is younger is left to it. */
const EXPIRED_SECONDS = 2 * 24 * 3600;
/** An upload under way has no document that names its end yet. */
const ABANDONED_MS = 24 * 3600 * 1000;

export const cleanup: Job = {
  summary: 'removes what expired, and uploads that no document names',
  async run(context) {
    const { infrastructure, now, dryRun, report, signal } = context;
    const before = Math.floor(now().getTime() / 1000) - EXPIRED_SECONDS;
    let expired = 0;
    for (const [done, table] of EXPIRING.entries()) {
      signal.throwIfAborted();
      report.progress(table.table, done, EXPIRING.length + 1);
      expired += await deleteExpired(infrastructure, table, before, dryRun);
    }
    const uploads = await abandonedUploads(context);
    return {
      result: 'ok',
      sentence: `${expired} expired items and ${uploads} uploads ${dryRun ? 'would be' : 'were'} removed.`,
      facts: { expired, uploads },
    };
  },
};

async function abandonedUploads({ infrastructure, dependencies, now, dryRun, report, signal }: JobContext) {
  const { documents: storage } = infrastructure.storage;
  const limit = new Date(now().getTime() - ABANDONED_MS).toISOString();
  let [removed, cursor]: [number, string | null | undefined] = [0, undefined];
  do {
    signal.throwIfAborted();
    const page = await storage.list('', { cursor: cursor ?? undefined });
    for (const { key, modified_at } of page.objects) {
      if (modified_at >= limit || key.startsWith(BANK_FILES) || (await dependencies.documents.isNamed(key))) continue;
      report.line('an upload that no document names', { key, modified_at });
      removed += 1;
      if (!dryRun) await storage.delete(key);
    }
    cursor = page.next_cursor;
  } while (cursor !== null);
  return removed;
}
