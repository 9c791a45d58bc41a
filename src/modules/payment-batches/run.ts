/**
 * A payment run is many transactions under one header: its candidates are fixed when it begins and taken in chunks. The run stands in an
 * item of its own beside the header: which step, how far, and who works on it. Pure.
 */
import { createHash } from 'node:crypto';
import type { PendingWrite } from '../../shared/dynamo/unit-of-work.ts';
import { ID_PREFIXES } from '../../shared/ids.ts';
import { add, amount, type Decimal } from '../../shared/money.ts';
import type { PaymentSummary } from '../payments/index.ts';
import type { RunStep, Skip } from './payment-batch.schema.ts';

/** Payments a transaction moves at most. */
export const CHUNK = 20;
/** Writes of a chunk; what a transaction has besides is the header's, the run's and the reply's. */
const CHUNK_WRITES = 90;

export interface Sums {
  readonly count: number;
  readonly control_sum: Decimal;
}

export const nothing = (currency: string): Sums => ({ count: 0, control_sum: amount('0', currency) });

export interface Run extends Sums {
  readonly batch_id: string;
  readonly step: RunStep;
  /** Candidates that were decided on. */
  readonly done: number;
  readonly total: number;
  readonly barred_approvers: readonly string[];
  /** The person on whose command the step runs, and the request that gave it. */
  readonly actor_id: string;
  readonly request_id: string;
  readonly lease_token: string;
  readonly lease_until: string;
  readonly created_at: string;
  readonly version: number;
}

/** What was decided on one candidate, and the documents it writes besides its own payment. */
export interface Outcome {
  readonly writes: readonly PendingWrite[];
  readonly touches: readonly string[];
  readonly member?: PaymentSummary;
  readonly barred?: readonly string[];
  readonly skip?: Skip;
}

export interface Chunk extends Sums {
  /** Candidates decided on: fewer than given where two touch one document, or the transaction is full. */
  readonly consumed: number;
  readonly writes: readonly PendingWrite[];
  readonly members: readonly PaymentSummary[];
  readonly barred_approvers: readonly string[];
  readonly skips: readonly Skip[];
}

/** Takes as many outcomes as one transaction holds. What touches a document twice is read again for the next. */
export function chunkOf(outcomes: readonly Outcome[], currency: string): Chunk {
  const taken: Outcome[] = [];
  const touched = new Set<string>();
  let writes = 0;
  for (const outcome of outcomes) {
    writes += outcome.writes.length;
    const again = outcome.touches.some((id) => touched.has(id));
    if (taken.length > 0 && (again || writes > CHUNK_WRITES)) break;
    for (const id of outcome.touches) touched.add(id);
    taken.push(outcome);
  }
  const members = taken.flatMap(({ member }) => (member === undefined ? [] : [member]));
  return {
    consumed: taken.length,
    writes: taken.flatMap((outcome) => outcome.writes),
    members,
    count: members.length,
    control_sum: amount(add(...members.map(({ payment_amount }) => payment_amount)), currency),
    barred_approvers: [...new Set(taken.flatMap(({ barred = [] }) => barred))],
    skips: taken.flatMap(({ skip }) => (skip === undefined ? [] : [skip])),
  };
}

/** The run after a chunk. */
export function advanced<T extends Run>(run: T, chunk: Chunk, currency: string): T {
  return {
    ...run,
    done: run.done + chunk.consumed,
    count: run.count + chunk.count,
    control_sum: amount(add(run.control_sum, chunk.control_sum), currency),
    barred_approvers: [...new Set([...run.barred_approvers, ...chunk.barred_approvers])],
  };
}

/**
 * The id of the payment that a batch makes of an invoice: the same however often the step is repeated. A UUIDv7 of the batch's time with
 * 74 bits of SHA-256 in place of the random ones.
 */
export function memberId(batchId: string, candidate: string): string {
  if (candidate.startsWith(`${ID_PREFIXES.payment}_`)) return candidate;
  const time = batchId.slice(ID_PREFIXES.payment_batch.length + 1).slice(0, 13);
  const hash = createHash('sha256').update(`${batchId} ${candidate}`).digest('hex');
  const variant = ((Number.parseInt(hash.slice(3, 4), 16) & 0x3) | 0x8).toString(16);
  return `${ID_PREFIXES.payment}_${time}-7${hash.slice(0, 3)}-${variant}${hash.slice(4, 7)}-${hash.slice(7, 19)}`;
}
