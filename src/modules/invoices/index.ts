/** Invoices and credit notes, as other modules see them. */
import type { FastifyPluginAsync } from 'fastify';
import { invoiceRoutes } from './invoice.routes.ts';
import { InvoicePage, InvoiceReply, InvoiceSummary } from './invoice.schema.ts';
import type { InvoiceService } from './invoice.service.ts';
import { ApplyCredit, CreateInvoice, ReleaseHold, UnapplyCredit, UpdateInvoice } from './invoice-bodies.schema.ts';
import { InvoiceLine } from './invoice-line.schema.ts';
import { MatchCheck, MatchReply, MatchSummary } from './invoice-match.schema.ts';

export { priceChange } from './domain/match-takes.ts';
export type { PaymentCover } from './domain/open-amount.ts';
export { SHIPPED_TOLERANCES } from './domain/tolerances.ts';
export { createInvoiceRepository, type InvoiceRepository } from './invoice.repository.ts';
export type { Invoice, InvoiceStatus, StoredInvoiceSummary } from './invoice.schema.ts';
export { createInvoiceService, type InvoiceService } from './invoice.service.ts';
export { mayApproveInvoice, mayApproveNow } from './invoice-approval.ts';
export {
  type AppliedCredit,
  balanceStatus,
  creditApplied,
  creditUnapplied,
  discountTaken,
  type NotPayable,
  notPayable,
  reinstatePayment,
  releasePayment,
  reopenPayment,
  requirePayable,
  reservePayment,
  resettlePayment,
  settlePayment,
  unsettlePayment,
} from './invoice-balance.ts';
export { creditedBy, withCreditNote } from './invoice-credits.ts';

/** Every schema that has a name in the OpenAPI document. */
const SCHEMAS = [
  InvoiceLine,
  MatchCheck,
  MatchSummary,
  MatchReply,
  InvoiceReply,
  InvoiceSummary,
  InvoicePage,
  CreateInvoice,
  UpdateInvoice,
  ReleaseHold,
  ApplyCredit,
  UnapplyCredit,
];

export const invoicesModule: FastifyPluginAsync<{ readonly invoices: InvoiceService }> = async (app, options) => {
  for (const schema of SCHEMAS) app.addSchema(schema);
  await app.register(invoiceRoutes, options);
};
