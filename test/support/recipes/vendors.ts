/** Vendors and their bank accounts. */
import { activeVendor } from '../orders.ts';
import { verified } from '../verified.ts';
import { done, type RecipesOf, reason, unique } from './recipe.ts';

const IBAN = 'NL91ABNA0417164300';

export const vendorRecipes: RecipesOf = async (api) => {
  const [manager, second] = [await api.as('vendor_manager'), await api.as('vendor_manager', 'second')];
  const body = () => ({
    name: `Northwind Paper ${unique()} BV`,
    email: 'billing@northwind.example',
    payment_terms: 'NET 30',
    currency: 'EUR',
  });
  const pending = async () => done(await manager.post('/vendors', body()));
  const active = () => activeVendor(api, body());
  const changed = async () => {
    const { id, version } = await active();
    return done(await manager.patch(`/vendors/${id}`, { email: 'new@northwind.example' }, { version }));
  };
  const after = async (action: string) =>
    done(await manager.post(`/vendors/${(await active()).id}/${action}`, { reason }));
  const account = async () => {
    const { id } = await active();
    const made = { holder_name: 'Northwind Paper BV', iban: IBAN };
    return done(await manager.post(`/vendors/${id}/bank-accounts`, made));
  };
  const accountIds = ({ vendor_id, id }: { vendor_id: string; id: string }) => [vendor_id, id];
  return {
    createVendor: async () => ({ by: manager, body: body() }),
    updateVendor: async () => ({ by: manager, ids: [(await pending()).id], body: { name: 'Other' }, version: 1 }),
    deleteVendor: async () => ({ by: manager, ids: [(await pending()).id], version: 1 }),
    approveVendor: async () => ({ by: second, ids: [(await pending()).id], version: 1 }),
    'approveVendor: a change of it': async () => {
      const { id, version } = await changed();
      return { by: second, ids: [id], version };
    },
    rejectVendor: async () => ({ by: second, ids: [(await changed()).id] }),
    holdVendor: async () => ({ by: manager, ids: [(await active()).id] }),
    releaseVendor: async () => ({ by: manager, ids: [(await after('hold')).id] }),
    blockVendor: async () => ({ by: manager, ids: [(await active()).id] }),
    unblockVendor: async () => ({ by: manager, ids: [(await after('block')).id] }),
    archiveVendor: async () => ({ by: manager, ids: [(await active()).id] }),
    unarchiveVendor: async () => ({ by: manager, ids: [(await after('archive')).id] }),
    proposeBankAccount: async () => ({
      by: manager,
      ids: [(await active()).id],
      body: { holder_name: 'Northwind Paper BV', iban: 'DE89370400440532013000' },
    }),
    approveBankAccount: async () => ({
      by: second,
      ids: accountIds(await account()),
      body: verified(IBAN),
      version: 1,
    }),
    rejectBankAccount: async () => ({ by: second, ids: accountIds(await account()) }),
    revokeBankAccount: async () => {
      const ids = accountIds(await account());
      done(await second.post(`/vendors/${ids[0]}/bank-accounts/${ids[1]}/approve`, verified(IBAN), { version: 1 }));
      return { by: manager, ids };
    },
  };
};
