/** Which payments batches say they have, beside those that say they are in one. Pure. */
import { type Batch, left } from '../../modules/payment-batches/index.ts';
import type { Payment } from '../../modules/payments/index.ts';
import { add, amount, compare } from '../../shared/money.ts';
import type { Finding } from './finding.ts';

export interface BatchBook {
  payment(payment: Payment): void;
  batch(batch: Batch): void;
  /** A step of this batch goes on: its members and sums are on their way. */
  running(batchId: string): void;
  findings(): readonly Finding[];
  /** Payments that batches made and gave up, though they do not say so themselves. */
  gone(): ReadonlySet<string>;
}

type Member = Pick<Payment, 'id' | 'status' | 'payment_amount'>;

/** Those whose members and sums stand still. */
const SUMMED = ['draft', 'pending_approval', 'approved', 'generated', 'sent', 'partially_accepted', 'completed'];
/** Those that let all their members go. */
const OVER: readonly Batch['status'][] = ['rejected', 'cancelled'];

export function createBatchBook(): BatchBook {
  const batches = new Map<string, Batch>();
  const running = new Set<string>();
  const members = new Map<string, Member[]>();
  const batched = new Map<string, Payment>();
  /** The header is the authority: what it let go it does not hold. */
  const stranded = (): readonly Payment[] =>
    [...batched.values()].filter(({ batch_id }) => {
      const batch = batches.get(batch_id ?? '');
      return batch !== undefined && OVER.includes(batch.status) && !running.has(batch.id);
    });
  return {
    batch: (batch) => void batches.set(batch.id, batch),
    running: (batchId) => void running.add(batchId),
    payment(payment) {
      const { id, status, payment_amount, batch_id } = payment;
      if (batch_id === null) return;
      members.set(batch_id, [...(members.get(batch_id) ?? []), { id, status, payment_amount }]);
      if (status === 'batched') batched.set(id, payment);
    },
    findings: () => [
      ...[...members].flatMap(([id, payments]) =>
        batches.has(id)
          ? []
          : payments.map((payment): Finding => ({ kind: 'reservation', id: payment.id, message: lostBatch(id) })),
      ),
      ...stranded().map(strandedFinding),
      ...[...batches.values()].flatMap((batch) =>
        running.has(batch.id) || !SUMMED.includes(batch.status) ? [] : sumFinding(batch, members.get(batch.id) ?? []),
      ),
    ],
    gone: () =>
      new Set(
        stranded()
          .filter((payment) => left(payment, payment.batch_id ?? '').gone)
          .map(({ id }) => id),
      ),
  };
}

const lostBatch = (id: string): string => `Its batch ${id} is not there.`;

function strandedFinding(payment: Payment): Finding {
  const { status, batch_id, integration_status, processed_by, payment_date, own_payment_date } = left(
    payment,
    payment.batch_id ?? '',
  ).payment;
  return {
    kind: 'batch',
    id: payment.id,
    message: `It is still in batch ${payment.batch_id}, which let its payments go.`,
    mend: {
      owner: { entity: 'payment', id: payment.id, version: payment.version },
      change: { status, batch_id, integration_status, processed_by, payment_date, own_payment_date },
    },
  };
}

const ANSWERS = ['accepted', 'settled', 'failed', 'returned'] as const;

/** A payment that failed or came back, and was voided then, still counts as what the bank said of it. */
function answersOf(payments: readonly Member[], { answers: told }: Batch): Batch['answers'] {
  const of = (wanted: string): number => payments.filter(({ status }) => status === wanted).length;
  const [failed, returned, voided] = [of('failed'), of('returned'), of('voided')];
  const wasReturned = Math.min(voided, Math.max(0, told.returned - returned));
  const counted = { failed: failed + voided - wasReturned, returned: returned + wasReturned };
  return { accepted: of('accepted'), settled: of('settled'), ...counted };
}

function sumFinding(batch: Batch, payments: readonly Member[]): readonly Finding[] {
  const count = payments.length;
  const control_sum = amount(add('0', ...payments.map(({ payment_amount }) => payment_amount)), batch.currency);
  const answers = answersOf(payments, batch);
  const answered = ANSWERS.every((answer) => answers[answer] === batch.answers[answer]);
  const sums = compare(control_sum, batch.control_sum);
  const differences = [
    ...(count === batch.count ? [] : [`it counts ${batch.count} members, ${count} payments name it`]),
    ...(sums === 0 ? [] : [`control_sum is ${batch.control_sum}, its members say ${control_sum}`]),
    ...(answered ? [] : ["its members' answers are others than it counts"]),
  ];
  if (differences.length === 0) return [];
  const finding = { kind: 'batch', id: batch.id, message: `${differences.join('; ')}.` } as const;
  // What the bank was given stands, and so does what somebody submitted or approved: only people can tell which of the two is right.
  const [differs, more] = [count !== batch.count || sums !== 0, count > batch.count || sums > 0];
  if (batch.files.length > 0 ? differs : more && batch.status !== 'draft') return [finding];
  const owner = { entity: 'payment_batch', id: batch.id, version: batch.version } as const;
  return [{ ...finding, mend: { owner, change: { count, control_sum, answers } } }];
}
