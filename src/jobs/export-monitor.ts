/** Payment files that nobody gave to the bank, and those the bank has not answered. */
import type { BatchSummary } from '../modules/payment-batches/index.ts';
import type { Job } from './job.ts';
import { everyPage, secondsSince } from './pages.ts';

/** A day is a cut-off missed; banks answer within two. */
const UNSENT_SECONDS = 24 * 3600;
const UNANSWERED_SECONDS = 48 * 3600;

export const exportMonitor: Job = {
  summary: 'lists payment files that are unsent or unanswered',
  async run({ dependencies: { paymentBatches, settings }, now, dryRun, report }) {
    const at = now();
    const today = await settings.today(at);
    const counts = { unsent: 0, unanswered: 0 };
    const oldest = { batches_unsent: 0, batches_unanswered: 0 };
    const tell = (message: string, batch: BatchSummary, age: number): void =>
      report.line(message, {
        batch_id: batch.id,
        message_id: batch.message_id,
        execution_date: batch.execution_date,
        control_sum: batch.control_sum,
        currency: batch.currency,
        age_seconds: age,
      });
    for await (const batch of everyPage((page) => paymentBatches.list({ status: 'generated', limit: 100 }, page))) {
      const age = secondsSince(batch.updated_at, at);
      oldest.batches_unsent = Math.max(oldest.batches_unsent, age);
      if (age < UNSENT_SECONDS && batch.execution_date > today) continue;
      counts.unsent += 1;
      tell('a payment file was not sent', batch, age);
    }
    for await (const batch of everyPage((page) => paymentBatches.list({ status: 'sent', limit: 100 }, page))) {
      const age = secondsSince(batch.updated_at, at);
      oldest.batches_unanswered = Math.max(oldest.batches_unanswered, age);
      if (age < UNANSWERED_SECONDS) continue;
      counts.unanswered += 1;
      tell('the bank has not answered a payment file', batch, age);
    }
    if (!dryRun)
      for (const [queue, value] of Object.entries(oldest))
        report.metric({ name: 'queue_age_seconds', value, dimensions: { queue } });
    return {
      result: 'ok',
      sentence: `${counts.unsent} payment files are unsent, ${counts.unanswered} unanswered.`,
      facts: counts,
    };
  },
};
