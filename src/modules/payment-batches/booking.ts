/** When the bank can have booked a member, and that one booking of the bank's settles payments of one batch only. */
import type { PendingWrite } from '../../shared/dynamo/unit-of-work.ts';
import { type ErrorItem, ruleError } from '../../shared/errors.ts';
import type { Payment } from '../payments/index.ts';
import type { BatchRepository, BookingClaim } from './payment-batch.repository.ts';
import type { Batch } from './payment-batch.schema.ts';
import { leftAt } from './payment-batch.ts';

export interface BookingDeps {
  readonly repository: Pick<BatchRepository, 'booking' | 'bookingWrite'>;
  /** The company's calendar day. */
  readonly today: (now: Date) => Promise<string>;
}

interface Finding extends ErrorItem {
  readonly code: string;
}

/** @throws DomainError 422 with all that is wrong with the day and the reference of a settlement */
export async function bookingWrites(
  deps: BookingDeps,
  now: Date,
  batch: Batch,
  { booked_on, bank_reference }: Pick<Payment, 'booked_on' | 'bank_reference'>,
): Promise<readonly PendingWrite[]> {
  const [today, left, claim] = await Promise.all([
    deps.today(now),
    deps.today(new Date(leftAt(batch) ?? now)),
    bank_reference === null ? undefined : deps.repository.booking(batch, bank_reference),
  ]);
  refuse([...dayFindings(booked_on, left, today), ...referenceFindings(batch, claim)]);
  return claim === undefined ? [] : [deps.repository.bookingWrite({ ...claim, owner: batch.id }, claim.count + 1)];
}

/** A settlement that is corrected gives the bank's reference back, once no other payment of the batch has it. */
export async function unbookingWrites(
  deps: BookingDeps,
  batch: Batch,
  { bank_reference }: Pick<Payment, 'bank_reference'>,
): Promise<readonly PendingWrite[]> {
  if (bank_reference === null) return [];
  const claim = await deps.repository.booking(batch, bank_reference);
  return claim.owner === batch.id ? [deps.repository.bookingWrite(claim, claim.count - 1)] : [];
}

function dayFindings(bookedOn: string | null, left: string, today: string): readonly Finding[] {
  if (bookedOn === null) return [];
  const pointer = '/booked_on';
  if (bookedOn > today) return [{ pointer, detail: `is after ${today}`, code: 'payment.not-booked-yet' }];
  if (bookedOn < left)
    return [
      { pointer, detail: `is before ${left}, when the file left this system`, code: 'payment.booked-before-file' },
    ];
  return [];
}

function referenceFindings(batch: Batch, claim: BookingClaim | undefined): readonly Finding[] {
  if (claim?.owner === undefined || claim.owner === batch.id) return [];
  const detail = `settled a payment of batch ${claim.owner}; give the reference of this batch's booking`;
  return [{ pointer: '/bank_reference', detail, code: 'payment.bank-reference-used' }];
}

/** One finding has its own code, several have the code of all. */
function refuse(findings: readonly Finding[]): void {
  const [first] = findings;
  if (first === undefined) return;
  throw ruleError(
    findings.length === 1 ? first.code : 'payment.settlement-invalid',
    `The settlement cannot be recorded: ${findings.map(({ pointer, detail }) => `${pointer.slice(1)} ${detail}`).join('; ')}.`,
    findings.map(({ pointer, detail, code }) => ({ pointer, detail, rule: code })),
  );
}
