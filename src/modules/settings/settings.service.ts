/** What the company decided, or what is shipped where it decided nothing. */
import { calendarDay } from '../../shared/clock.ts';
import type { SettingsRepository } from './settings.repository.ts';

export interface CompanyFacts {
  readonly name: string;
  readonly time_zone: string;
  readonly currency: string;
  readonly bank_account_cooling_hours: number;
  readonly receiver_may_not_be_approver: boolean;
}

export interface SettingsService {
  /** As shipped where unset; at most 10 seconds old. */
  companyFacts(): Promise<CompanyFacts>;
  /** The company's calendar day. */
  today(now: Date): Promise<string>;
}

export interface SettingsServiceDeps {
  readonly repository: SettingsRepository;
  /** api.md: 24, in the embedded default 0. */
  readonly coolingHours: number;
}

const KEPT_MS = 10_000;

export function createSettingsService(deps: SettingsServiceDeps): SettingsService {
  const shipped: CompanyFacts = {
    name: 'Example Company',
    time_zone: 'UTC',
    currency: 'EUR',
    bank_account_cooling_hours: deps.coolingHours,
    receiver_may_not_be_approver: false,
  };
  let kept: { readonly facts: CompanyFacts; readonly until: number } | undefined;

  async function companyFacts(): Promise<CompanyFacts> {
    if (kept !== undefined && kept.until > Date.now()) return kept.facts;
    const facts = (await deps.repository.company.get('company')) ?? shipped;
    kept = { facts, until: Date.now() + KEPT_MS };
    return facts;
  }

  return {
    companyFacts,
    async today(now) {
      return calendarDay(now, (await companyFacts()).time_zone);
    },
  };
}
