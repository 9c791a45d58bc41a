/** What an exchange rate may become, and which rate of a pair is valid on a day. Pure. */

import { addDays } from '../../shared/clock.ts';
import type { DatedRate } from '../../shared/decisions/approval-limit.ts';
import { withKeyMakers } from '../../shared/decisions/history.ts';
import type { Draft } from '../../shared/dynamo/entity-store.ts';
import { conflictError, type ErrorItem, refuseIfAny } from '../../shared/errors.ts';
import { isCurrency, isPositive, plain } from '../../shared/money.ts';
import { refuseOwnHand } from '../../shared/proposal.ts';
import type { ChangeFacts } from './company.ts';
import type { CreateExchangeRate, ExchangeRate } from './exchange-rate.schema.ts';

export interface LiveRate extends DatedRate {
  readonly id: string;
}

/** The active rates of two currencies in either direction, by day: the last one that is valid, and those to come. */
export interface RatePair {
  readonly version: number;
  readonly rates: readonly LiveRate[];
}

/** Both directions are one pair. */
export const pairOf = ({ from, to }: { readonly from: string; readonly to: string }): readonly [string, string] =>
  from < to ? [from, to] : [to, from];

export const rateOn = ({ rates }: RatePair, day: string): LiveRate | undefined =>
  rates.findLast(({ valid_from }) => valid_from <= day);

export interface RateFacts extends ChangeFacts {
  /** The company's calendar day. */
  readonly today: string;
  readonly pair: RatePair;
}

/** @throws DomainError 422 with every finding */
export function newExchangeRate(id: string, body: CreateExchangeRate, facts: RateFacts): Draft<ExchangeRate> {
  refuseIfAny('exchange_rate.invalid', 'The exchange rate is invalid.', findings(body, facts));
  return {
    id,
    status: facts.secondAdmin ? 'proposed' : 'active',
    from: body.from,
    to: body.to,
    rate: plain(body.rate),
    valid_from: body.valid_from,
    approved_by: null,
    created_by: facts.actorId,
  };
}

/** A rate that a later one already replaced would never apply, and a far day is most likely a mistake. */
function findings({ from, to, rate, valid_from }: CreateExchangeRate, { today, pair }: RateFacts): ErrorItem[] {
  const errors: ErrorItem[] = [];
  for (const [name, code] of Object.entries({ from, to }))
    if (!isCurrency(code)) errors.push({ pointer: `/${name}`, detail: 'is not a currency of ISO 4217' });
  if (from === to) errors.push({ pointer: '/to', detail: 'must be another currency than from' });
  if (!isPositive(rate)) errors.push({ pointer: '/rate', detail: 'must be more than 0' });
  const last = addDays(today, DAYS_AHEAD);
  if (valid_from < FIRST_DAY || valid_from > last)
    errors.push({ pointer: '/valid_from', detail: `must be between ${FIRST_DAY} and ${last}` });
  const current = rateOn(pair, today);
  if (current !== undefined && valid_from < current.valid_from)
    errors.push({
      pointer: '/valid_from',
      detail: `is before ${current.valid_from}, the first day of the rate that is valid now`,
    });
  return errors;
}

const FIRST_DAY = '2000-01-01';
const DAYS_AHEAD = 366;

/** Whether it is pending for this person. */
export const mayApproveExchangeRate = (rate: ExchangeRate, actorId: string): boolean =>
  rate.status === 'proposed' && !withKeyMakers(rate, [rate.created_by]).includes(actorId);

/** @throws DomainError 409 unless it is proposed, 403 for its proposer */
export function approvedExchangeRate(rate: ExchangeRate, actorId: string): Draft<ExchangeRate> {
  requireProposed(rate);
  refuseOwnHand('exchange_rate', withKeyMakers(rate, [rate.created_by]), actorId);
  return { ...rate, status: 'active', approved_by: actorId };
}

export function rejectedExchangeRate(rate: ExchangeRate): Draft<ExchangeRate> {
  requireProposed(rate);
  return { ...rate, status: 'rejected' };
}

function requireProposed({ status }: ExchangeRate): void {
  if (status === 'proposed') return;
  throw conflictError('exchange_rate.wrong-status', `The exchange rate is ${status}; only a proposed one is decided.`);
}

/**
 * The pair with this rate in it. One of the same day is replaced: that is how a wrong rate is corrected. What is no longer valid leaves,
 * two days late because the company's time zone may change, so that the list never holds more than the days ahead.
 */
export function withActiveRate(
  { rates }: RatePair,
  { id, from, to, rate, valid_from }: Draft<ExchangeRate>,
  today: string,
): { readonly rates: readonly LiveRate[]; readonly replaced: string | undefined } {
  const others = rates.filter((other) => other.valid_from !== valid_from);
  const sorted = [...others, { id, from, to, rate, valid_from }].sort((a, b) => (a.valid_from < b.valid_from ? -1 : 1));
  const first = sorted.findLastIndex((one) => one.valid_from <= addDays(today, -2));
  return {
    rates: sorted.slice(Math.max(first, 0)),
    replaced: rates.find((other) => other.valid_from === valid_from)?.id,
  };
}
