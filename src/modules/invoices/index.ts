/** Invoices and credit notes, as other modules see them. */
export type { PaymentCover } from './domain/open-amount.ts';
export { createInvoiceRepository, type InvoiceRepository } from './invoice.repository.ts';
export type { Invoice, InvoiceStatus, StoredInvoiceSummary } from './invoice.schema.ts';
export { createInvoiceService, type InvoiceService } from './invoice.service.ts';
export {
  type AppliedCredit,
  creditApplied,
  creditUnapplied,
  type NotPayable,
  notPayable,
  releasePayment,
  reopenPayment,
  requirePayable,
  reservePayment,
  settlePayment,
} from './invoice-balance.ts';
