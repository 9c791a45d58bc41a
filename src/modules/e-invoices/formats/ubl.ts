/** UBL 2.1 Invoice and CreditNote as the model of EN 16931 (syntax binding CEN/TS 16931-3-2). */
import { CREDIT_NOTE_TYPES } from './codes/documents.ts';
import { all, attribute, Fields, one, text } from './fields.ts';
import type { Attachment, Delivery, EInvoice, PaymentInstruction, References, Totals, VatTotal } from './model.ts';
import { readLine } from './ubl-lines.ts';
import {
  DOCUMENT_LEVEL,
  isObject,
  isVat,
  readAddress,
  readAllowanceCharge,
  readObject,
  readParty,
  readPeriod,
} from './ubl-parts.ts';
import type { XmlElement } from './xml-tree.ts';

export const kindOf = (typeCode: string | undefined): EInvoice['kind'] =>
  typeCode !== undefined && CREDIT_NOTE_TYPES.has(typeCode) ? 'credit_note' : 'invoice';

/** An invoice with what its rules check beside the model. */
export interface Reading {
  readonly invoice: EInvoice;
  readonly marks: Fields['marks'];
}

export function readUbl(root: XmlElement): Reading {
  const fields = new Fields();
  const typeCode =
    fields.code('BR-CL-01', root, 'InvoiceTypeCode') ?? fields.code('BR-CL-01', root, 'CreditNoteTypeCode');
  const currency = fields.code('BR-CL-04', root, 'DocumentCurrencyCode');
  const invoice: EInvoice = {
    path: root.path,
    syntax: 'ubl',
    kind: root.name === 'CreditNote' ? 'credit_note' : kindOf(typeCode),
    ...readHeader(fields, root),
    type_code: typeCode,
    currency,
    vat_currency: fields.code('BR-CL-05', root, 'TaxCurrencyCode'),
    notes: all(root, 'Note').flatMap((note) => readNote(text(note))),
    references: readReferences(fields, root),
    preceding_invoices: all(root, 'BillingReference').map((reference) => ({
      path: reference.path,
      number: text(reference, 'InvoiceDocumentReference', 'ID'),
      issue_date: fields.date(reference, 'InvoiceDocumentReference', 'IssueDate'),
    })),
    period: readPeriod(fields, one(root, 'InvoicePeriod')),
    seller: readParty(fields, one(root, 'AccountingSupplierParty', 'Party')),
    buyer: readParty(fields, one(root, 'AccountingCustomerParty', 'Party')),
    payee: readParty(fields, one(root, 'PayeeParty')),
    tax_representative: readParty(fields, one(root, 'TaxRepresentativeParty')),
    delivery: readDelivery(fields, one(root, 'Delivery')),
    payment: all(root, 'PaymentMeans').map((means) => readPayment(fields, means)),
    creditor_id: all(root, 'AccountingSupplierParty', 'Party', 'PartyIdentification', 'ID')
      .concat(all(root, 'PayeeParty', 'PartyIdentification', 'ID'))
      .filter((id) => attribute(id, 'schemeID') === 'SEPA')
      .map((id) => text(id))[0],
    allowance_charges: all(root, 'AllowanceCharge').map((one) => readAllowanceCharge(fields, one, DOCUMENT_LEVEL)),
    totals: readTotals(fields, one(root, 'LegalMonetaryTotal')),
    vat_totals: all(root, 'TaxTotal').map((total) => readVatTotal(fields, total, currency)),
    attachments: all(root, 'AdditionalDocumentReference')
      .filter((reference) => !isObject(reference))
      .map((reference) => readAttachment(fields, reference)),
    lines: [...all(root, 'InvoiceLine'), ...all(root, 'CreditNoteLine')].map((line) => readLine(fields, line)),
  };
  return { invoice, marks: fields.marks };
}

function readHeader(fields: Fields, root: XmlElement) {
  return {
    process: text(root, 'ProfileID'),
    specification: text(root, 'CustomizationID'),
    number: text(root, 'ID'),
    issue_date: fields.date(root, 'IssueDate'),
    tax_point_date: fields.date(root, 'TaxPointDate'),
    tax_point_code: all(root, 'InvoicePeriod', 'DescriptionCode').map((code) => fields.code('BR-CL-06', code))[0],
    due_date: fields.date(root, 'DueDate') ?? fields.date(root, 'PaymentMeans', 'PaymentDueDate'),
    payment_terms: text(root, 'PaymentTerms', 'Note'),
  };
}

