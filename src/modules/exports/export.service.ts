/** Finds the files that batches have, gives one out once its download is on record, and gathers the facts of a payment's record. */
import type { Command } from '../../shared/command.ts';
import type { Page, PageRequest } from '../../shared/dynamo/query.ts';
import { IntegrityError } from '../../shared/errors.ts';
import { BASE_PATH } from '../../shared/http/carry-out.ts';
import { type ObjectStorage, readAll, sha256Hex } from '../../shared/storage/storage.ts';
import type { InvoiceService } from '../invoices/index.ts';
import type { Batch, BatchFile, BatchService, PaymentRecordFacts } from '../payment-batches/index.ts';
import { maskedPayment, type PaymentService } from '../payments/index.ts';
import type { VendorService } from '../vendors/index.ts';
import type { ExportFormat, ExportItem, ExportQuery } from './export.schema.ts';

export interface ExportServiceDeps {
  readonly paymentBatches: BatchService;
  readonly payments: PaymentService;
  readonly invoices: InvoiceService;
  readonly vendors: VendorService;
  /** Where the batches' files lie. */
  readonly storage: ObjectStorage;
  readonly integrityFailed: (error: IntegrityError) => void;
}

export interface ExportService {
  list(query: ExportQuery, page: PageRequest): Promise<Page<ExportItem>>;
  /** @throws DomainError 404 without such a batch, 409 while it has no file; IntegrityError for a file that is not the one it names */
  download(command: Command, batchId: string, format: ExportFormat): Promise<Download>;
  /** Its account is masked. */
  record(paymentId: string): Promise<PaymentRecordFacts>;
}

export interface Download {
  readonly content: Buffer;
  readonly content_type: string;
  readonly file: BatchFile;
  /** The name to save it under. */
  readonly filename: string;
}

export function createExportService(deps: ExportServiceDeps): ExportService {
  return {
    async list(query, page) {
      const { data, next_cursor } = await deps.paymentBatches.listWithFile(query, page);
      return { data: data.map(exportOf), next_cursor };
    },
    async download(command, batchId, format) {
      // A lost race decides again, on the same file.
      const known = new Map<string, Promise<Fetched>>();
      const fetch = (file: BatchFile): Promise<Fetched> => {
        const fetching = known.get(file.sha256) ?? fetched(deps, batchId, file);
        known.set(file.sha256, fetching);
        return fetching;
      };
      const { batch, file, content } = await deps.paymentBatches.download(command, batchId, format, fetch);
      return { ...content, file, filename: `${batch.message_id ?? batch.id}.${format}` };
    },
    async record(paymentId) {
      const payment = maskedPayment(await deps.payments.get(paymentId));
      const [invoice, vendor] = await Promise.all([
        deps.invoices.requireForDecision(payment.invoice_id),
        deps.vendors.get(payment.vendor_id),
      ]);
      const { creditor } = payment;
      return {
        payment: { ...payment, batch_id: payment.batch_id ?? undefined, notes: payment.notes ?? undefined },
        invoice: { ...invoice, po_id: invoice.po_id ?? undefined },
        vendor: {
          id: vendor.id,
          name: vendor.name,
          tax_id: vendor.tax_id ?? undefined,
          bank_account: {
            holder_name: creditor.holder_name,
            iban: creditor.iban ?? undefined,
            bic: creditor.bic ?? undefined,
            routing_number: creditor.routing_number ?? undefined,
            account_number: creditor.account_number ?? undefined,
          },
        },
      };
    },
  };
}

type Fetched = Pick<Download, 'content' | 'content_type'>;

/** Whole in memory, since nothing goes out before its digest is known. @throws IntegrityError for other bytes than the batch names */
async function fetched(deps: ExportServiceDeps, batchId: string, file: BatchFile): Promise<Fetched> {
  const object = await deps.storage.get(file.key);
  if (object !== undefined && object.size === file.size) {
    const content = await readAll(object);
    if (sha256Hex(content) === file.sha256) return { content, content_type: object.content_type };
  }
  object?.body.destroy();
  const error = new IntegrityError('integrity.file-differs', deps.storage.bucket, batchId);
  deps.integrityFailed(error);
  throw error;
}

const exportOf = (batch: Batch): ExportItem => ({
  batch_id: batch.id,
  status: batch.status,
  created_at: batch.created_at,
  message_id: batch.message_id,
  execution_date: batch.execution_date,
  currency: batch.currency,
  count: batch.count,
  control_sum: batch.control_sum,
  first_downloaded_at: batch.first_downloaded_at,
  files: batch.files.map(({ format, sha256, size }) => ({
    format,
    path: `${BASE_PATH}/exports/${batch.id}/${format}`,
    sha256,
    size,
  })),
});
