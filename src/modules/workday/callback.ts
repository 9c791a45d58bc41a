/** What a callback of Workday makes of a payment. Pure. */
import {
  openReport,
  type Payment,
  type ReportedFailure,
  takes,
  type WorkdayRecord,
  type WorkdayStatus,
} from '../payments/index.ts';

export interface CallbackFacts {
  readonly status: WorkdayStatus;
  readonly message?: string | undefined;
  readonly now: Date;
  /** The company's calendar day: the one on which Workday says that a payment is settled. */
  readonly today: string;
  /** Whether the debtor account takes Workday's word for a settlement, and for a failure. */
  readonly settledByWorkday: boolean;
  /** The bank cannot have the file, or the payment, its batch or its invoice does not allow what was said. */
  readonly refused: boolean;
}

const ACTIONS = { accepted: 'accept', settled: 'settle', failed: 'fail' } as const;

/**
 * undefined where the same is on record and there is nothing new to do: it was applied, or still cannot be. What cannot be applied is
 * recorded, blocks nothing, and is applied when Workday says it again at a time when it can be.
 */
export function decideCallback(payment: Payment, facts: CallbackFacts): WorkdayRecord | undefined {
  const { status, message } = facts;
  const said = payment.workday_callbacks.filter((callback) => callback.status === status);
  // What Workday said before stands: a payment that it reported as failed is not accepted after it.
  const fits = takes(payment, ACTIONS[status]) && !facts.refused && openReport(payment) === undefined;
  const applied = fits && (status === 'accepted' || facts.settledByWorkday);
  const report = fits && !applied && status === 'failed' ? reportOf(payment, facts) : undefined;
  const isNew = said.length === 0 || applied || report !== undefined;
  if (said.some((callback) => callback.applied) || !isNew) return undefined;
  const callback = {
    status,
    message: message ?? null,
    received_at: facts.now.toISOString(),
    applied,
    ...(report === undefined ? {} : { reported_of: report.batch_id }),
  };
  return {
    changes: {
      workday_callbacks: [...payment.workday_callbacks, callback],
      ...(report === undefined ? {} : { reported_failure: report }),
      ...(fits && !applied ? { integration_status: status } : {}),
    },
    ...(applied ? { action: ACTIONS[status] } : {}),
    body: { reason: message, ...(applied && status === 'settled' ? { booked_on: facts.today } : {}) },
  };
}

/** Once for each file: a report that was dismissed is not raised again by the same callback. */
function reportOf(
  { batch_id, workday_callbacks }: Payment,
  { message, now }: CallbackFacts,
): ReportedFailure | undefined {
  if (batch_id === null || workday_callbacks.some(({ reported_of }) => reported_of === batch_id)) return undefined;
  return { batch_id, message: message ?? null, reported_at: now.toISOString(), decision: null };
}
