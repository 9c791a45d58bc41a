/** Takes up payment runs whose task ended: what each server does by itself every minute, for when none runs. */
import type { Job } from './job.ts';

export const resumeBatches: Job = {
  summary: 'takes up payment runs whose task ended',
  async run({ dependencies: { paymentBatches }, dryRun, report, signal }) {
    if (dryRun) {
      const waiting: string[] = [];
      for await (const id of paymentBatches.runsUnderWay()) waiting.push(id);
      for (const batch_id of waiting) report.line('a run would be taken up unless a task holds it', { batch_id });
      return { result: 'ok', sentence: `${waiting.length} runs are under way.`, facts: { waiting: waiting.length } };
    }
    paymentBatches.onFailure((error, batch_id) =>
      report.line('a run stopped', { level: 'error', batch_id, error: String(error) }),
    );
    signal.addEventListener('abort', () => void paymentBatches.stop());
    const { resumed, failed } = await paymentBatches.resumeBatches();
    return {
      result: failed > 0 ? 'failed' : 'ok',
      sentence: `${resumed} runs were ended, ${failed} stopped with an error.`,
      facts: { resumed, failed },
    };
  },
};
