/** Invoices and credit notes. */
import { invoiceBody } from '../invoices.ts';
import { activeVendor } from '../orders.ts';
import { payables } from '../payables.ts';
import { done, type RecipesOf, reason } from './recipe.ts';

export const invoiceRecipes: RecipesOf = async (api) => {
  const [clerk, manager, approver] = [await api.as('ap_clerk'), await api.as('ap_manager'), await api.as('approver')];
  const store = payables(api);
  const vendor = await activeVendor(api);
  const body = () => invoiceBody(vendor.id, undefined, [{ quantity: '10' }]);
  const entered = async () => done(await clerk.post('/invoices', body()));
  const after = async (action: string, by = clerk) =>
    done(await by.post(`/invoices/${(await entered()).id}/${action}`, { reason }));
  const matched = () => after('match');
  const approved = async () => (await store.invoice(vendor.id)).id;
  /** A credit note and an invoice that it may be applied to. */
  const credit = async () => {
    const { id } = await store.invoice(vendor.id, { type: 'credit_note', amount_due: '30.00' });
    return { id, body: { invoice_id: await approved() } };
  };
  return {
    createInvoice: async () => ({ by: clerk, body: body() }),
    updateInvoice: async () => ({ by: clerk, ids: [(await entered()).id], body: { notes: 'Seen' }, version: 1 }),
    matchInvoice: async () => ({ by: clerk, ids: [(await entered()).id] }),
    reconcileInvoice: async () => ({ by: clerk, ids: [(await entered()).id] }),
    approveInvoice: async () => {
      const { id, version } = await matched();
      return { by: approver, ids: [id], version };
    },
    rejectInvoice: async () => ({ by: manager, ids: [(await matched()).id] }),
    disputeInvoice: async () => ({ by: clerk, ids: [(await matched()).id] }),
    resolveInvoice: async () => ({ by: clerk, ids: [(await after('dispute')).id] }),
    voidInvoice: async () => ({ by: manager, ids: [await approved()] }),
    freeNumberOfInvoice: async () => ({ by: manager, ids: [(await after('reject', manager)).id] }),
    holdInvoice: async () => ({ by: clerk, ids: [(await entered()).id] }),
    releaseInvoice: async () => {
      const { id, holds } = await after('hold');
      return { by: manager, ids: [id], body: { hold_id: holds[0].id, reason } };
    },
    applyCreditNote: async () => {
      const { id, body } = await credit();
      return { by: manager, ids: [id], body };
    },
    unapplyCreditNote: async () => {
      const { id, body } = await credit();
      done(await manager.post(`/invoices/${id}/apply`, body));
      return { by: manager, ids: [id], body };
    },
  };
};
