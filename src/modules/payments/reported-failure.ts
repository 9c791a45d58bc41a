/**
 * A failure that Workday reports where the bank's word counts: a person confirms or dismisses it, and nothing is given back before. It
 * belongs to the file that it was reported of (docs/rules.md#workday). Pure.
 */
import type { Draft } from '../../shared/dynamo/entity-store.ts';
import { conflictError } from '../../shared/errors.ts';
import type { Payment, ReportedFailure } from './payment.schema.ts';

type Reported = Pick<Payment, 'status' | 'batch_id' | 'reported_failure'>;

/** The report that waits for a person. One of an earlier file, or of a payment that was answered since, does not. */
export function openReport({ status, batch_id, reported_failure }: Reported): ReportedFailure | undefined {
  if (reported_failure === undefined || reported_failure === null || reported_failure.decision !== null)
    return undefined;
  if (reported_failure.batch_id !== batch_id) return undefined;
  return status === 'batched' || status === 'accepted' ? reported_failure : undefined;
}

/** @throws DomainError 409 where none waits */
export function requireReport(payment: Payment): ReportedFailure {
  const report = openReport(payment);
  if (report === undefined)
    throw conflictError('payment.no-reported-failure', 'No failure that Workday reported of this payment is open.');
  return report;
}

interface Decided {
  readonly actorId: string;
  readonly now: Date;
  readonly reason?: string | undefined;
}

/** Whatever is recorded as a failure confirms the report. */
export function confirmedReport(payment: Payment, facts: Decided): Payment {
  const report = openReport(payment);
  return report === undefined ? payment : { ...payment, reported_failure: decided(report, 'confirmed', facts) };
}

/** The payment stays with the bank as it was. @throws DomainError 409 */
export function dismissedReport(payment: Payment, facts: Decided): Draft<Payment> {
  const reported_failure = decided(requireReport(payment), 'dismissed', facts);
  return { ...payment, reported_failure, integration_status: payment.status === 'accepted' ? 'accepted' : 'exported' };
}

const decided = (
  report: ReportedFailure,
  outcome: 'confirmed' | 'dismissed',
  { actorId, now, reason = '' }: Decided,
): ReportedFailure => ({
  ...report,
  decision: { outcome, decided_by: actorId, decided_at: now.toISOString(), reason },
});
