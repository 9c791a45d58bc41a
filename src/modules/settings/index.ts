/** Settings, as other modules see them. */
export { createSettingsRepository } from './settings.repository.ts';
export { type CompanyFacts, createSettingsService, type SettingsService } from './settings.service.ts';
