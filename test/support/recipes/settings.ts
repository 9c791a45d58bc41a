/** The company, its accounts, rates and conversions, and the way back after a restore. */
import { addDays, calendarDay } from '../../../src/shared/clock.ts';
import { commandOf } from '../invoices.ts';
import { verified } from '../verified.ts';
import { done, type RecipesOf, unique } from './recipe.ts';

const ACCOUNT = { name: 'Example Company BV', iban: 'NL91ABNA0417164300', currency: 'EUR', country: 'NL' };

export const settingsRecipes: RecipesOf = async (api) => {
  const [admin, second] = [await api.as('admin'), await api.as('admin', 'second')];
  const treasurer = await api.as('treasurer');
  const { recovery } = api.dependencies;
  const versionOf = async (path: string): Promise<number> => done(await admin.get(path)).version;
  /** The next change of what there is once. */
  const change = async (path: string, body: object) => ({ by: admin, body, version: await versionOf(path) });
  const proposed = async (path: string, body: object) => {
    const version = await versionOf(path);
    return { by: second, version: done(await admin.patch(path, body, { version })).version };
  };
  const company = () => ({ document_years_ahead: 1 + (unique() % 9) });
  const conversions = () => ({
    conversions: [{ from_unit: 'XBX', to_unit: 'EA', factor: String(1 + unique()) }],
  });
  const account = async () => done(await admin.post('/settings/debtor-accounts', ACCOUNT));
  const rate = () => ({
    from: 'EUR',
    to: 'USD',
    rate: '1.1626',
    // Its own day: a rate that is valid now refuses those of days before.
    valid_from: addDays(calendarDay(new Date(), 'UTC'), 1 + (unique() % 300)),
  });
  const proposedRate = async () => done(await admin.post('/settings/exchange-rates', rate()));
  const restored = async () => {
    const from = `backups/${unique()}`;
    await recovery.begin(from);
    await recovery.finish(commandOf(admin), from);
  };
  return {
    updateCompany: () => change('/settings/company', company()),
    approveCompany: () => proposed('/settings/company', company()),
    rejectCompany: () => proposed('/settings/company', company()),
    updateUnitConversions: () => change('/settings/unit-conversions', conversions()),
    approveUnitConversions: () => proposed('/settings/unit-conversions', conversions()),
    rejectUnitConversions: () => proposed('/settings/unit-conversions', conversions()),
    createDebtorAccount: async () => ({ by: admin, body: ACCOUNT }),
    updateDebtorAccount: async () => {
      const { id, version } = await account();
      return { by: admin, ids: [id], body: { bank_profile: '001.03' }, version };
    },
    approveDebtorAccount: async () => {
      const { id, version } = await account();
      return { by: second, ids: [id], body: verified(ACCOUNT.iban), version };
    },
    rejectDebtorAccount: async () => ({ by: second, ids: [(await account()).id] }),
    createExchangeRate: async () => ({ by: admin, body: rate() }),
    approveExchangeRate: async () => {
      const { id, version } = await proposedRate();
      return { by: second, ids: [id], version };
    },
    rejectExchangeRate: async () => ({ by: second, ids: [(await proposedRate()).id] }),
    openRecovery: async () => {
      await restored();
      return { by: admin };
    },
    releaseRecovery: async () => {
      await restored();
      await recovery.open(commandOf(admin), 'looked at');
      return { by: treasurer };
    },
  };
};
