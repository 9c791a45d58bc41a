/** Matches what waits in `received`, as the clerk's button does: the result, and who decides on an exception, are the same. */
import { DomainError } from '../shared/errors.ts';
import { type Job, jobCommand } from './job.ts';
import { everyPage, secondsSince } from './pages.ts';

export const matchReceived: Job = {
  summary: 'matches the invoices that were received',
  async run(context) {
    const { dependencies, dryRun, report, signal } = context;
    const { invoices, recovery } = dependencies;
    const waiting: { readonly id: string; readonly updated_at: string }[] = [];
    for await (const invoice of everyPage((page) =>
      invoices.list({ status: 'received', limit: 100 }, page, context.now()),
    ))
      waiting.push(invoice);
    const oldest = waiting.reduce((age, { updated_at }) => Math.max(age, secondsSince(updated_at, context.now())), 0);
    if (!dryRun) await recovery.requireCommands();
    const counts = { matched: 0, exceptions: 0, refused: 0 };
    for (const [done, { id }] of waiting.entries()) {
      signal.throwIfAborted();
      report.progress('invoices', done, waiting.length);
      try {
        const { status } = await invoices.match(jobCommand(context, 'match-received'), id, undefined);
        if (status === 'exception') counts.exceptions += 1;
        else counts.matched += 1;
      } catch (error) {
        // Somebody was faster, or its order is not ready: told, and no reason to leave the others.
        if (!(error instanceof DomainError)) throw error;
        counts.refused += 1;
        report.line('an invoice was not matched', { invoice_id: id, code: error.code, detail: error.message });
      }
    }
    if (!dryRun)
      report.metric({ name: 'queue_age_seconds', value: oldest, dimensions: { queue: 'invoices_received' } });
    return {
      result: 'ok',
      sentence: `${counts.matched} invoices ${dryRun ? 'would match' : 'matched'}, ${counts.exceptions} are exceptions, ${counts.refused} were refused.`,
      facts: counts,
    };
  },
};
