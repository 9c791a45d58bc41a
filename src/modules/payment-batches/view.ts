/** A batch as it goes out: its header with the first of its members, of what it skipped, and how far its run has come. */
import type { PaymentRepository, PaymentSummary } from '../payments/index.ts';
import type { BatchRepository } from './payment-batch.repository.ts';
import type { Batch, RunStep, Skip } from './payment-batch.schema.ts';
import { CHUNK, type Run } from './run.ts';

export interface BatchView extends Batch {
  readonly payments: PaymentSummary[];
  readonly skipped: Skip[];
  readonly progress: { readonly step: RunStep; readonly done: number; readonly total: number } | null;
}

export interface Shown {
  readonly payments?: readonly PaymentSummary[];
  readonly skipped?: readonly Skip[];
  readonly run?: Pick<Run, 'step' | 'done' | 'total'> | undefined;
}

export const viewOf = (batch: Batch, { payments = [], skipped = [], run }: Shown): BatchView => ({
  ...batch,
  payments: payments.slice(0, CHUNK),
  skipped: skipped.slice(0, CHUNK),
  progress: run === undefined ? null : { step: run.step, done: run.done, total: run.total },
});

export interface ViewDeps {
  readonly repository: BatchRepository;
  readonly payments: PaymentRepository;
}

/** Reads what a header does not hold. The first payments come from an index, so one that just joined may not be there yet. */
export function createBatchView({ repository, payments }: ViewDeps): (batch: Batch) => Promise<BatchView> {
  return async (batch) => {
    const page = { limit: CHUNK, binding: { principal: '', query: '' } };
    const [members, skipped, run] = await Promise.all([
      payments.list({ batch_id: batch.id }, page),
      repository.skips(batch.id, page),
      repository.run(batch.id),
    ]);
    return viewOf(batch, { payments: members.data, skipped: skipped.data, run });
  };
}
