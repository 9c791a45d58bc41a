/** What the company's settings may become. Pure. */
import { withKeyMakers } from '../../shared/decisions/history.ts';
import type { Draft } from '../../shared/dynamo/entity-store.ts';
import { conflictError, type ErrorItem, refuseIfAny } from '../../shared/errors.ts';
import { isCurrency } from '../../shared/money.ts';
import { type Proposal, proposal, proposersOf, refuseOwnHand } from '../../shared/proposal.ts';
import { uncarriedFindings } from '../../shared/sepa-text.ts';
import type { Company, UpdateCompany } from './company.schema.ts';

export interface CompanyFacts {
  readonly name: string;
  readonly time_zone: string;
  readonly currency: string;
  readonly bank_account_cooling_hours: number;
  readonly receiver_may_not_be_approver: boolean;
  readonly document_years_ahead: number;
}

/** Also of a company that was stored before there was this setting. */
export const SHIPPED_YEARS_AHEAD = 2;

/** What stands before anybody decided: the shipped values. @param coolingHours 24, in the embedded default 0 */
export const shippedCompany = (coolingHours: number): CompanyFacts => ({
  name: 'Example Company',
  time_zone: 'UTC',
  currency: 'EUR',
  bank_account_cooling_hours: coolingHours,
  receiver_may_not_be_approver: false,
  document_years_ahead: SHIPPED_YEARS_AHEAD,
});

export const newCompany = (shipped: CompanyFacts, actorId: string): Draft<Company> => ({
  id: 'company',
  status: 'active',
  ...shipped,
  proposed: null,
  created_by: actorId,
});

export interface ChangeFacts {
  readonly actorId: string;
  readonly now: Date;
  readonly secondAdmin: boolean;
}

/** Takes effect at once, or waits beside what stands. @throws DomainError 422 with every finding */
export function changedCompany(company: Draft<Company>, body: UpdateCompany, facts: ChangeFacts): Draft<Company> {
  refuseIfAny('settings.invalid', 'The settings are invalid.', findings(body));
  return facts.secondAdmin
    ? { ...company, proposed: proposal(body, facts.actorId, facts.now, company.proposed) }
    : { ...company, ...body, proposed: null };
}

/** @throws DomainError 409 where nothing waits, 403 for who proposed it */
export function approvedCompany(company: Draft<Company>, actorId: string): Draft<Company> {
  const proposed = waiting(company);
  refuseOwnHand('settings', withKeyMakers(company, proposersOf(proposed)), actorId);
  return { ...company, ...proposed.changes, proposed: null };
}

export function rejectedCompany(company: Draft<Company>): Draft<Company> {
  waiting(company);
  return { ...company, proposed: null };
}

function waiting(company: Draft<Company>): Proposal<UpdateCompany> {
  if (company.proposed === null)
    throw conflictError('settings.nothing-proposed', 'No change of the settings is pending.');
  return company.proposed;
}

function findings({ name, currency, time_zone }: UpdateCompany): ErrorItem[] {
  const errors: ErrorItem[] = name === undefined ? [] : uncarriedFindings(name, '/name');
  if (currency !== undefined && !isCurrency(currency))
    errors.push({ pointer: '/currency', detail: 'is not a currency of ISO 4217 that is paid in' });
  if (time_zone !== undefined && !isTimeZone(time_zone))
    errors.push({ pointer: '/time_zone', detail: 'is not an IANA time zone, such as "Europe/Amsterdam"' });
  return errors;
}

/** An offset such as +01:00 is no zone: it does not know summer time. */
function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
