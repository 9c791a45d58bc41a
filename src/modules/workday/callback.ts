/** What a callback of Workday makes of a payment. Pure. */
import { type Payment, takes, type WorkdayRecord, type WorkdayStatus } from '../payments/index.ts';

export interface CallbackFacts {
  readonly status: WorkdayStatus;
  readonly message?: string | undefined;
  readonly now: Date;
  /** The company's calendar day: the one on which Workday says that a payment is settled. */
  readonly today: string;
  /** Whether the debtor account takes Workday's word for a settlement. */
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
  const fits = takes(payment, ACTIONS[status]) && !facts.refused;
  const applied = fits && (status !== 'settled' || facts.settledByWorkday);
  if (said.some((callback) => callback.applied) || (said.length > 0 && !applied)) return undefined;
  const callback = { status, message: message ?? null, received_at: facts.now.toISOString(), applied };
  return {
    changes: {
      workday_callbacks: [...payment.workday_callbacks, callback],
      ...(fits && !applied ? { integration_status: status } : {}),
    },
    ...(applied ? { action: ACTIONS[status] } : {}),
    body: { reason: message, ...(applied && status === 'settled' ? { booked_on: facts.today } : {}) },
  };
}
