/** Purchase orders and receipts. */
import { receive } from '../invoices.ts';
import { activeVendor, approvedOrder, draftOrder, LINE, sentOrder } from '../orders.ts';
import { done, type RecipesOf, reason } from './recipe.ts';

export const orderRecipes: RecipesOf = async (api) => {
  const [buyer, approver, receiver] = [await api.as('buyer'), await api.as('approver'), await api.as('receiver')];
  const vendor = await activeVendor(api);
  const draft = () => draftOrder(api, vendor.id);
  const sent = () => sentOrder(api, vendor.id);
  const act = async (id: string, action: string) =>
    done(await buyer.post(`/purchase-orders/${id}/${action}`, { reason }));
  const submitted = async () => act((await draft()).id, 'submit');
  const received = async () => receive(api, (await sent()).id, '60');
  return {
    createPurchaseOrder: async () => ({
      by: buyer,
      body: { vendor_id: vendor.id, currency: 'EUR', line_items: [LINE] },
    }),
    updatePurchaseOrder: async () => ({
      by: buyer,
      ids: [(await draft()).id],
      body: { description: 'Paper' },
      version: 1,
    }),
    amendPurchaseOrder: async () => ({
      by: buyer,
      ids: [(await sent()).id],
      body: { line_items: [{ line_number: 1, ...LINE, quantity: '120' }], reason },
    }),
    submitPurchaseOrder: async () => ({ by: buyer, ids: [(await draft()).id] }),
    recallPurchaseOrder: async () => ({ by: buyer, ids: [(await submitted()).id] }),
    approvePurchaseOrder: async () => ({ by: approver, ids: [(await submitted()).id], version: 2 }),
    rejectPurchaseOrder: async () => ({ by: approver, ids: [(await submitted()).id] }),
    sendPurchaseOrder: async () => ({ by: buyer, ids: [(await approvedOrder(api, vendor.id)).id] }),
    cancelPurchaseOrder: async () => ({ by: buyer, ids: [(await sent()).id] }),
    closePurchaseOrder: async () => ({ by: buyer, ids: [(await sent()).id] }),
    reopenPurchaseOrder: async () => ({ by: approver, ids: [(await act((await sent()).id, 'close')).id] }),
    createReceipt: async () => ({
      by: receiver,
      ids: [(await sent()).id],
      body: { line_items: [{ line_number: 1, quantity: '60' }] },
    }),
    reverseReceipt: async () => ({ by: receiver, ids: [(await received()).id] }),
    returnGoods: async () => ({
      by: receiver,
      ids: [(await received()).id],
      body: { line_items: [{ line_number: 1, quantity: '5' }], reason },
    }),
  };
};
