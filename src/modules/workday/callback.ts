/** What a callback of Workday makes of a payment. Pure. */
import {
  type IntegrationStatus,
  type Payment,
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
  /** Whether the debtor account takes Workday's word for a settlement. */
  readonly settledByWorkday: boolean;
}

/** Settled and failed are both final: the first of them stands. */
const RANK: Readonly<Record<IntegrationStatus, number>> = {
  not_exported: 0,
  exported: 0,
  accepted: 1,
  failed: 2,
  settled: 2,
};

const ACTIONS = { accepted: 'accept', settled: 'settle', failed: 'fail' } as const;

/** undefined where the same was said before. What comes too late, or is not Workday's to decide, is recorded and not applied. */
export function decideCallback(payment: Payment, facts: CallbackFacts): WorkdayRecord | undefined {
  const { status, message } = facts;
  if (payment.workday_callbacks.some((callback) => callback.status === status)) return undefined;
  const late = RANK[payment.integration_status] >= RANK[status];
  const mayMove = takes(payment, ACTIONS[status]) && (status !== 'settled' || facts.settledByWorkday);
  const applied = !late && mayMove;
  const callback = { status, message: message ?? null, received_at: facts.now.toISOString(), applied };
  return {
    changes: {
      workday_callbacks: [...payment.workday_callbacks, callback],
      ...(late ? {} : { integration_status: status }),
    },
    ...(applied ? { action: ACTIONS[status] } : {}),
    body: { reason: message, ...(applied && status === 'settled' ? { booked_on: facts.today } : {}) },
  };
}
