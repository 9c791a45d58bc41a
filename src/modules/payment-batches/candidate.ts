/** What every step of a run does with a candidate: reads it, decides on it after those before it, and says what came of it. */
import type { Command } from '../../shared/command.ts';
import type { Draft } from '../../shared/dynamo/entity-store.ts';
import type { PendingWrite } from '../../shared/dynamo/unit-of-work.ts';
import type { Invoice, InvoiceService } from '../invoices/index.ts';
import type { Obstacle, PaymentRepository } from '../payments/index.ts';
import type { VendorService } from '../vendors/index.ts';
import type { Pain001Version } from './formats/index.ts';
import type { Ledger } from './ledger.ts';
import type { OpenCredits } from './open-credits.ts';
import type { Batch, Skip } from './payment-batch.schema.ts';
import type { Outcome } from './run.ts';

export interface MembersDeps {
  readonly payments: PaymentRepository;
  readonly invoices: InvoiceService;
  readonly vendors: VendorService;
  readonly skipWrite: (batchId: string, candidate: string, skip: Skip) => PendingWrite;
}

/** What a batch is to its members. */
export type Header = Pick<
  Batch,
  | 'id'
  | 'currency'
  | 'execution_date'
  | 'minimum_amount'
  | 'created_by'
  | 'generated_by'
  | 'profile_version'
  | 'creditor_address'
>;

/** What the candidates of a transaction share. */
export interface Documents {
  readonly ledger: Ledger;
  readonly credits: OpenCredits;
}

/** What was read of a candidate, ready to be decided on after those before it. */
export type Decide = () => Promise<Outcome>;

export const NOTHING: Outcome = { writes: [], changed: [] };

export const versionOf = (batch: Header): Pain001Version => batch.profile_version ?? '001.09';

/** The outcomes that are made alike wherever they occur. */
export function outcomesOf(deps: Pick<MembersDeps, 'invoices' | 'skipWrite'>) {
  const skipped = (
    batch: Header,
    candidate: string,
    obstacle: Obstacle,
    writes: readonly PendingWrite[] = [],
  ): Outcome => {
    const isPayment = candidate.startsWith('pay_');
    const skip: Skip = {
      payment_id: isPayment ? candidate : null,
      invoice_id: isPayment ? null : candidate,
      ...obstacle,
    };
    return { ...NOTHING, writes: [...writes, deps.skipWrite(batch.id, candidate, skip)], skip };
  };

  const updated = (command: Command, before: Invoice, after: Draft<Invoice>, action: string): Outcome => {
    const { entity, writes } = deps.invoices.updateWrites(command, before, after, { action });
    return { writes, changed: [entity] };
  };
  return { skipped, updated };
}
