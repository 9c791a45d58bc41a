/** A batch as it goes out: its header with the first of its members, of what it skipped, and how far its run has come. */
import type { PaymentRepository, PaymentSummary } from '../payments/index.ts';
import type { BatchRepository } from './payment-batch.repository.ts';
import type { Batch, Notice, Pinned, RunStep, Skip } from './payment-batch.schema.ts';
import { maskedPinned } from './pinned.ts';
import { CHUNK, type Run } from './run.ts';

export interface BatchView extends Batch {
  /** With its IBAN masked. */
  readonly pinned: Pinned | null;
  readonly notices: Notice[];
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
  pinned: maskedPinned(batch.pinned),
  notices: batch.notices ?? [],
  payments: payments.slice(0, CHUNK),
  skipped: skipped.slice(0, CHUNK),
  progress: run === undefined ? null : { step: run.step, done: run.done, total: run.total },
});

export interface ViewDeps {
  readonly repository: BatchRepository;
  readonly payments: PaymentRepository;
}

export interface BatchViews {
  of(batch: Batch): Promise<BatchView>;
  /** As stored, strongly consistent but for the payments. @throws DomainError 404 */
  get(id: string): Promise<BatchView>;
}

/** Reads what a header does not hold. The first payments come from an index, so one that just joined may not be there yet. */
export function createBatchViews({ repository, payments }: ViewDeps): BatchViews {
  const shown = async (id: string): Promise<Shown> => {
    const page = { limit: CHUNK, binding: { principal: '', query: '' } };
    const [members, skipped] = await Promise.all([payments.list({ batch_id: id }, page), repository.skips(id, page)]);
    return { payments: members.data, skipped: skipped.data };
  };
  return {
    async of(batch) {
      const [lists, run] = await Promise.all([shown(batch.id), repository.run(batch.id)]);
      return viewOf(batch, { ...lists, run });
    },
    async get(id) {
      const [lists, { batch, run }] = await Promise.all([shown(id), repository.withRun(id)]);
      return viewOf(batch, { ...lists, run });
    },
  };
}
