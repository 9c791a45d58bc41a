/** E-invoices, as other modules see them. */
import type { FastifyPluginAsync } from 'fastify';
import { eInvoiceRoutes } from './e-invoice.routes.ts';
import { EInvoiceReply } from './e-invoice.schema.ts';
import type { EInvoiceService } from './e-invoice.service.ts';

export { createEInvoiceService, type EInvoiceService } from './e-invoice.service.ts';

export const eInvoicesModule: FastifyPluginAsync<{ readonly eInvoices: EInvoiceService }> = async (app, options) => {
  app.addSchema(EInvoiceReply);
  await app.register(eInvoiceRoutes, options);
};
