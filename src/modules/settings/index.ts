/** Settings, as other modules see them. */
import type { FastifyPluginAsync } from 'fastify';
import { CompanyReply, UpdateCompany } from './company.schema.ts';
import { debtorAccountRoutes } from './debtor-account.routes.ts';
import {
  ApproveDebtorAccount,
  CreateDebtorAccount,
  DebtorAccountPage,
  DebtorAccountReply,
  DebtorAccountSummary,
  UpdateDebtorAccount,
} from './debtor-account.schema.ts';
import { exchangeRateRoutes } from './exchange-rate.routes.ts';
import { CreateExchangeRate, ExchangeRatePage, ExchangeRateReply } from './exchange-rate.schema.ts';
import type { ExchangeRateService } from './exchange-rate.service.ts';
import { ApprovalPolicy, MatchTolerances } from './policy.schema.ts';
import { recoveryRoutes } from './recovery.routes.ts';
import { RecoveryReply } from './recovery.schema.ts';
import type { RecoveryService } from './recovery.service.ts';
import { settingsRoutes } from './settings.routes.ts';
import type { SettingsService } from './settings.service.ts';
import { unitConversionRoutes } from './unit-conversions.routes.ts';
import { UnitConversionsReply, UpdateUnitConversions } from './unit-conversions.schema.ts';
import type { UnitConversionService } from './unit-conversions.service.ts';

export type { CompanyFacts } from './company.ts';
export type { DebtorAccount } from './debtor-account.schema.ts';
export { mayApproveDebtorAccount } from './debtor-account.ts';
export { createExchangeRateRepository } from './exchange-rate.repository.ts';
export { createExchangeRateService, type ExchangeRateService } from './exchange-rate.service.ts';
export { mayApproveExchangeRate } from './exchange-rate.ts';
export { createRecoveryService, type RecoveryService } from './recovery.service.ts';
export { createSettingsRepository, RESTORING } from './settings.repository.ts';
export { createSettingsService, type SettingsService } from './settings.service.ts';
export { createUnitConversionService, type UnitConversionService } from './unit-conversions.service.ts';
export { createWritingRegionService, type WritingRegionService } from './writing-region.service.ts';
export type { Regions } from './writing-region.ts';

const SCHEMAS = [
  CompanyReply,
  UpdateCompany,
  DebtorAccountReply,
  DebtorAccountSummary,
  DebtorAccountPage,
  CreateDebtorAccount,
  ApproveDebtorAccount,
  UpdateDebtorAccount,
  ExchangeRateReply,
  ExchangeRatePage,
  CreateExchangeRate,
  ApprovalPolicy,
  MatchTolerances,
  RecoveryReply,
  UnitConversionsReply,
  UpdateUnitConversions,
];

export const settingsModule: FastifyPluginAsync<{
  readonly settings: SettingsService;
  readonly recovery: RecoveryService;
  readonly exchangeRates: ExchangeRateService;
  readonly unitConversions: UnitConversionService;
}> = async (app, options) => {
  for (const schema of SCHEMAS) app.addSchema(schema);
  await app.register(settingsRoutes, options);
  await app.register(debtorAccountRoutes, options);
  await app.register(exchangeRateRoutes, options);
  await app.register(recoveryRoutes, options);
  await app.register(unitConversionRoutes, options);
};
