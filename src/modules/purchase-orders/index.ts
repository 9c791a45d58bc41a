/** Purchase orders, as other modules see them. */
import type { FastifyPluginAsync } from 'fastify';
import { purchaseOrderRoutes } from './purchase-order.routes.ts';
import {
  AmendPurchaseOrder,
  CreatePurchaseOrder,
  PurchaseOrderPage,
  PurchaseOrderReply,
  PurchaseOrderSummary,
  UpdatePurchaseOrder,
} from './purchase-order.schema.ts';
import type { PurchaseOrderService } from './purchase-order.service.ts';

export { amountAtStake, mayApproveOrder } from './approval.ts';
export { addPrices, type BilledPrice, mostPrices } from './billed-prices.ts';
export {
  COUNTED,
  countersId,
  creditExpected,
  keptQuantity,
  type LineCounters,
  lineCounters,
  type Movement,
  moveCounters,
  noCounters,
  type OrderCounters,
  orderView,
  progressOf,
} from './order-counters.ts';
export {
  createPurchaseOrderRepository,
  type LoadedOrder,
  type PurchaseOrderRepository,
} from './purchase-order.repository.ts';
export type { PurchaseOrder, PurchaseOrderLine, PurchaseOrderView } from './purchase-order.schema.ts';
export {
  createPurchaseOrderService,
  type InvoicesOfOrder,
  type PurchaseOrderService,
} from './purchase-order.service.ts';
export { type Billing, billingOf, isApprovable, refuseUnlessOpen } from './purchase-order.ts';
export { createVendorOrders } from './vendor-orders.service.ts';

/** Every schema that has a name in the OpenAPI document. */
const SCHEMAS = [
  PurchaseOrderReply,
  PurchaseOrderSummary,
  PurchaseOrderPage,
  CreatePurchaseOrder,
  UpdatePurchaseOrder,
  AmendPurchaseOrder,
];

export const purchaseOrdersModule: FastifyPluginAsync<{
  readonly purchaseOrders: PurchaseOrderService;
}> = async (app, options) => {
  for (const schema of SCHEMAS) app.addSchema(schema);
  await app.register(purchaseOrderRoutes, options);
};
