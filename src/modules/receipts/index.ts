/** Goods receipts, as other modules see them. */
import type { FastifyPluginAsync } from 'fastify';
import { receiptRoutes } from './receipt.routes.ts';
import { CreateReceipt, ReceiptPage, ReceiptReply, ReceiptSummary, ReturnGoods } from './receipt.schema.ts';
import type { ReceiptService } from './receipt.service.ts';

export { createReceiptRepository, type ReceiptRepository } from './receipt.repository.ts';
export type { Receipt } from './receipt.schema.ts';
export {
  createReceiptService,
  type ReceiptService,
  type ReceiptServiceDeps,
  type ReturnedGoods,
} from './receipt.service.ts';

/** Every schema that has a name in the OpenAPI document. */
const SCHEMAS = [ReceiptReply, ReceiptSummary, ReceiptPage, CreateReceipt, ReturnGoods];

export const receiptsModule: FastifyPluginAsync<{ readonly receipts: ReceiptService }> = async (app, options) => {
  for (const schema of SCHEMAS) app.addSchema(schema);
  await app.register(receiptRoutes, options);
};
