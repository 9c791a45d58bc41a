/**
 * A payment run is many transactions under one header: its candidates are fixed when it begins and taken in chunks. The run stands in an
 * item of its own beside the header: which step, how far, and who works on it. Pure.
 */
import { createHash } from 'node:crypto';
import type { PendingWrite } from '../../shared/dynamo/unit-of-work.ts';
import { ID_PREFIXES } from '../../shared/ids.ts';
import { add, amount, type Decimal } from '../../shared/money.ts';
import type { Invoice } from '../invoices/index.ts';
import type { PaymentSummary } from '../payments/index.ts';
import { isSpentCredit, MOST_NOTICES } from './open-credits.ts';
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
  /** Vendors that are paid in full although they have open credit notes. */
  readonly credit_vendors: readonly string[];
  /** The person on whose command the step runs, and the request that gave it. */
  readonly actor_id: string;
  /** The API key that gave it, and who made that key for its owner. Runs that were begun before they were kept have neither. */
  readonly via?: string | undefined;
  readonly key_maker?: string | undefined;
  readonly request_id: string;
  readonly lease_token: string;
  readonly lease_until: string;
  readonly created_at: string;
  readonly version: number;
}

/** What was decided on one candidate. */
export interface Outcome {
  readonly writes: readonly PendingWrite[];
  /** Invoices and credit notes as the decision leaves them; others of the transaction may move them again. */
  readonly changed: readonly Invoice[];
  readonly member?: PaymentSummary;
  readonly barred?: readonly string[];
  readonly skip?: Skip;
  /** A vendor that is paid in full although it has open credit notes. */
  readonly credit_vendor?: string;
}

export interface Chunk extends Sums {
  /** Candidates decided on: fewer than given where the transaction is full. */
  readonly consumed: number;
  readonly writes: readonly PendingWrite[];
  readonly members: readonly PaymentSummary[];
  readonly barred_approvers: readonly string[];
  readonly credit_vendors: readonly string[];
  /** Credit notes of which it leaves nothing to apply. */
  readonly spent_credits: readonly string[];
  readonly skips: readonly Skip[];
}

/** Whether the transaction holds this outcome besides those taken. One alone always fits. */
export const fits = (taken: readonly Outcome[], next: Outcome): boolean =>
  taken.length === 0 || writtenOnce([...taken, next]).length <= CHUNK_WRITES;

export function chunkOf(taken: readonly Outcome[], currency: string): Chunk {
  const members = taken.flatMap(({ member }) => (member === undefined ? [] : [member]));
  const documents = new Map(taken.flatMap(({ changed }) => changed).map((document) => [document.id, document]));
  return {
    consumed: taken.length,
    writes: writtenOnce(taken),
    members,
    count: members.length,
    control_sum: amount(add(...members.map(({ payment_amount }) => payment_amount)), currency),
    barred_approvers: distinct(taken.flatMap(({ barred = [] }) => barred)),
    credit_vendors: creditVendors(taken.flatMap(({ credit_vendor = [] }) => credit_vendor)),
    spent_credits: [...documents.values()].filter(isSpentCredit).map(({ id }) => id),
    skips: taken.flatMap(({ skip }) => (skip === undefined ? [] : [skip])),
  };
}

/** An invoice or credit note that several moved is written as the last left it, under the version that the first read. */
function writtenOnce(outcomes: readonly Outcome[]): readonly PendingWrite[] {
  const writes = new Map<string, PendingWrite>();
  const others: PendingWrite[] = [];
  for (const write of outcomes.flatMap((outcome) => outcome.writes)) {
    if (write.table !== 'invoices') {
      others.push(write);
      continue;
    }
    const id = String(write.key['id']);
    const first = writes.get(id);
    writes.set(id, first?.condition === undefined ? write : { ...write, condition: first.condition });
  }
  return [...writes.values(), ...others];
}

const distinct = (ids: readonly string[]): readonly string[] => [...new Set(ids)];
const creditVendors = (ids: readonly string[]): readonly string[] => distinct(ids).slice(0, MOST_NOTICES);

/** The run after a chunk. */
export function advanced<T extends Run>(run: T, chunk: Chunk, currency: string): T {
  return {
    ...run,
    done: run.done + chunk.consumed,
    count: run.count + chunk.count,
    control_sum: amount(add(run.control_sum, chunk.control_sum), currency),
    barred_approvers: distinct([...run.barred_approvers, ...chunk.barred_approvers]),
    credit_vendors: creditVendors([...run.credit_vendors, ...chunk.credit_vendors]),
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
