/** The e-invoice beside an invoice: the newest of its XML documents that is one. Nothing here changes anything. */

import type { Actor } from '../../shared/command.ts';
import { DomainError } from '../../shared/errors.ts';
import type { DocumentReply, DocumentService } from '../documents/index.ts';
import type { InvoiceService } from '../invoices/index.ts';
import type { EInvoiceReply } from './e-invoice.schema.ts';
import { readEInvoice } from './formats/e-invoice.ts';
import type { Finding } from './formats/model.ts';
import { renderReadable } from './formats/readable.ts';
import { checkEInvoice, isFatal } from './formats/rules/en16931.ts';
import type { Reading } from './formats/ubl.ts';

export interface EInvoiceServiceDeps {
  readonly invoices: Pick<InvoiceService, 'get'>;
  readonly documents: Pick<DocumentService, 'storedBeside' | 'content'>;
}

export interface EInvoiceService {
  /** @throws DomainError 404 without the invoice or an e-invoice, 422 where the newest XML cannot be read */
  check(actor: Actor, invoiceId: string): Promise<EInvoiceReply>;
  /** The page that a person reads. */
  readable(actor: Actor, invoiceId: string): Promise<string>;
}

export const MAX_E_INVOICE_BYTES = 10 * 1024 * 1024;
/** Of the newest so many XML documents one is the e-invoice, or none is. */
const MOST_TRIED = 5;
const MOST_FINDINGS = 1000;

interface Found {
  readonly document: DocumentReply;
  readonly reading: Reading;
  readonly findings: readonly Finding[];
}

export function createEInvoiceService({ invoices, documents }: EInvoiceServiceDeps): EInvoiceService {
  async function find(actor: Actor, invoiceId: string): Promise<Found> {
    await invoices.get(invoiceId, new Date());
    const beside = await documents.storedBeside(actor, invoiceId);
    const candidates = beside.filter(({ content_type }) => content_type.endsWith('/xml')).slice(0, MOST_TRIED);
    for (const document of candidates) {
      const reading = readUnlessOther(await documents.content(actor, document.id, MAX_E_INVOICE_BYTES));
      if (reading !== undefined) return { document, reading, findings: checkEInvoice(reading).slice(0, MOST_FINDINGS) };
    }
    throw new DomainError(
      'not_found',
      'e_invoice.not-found',
      'No e-invoice lies beside this invoice. Add the XML file to its documents first.',
    );
  }

  return {
    async check(actor, invoiceId) {
      const { document, reading, findings } = await find(actor, invoiceId);
      const { invoice } = reading;
      return {
        invoice_id: invoiceId,
        document_id: document.id,
        sha256: document.sha256,
        syntax: invoice.syntax,
        kind: invoice.kind,
        specification: invoice.specification ?? null,
        number: invoice.number ?? null,
        issue_date: invoice.issue_date ?? null,
        currency: invoice.currency ?? null,
        seller_name: invoice.seller?.name ?? null,
        seller_vat_id: invoice.seller?.vat_id ?? null,
        purchase_order: invoice.references.purchase_order ?? null,
        total_with_vat: invoice.totals?.with_vat?.value ?? null,
        amount_due: invoice.totals?.due?.value ?? null,
        valid: !findings.some(isFatal),
        findings: [...findings],
      };
    },
    async readable(actor, invoiceId) {
      const { reading, findings } = await find(actor, invoiceId);
      const bankDetails = actor.permissions.has('bank_details:read');
      return renderReadable(reading.invoice, { findings, bankDetails });
    },
  };
}

/** XML of another kind, such as an order or a delivery note, may lie beside an invoice too. */
function readUnlessOther(bytes: Uint8Array): Reading | undefined {
  try {
    return readEInvoice(bytes);
  } catch (error) {
    if (error instanceof DomainError && error.code === 'e_invoice.format-unknown') return undefined;
    throw error;
  }
}
