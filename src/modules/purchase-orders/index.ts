/** Purchase orders, as other modules see them. */
export {
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
export { refuseUnlessOpen } from './purchase-order.ts';