/** BT-21 stands in front of the text of BT-22, as `#AAI#text`. */
function readNote(note: string | undefined): EInvoice['notes'] {
  if (note === undefined) return [];
  if (!/^#[A-Z]{3}#/.test(note)) return [{ text: note }];
  return [{ subject_code: note.slice(1, 4), text: note.slice(5).trim() }];
}

function readReferences(fields: Fields, root: XmlElement): References {
  return {
    buyer_reference: text(root, 'BuyerReference'),
    purchase_order: text(root, 'OrderReference', 'ID'),
    sales_order: text(root, 'OrderReference', 'SalesOrderID'),
    contract: text(root, 'ContractDocumentReference', 'ID'),
    project: text(root, 'ProjectReference', 'ID'),
    receiving_advice: text(root, 'ReceiptDocumentReference', 'ID'),
    despatch_advice: text(root, 'DespatchDocumentReference', 'ID'),
    tender: text(root, 'OriginatorDocumentReference', 'ID'),
    object_id: readObject(fields, all(root, 'AdditionalDocumentReference')),
    accounting: text(root, 'AccountingCost'),
  };
}

function readDelivery(fields: Fields, delivery: XmlElement | undefined): Delivery | undefined {
  if (delivery === undefined) return undefined;
  const location = one(delivery, 'DeliveryLocation');
  return {
    path: delivery.path,
    name: text(delivery, 'DeliveryParty', 'PartyName', 'Name'),
    location: fields.identifierAt('BR-CL-26', one(location, 'ID')),
    date: fields.date(delivery, 'ActualDeliveryDate'),
    address: readAddress(fields, one(location, 'Address')),
  };
}

function readPayment(fields: Fields, means: XmlElement): PaymentInstruction {
  const account = one(means, 'PayeeFinancialAccount');
  const mandate = one(means, 'PaymentMandate');
  return {
    path: means.path,
    means_code: fields.code('BR-CL-16', means, 'PaymentMeansCode'),
    means_text: attribute(one(means, 'PaymentMeansCode'), 'name'),
    remittance: text(means, 'PaymentID'),
    account: account && {
      path: account.path,
      id: text(account, 'ID'),
      name: text(account, 'Name'),
      bic: text(account, 'FinancialInstitutionBranch', 'ID'),
    },
    card: readCard(text(means, 'CardAccount', 'PrimaryAccountNumberID'), text(means, 'CardAccount', 'HolderName')),
    mandate: mandate && { id: text(mandate, 'ID'), debited_account: text(mandate, 'PayerFinancialAccount', 'ID') },
  };
}

export const readCard = (number: string | undefined, holder: string | undefined): PaymentInstruction['card'] =>
  number === undefined ? undefined : { digits: number.length, last_digits: number.slice(-4), holder };

function readTotals(fields: Fields, totals: XmlElement | undefined): Totals | undefined {
  if (totals === undefined) return undefined;
  return {
    path: totals.path,
    lines: fields.amount('BR-DEC-09', totals, 'LineExtensionAmount'),
    allowances: fields.amount('BR-DEC-10', totals, 'AllowanceTotalAmount'),
    charges: fields.amount('BR-DEC-11', totals, 'ChargeTotalAmount'),
    without_vat: fields.amount('BR-DEC-12', totals, 'TaxExclusiveAmount'),
    with_vat: fields.amount('BR-DEC-14', totals, 'TaxInclusiveAmount'),
    prepaid: fields.amount('BR-DEC-16', totals, 'PrepaidAmount'),
    rounding: fields.amount('BR-DEC-17', totals, 'PayableRoundingAmount'),
    due: fields.amount('BR-DEC-18', totals, 'PayableAmount'),
  };
}

function readVatTotal(fields: Fields, total: XmlElement, currency: string | undefined): VatTotal {
  const inDocument = attribute(one(total, 'TaxAmount'), 'currencyID') === currency;
  return {
    path: total.path,
    amount: fields.amount(inDocument ? 'BR-DEC-13' : 'BR-DEC-15', total, 'TaxAmount'),
    breakdown: all(total, 'TaxSubtotal').map((subtotal) => {
      const category = one(subtotal, 'TaxCategory');
      const counts = category !== undefined && isVat(category);
      const code = fields.code('BR-CL-17', category, 'ID');
      return {
        path: subtotal.path,
        taxable_amount: fields.amount('BR-DEC-19', subtotal, 'TaxableAmount'),
        tax_amount: fields.amount('BR-DEC-20', subtotal, 'TaxAmount'),
        category: counts ? code : undefined,
        rate: counts ? fields.decimal(category, 'Percent') : undefined,
        exemption_reason: text(category, 'TaxExemptionReason'),
        exemption_code: fields.code('BR-CL-22', category, 'TaxExemptionReasonCode'),
      };
    }),
  };
}

function readAttachment(fields: Fields, reference: XmlElement): Attachment {
  const embedded = one(reference, 'Attachment', 'EmbeddedDocumentBinaryObject');
  return {
    path: reference.path,
    id: text(reference, 'ID'),
    description: text(reference, 'DocumentDescription'),
    uri: text(reference, 'Attachment', 'ExternalReference', 'URI'),
    filename: attribute(embedded, 'filename'),
    mime_type: fields.codeAt('BR-CL-24', embedded, 'mimeCode'),
    embedded: embedded !== undefined,
  };
}
