/** UN/CEFACT Cross Industry Invoice D16B as the model of EN 16931 (syntax binding CEN/TS 16931-3-3). */
import { readTradeLine } from './cii-lines.ts';
import {
  isVatTax,
  readTradeAddress,
  readTradeAllowanceCharge,
  readTradeObject,
  readTradeParty,
  readTradePeriod,
} from './cii-parts.ts';
import { all, attribute, Fields, one, text } from './fields.ts';
import type {
  Attachment,
  Delivery,
  EInvoice,
  PaymentInstruction,
  References,
  Totals,
  VatBreakdown,
  VatTotal,
} from './model.ts';
import { kindOf, type Reading, readCard } from './ubl.ts';
import { DOCUMENT_LEVEL } from './ubl-parts.ts';
import type { XmlElement } from './xml-tree.ts';

type Parent = XmlElement | undefined;

/** The three parts of the header of a transaction. */
interface Header {
  readonly agreement: Parent;
  readonly delivery: Parent;
  readonly settlement: Parent;
}

export function readCii(root: XmlElement): Reading {
  const fields = new Fields();
  const transaction = one(root, 'SupplyChainTradeTransaction');
  const agreement = one(transaction, 'ApplicableHeaderTradeAgreement');
  const delivery = one(transaction, 'ApplicableHeaderTradeDelivery');
  const settlement = one(transaction, 'ApplicableHeaderTradeSettlement');
  const typeCode = fields.code('BR-CL-01', root, 'ExchangedDocument', 'TypeCode');
  const currency = fields.code('BR-CL-04', settlement, 'InvoiceCurrencyCode');
  const documents = all(agreement, 'AdditionalReferencedDocument');
  const invoice: EInvoice = {
    path: root.path,
    syntax: 'cii',
    kind: kindOf(typeCode),
    ...readHeader(fields, root, settlement),
    type_code: typeCode,
    currency,
    vat_currency: fields.code('BR-CL-05', settlement, 'TaxCurrencyCode'),
    references: readReferences(fields, { agreement, delivery, settlement }, documents),
    preceding_invoices: all(settlement, 'InvoiceReferencedDocument').map((reference) => ({
      path: reference.path,
      number: text(reference, 'IssuerAssignedID'),
      issue_date: fields.date(reference, 'FormattedIssueDateTime', 'DateTimeString'),
    })),
    period: readTradePeriod(fields, one(settlement, 'BillingSpecifiedPeriod')),
    seller: readTradeParty(fields, one(agreement, 'SellerTradeParty')),
    buyer: readTradeParty(fields, one(agreement, 'BuyerTradeParty')),
    payee: readTradeParty(fields, one(settlement, 'PayeeTradeParty')),
    tax_representative: readTradeParty(fields, one(agreement, 'SellerTaxRepresentativeTradeParty')),
    delivery: readDelivery(fields, delivery),
    payment: all(settlement, 'SpecifiedTradeSettlementPaymentMeans').map((one) => readPayment(fields, one, settlement)),
    creditor_id: text(settlement, 'CreditorReferenceID'),
    allowance_charges: all(settlement, 'SpecifiedTradeAllowanceCharge').map((one) =>
      readTradeAllowanceCharge(fields, one, DOCUMENT_LEVEL),
    ),
    totals: readTotals(fields, one(settlement, SUMMATION)),
    vat_totals: readVatTotals(fields, settlement, currency),
    attachments: documents
      .filter((document) => text(document, 'TypeCode') === '916')
      .map((document) => readAttachment(fields, document)),
    lines: all(transaction, 'IncludedSupplyChainTradeLineItem').map((line) => readTradeLine(fields, line)),
  };
  return { invoice, marks: fields.marks };
}

const SUMMATION = 'SpecifiedTradeSettlementHeaderMonetarySummation';

function readHeader(fields: Fields, root: XmlElement, settlement: Parent) {
  const context = one(root, 'ExchangedDocumentContext');
  const document = one(root, 'ExchangedDocument');
  return {
    process: text(context, 'BusinessProcessSpecifiedDocumentContextParameter', 'ID'),
    specification: text(context, 'GuidelineSpecifiedDocumentContextParameter', 'ID'),
    number: text(document, 'ID'),
    issue_date: fields.date(document, 'IssueDateTime', 'DateTimeString'),
    tax_point_date: all(settlement, 'ApplicableTradeTax', 'TaxPointDate', 'DateString').map((date) =>
      fields.date(date),
    )[0],
    tax_point_code: all(settlement, 'ApplicableTradeTax', 'DueDateTypeCode').map((code) =>
      fields.code('BR-CL-06', code),
    )[0],
    due_date: fields.date(settlement, 'SpecifiedTradePaymentTerms', 'DueDateDateTime', 'DateTimeString'),
    payment_terms: text(settlement, 'SpecifiedTradePaymentTerms', 'Description'),
    notes: all(document, 'IncludedNote').flatMap((note) => {
      const content = text(note, 'Content');
      const subject = fields.code('BR-CL-08', note, 'SubjectCode');
      return content === undefined ? [] : [{ ...(subject && { subject_code: subject }), text: content }];
    }),
  };
}

function readReferences(fields: Fields, header: Header, documents: readonly XmlElement[]): References {
  const { agreement, delivery, settlement } = header;
  return {
    buyer_reference: text(agreement, 'BuyerReference'),
    purchase_order: text(agreement, 'BuyerOrderReferencedDocument', 'IssuerAssignedID'),
    sales_order: text(agreement, 'SellerOrderReferencedDocument', 'IssuerAssignedID'),
    contract: text(agreement, 'ContractReferencedDocument', 'IssuerAssignedID'),
    project: text(agreement, 'SpecifiedProcuringProject', 'ID'),
    receiving_advice: text(delivery, 'ReceivingAdviceReferencedDocument', 'IssuerAssignedID'),
    despatch_advice: text(delivery, 'DespatchAdviceReferencedDocument', 'IssuerAssignedID'),
    tender: text(
      documents.find((document) => text(document, 'TypeCode') === '50'),
      'IssuerAssignedID',
    ),
    object_id: readTradeObject(fields, documents),
    accounting: text(settlement, 'ReceivableSpecifiedTradeAccountingAccount', 'ID'),
  };
}

function readDelivery(fields: Fields, delivery: Parent): Delivery | undefined {
  const party = one(delivery, 'ShipToTradeParty');
  const date = fields.date(delivery, 'ActualDeliverySupplyChainEvent', 'OccurrenceDateTime', 'DateTimeString');
  if (delivery === undefined || (party === undefined && date === undefined)) return undefined;
  return {
    path: (party ?? delivery).path,
    name: text(party, 'Name'),
    location: fields.identifierAt('BR-CL-26', one(party, 'GlobalID') ?? one(party, 'ID')),
    date,
    address: readTradeAddress(fields, one(party, 'PostalTradeAddress')),
  };
}

function readPayment(fields: Fields, means: XmlElement, settlement: Parent): PaymentInstruction {
  const account = one(means, 'PayeePartyCreditorFinancialAccount');
  const card = one(means, 'ApplicableTradeSettlementFinancialCard');
  const mandate = text(settlement, 'SpecifiedTradePaymentTerms', 'DirectDebitMandateID');
  const debited = text(means, 'PayerPartyDebtorFinancialAccount', 'IBANID');
  return {
    path: means.path,
    means_code: fields.code('BR-CL-16', means, 'TypeCode'),
    means_text: text(means, 'Information'),
    remittance: text(settlement, 'PaymentReference'),
    account: account && {
      path: account.path,
      id: text(account, 'IBANID') ?? text(account, 'ProprietaryID'),
      name: text(account, 'AccountName'),
      bic: text(means, 'PayeeSpecifiedCreditorFinancialInstitution', 'BICID'),
    },
    card: readCard(text(card, 'ID'), text(card, 'CardholderName')),
    mandate: mandate === undefined && debited === undefined ? undefined : { id: mandate, debited_account: debited },
  };
}

function readTotals(fields: Fields, totals: Parent): Totals | undefined {
  if (totals === undefined) return undefined;
  return {
    path: totals.path,
    lines: fields.amount('BR-DEC-09', totals, 'LineTotalAmount'),
    allowances: fields.amount('BR-DEC-10', totals, 'AllowanceTotalAmount'),
    charges: fields.amount('BR-DEC-11', totals, 'ChargeTotalAmount'),
    without_vat: fields.amount('BR-DEC-12', totals, 'TaxBasisTotalAmount'),
    with_vat: fields.amount('BR-DEC-14', totals, 'GrandTotalAmount'),
    prepaid: fields.amount('BR-DEC-16', totals, 'TotalPrepaidAmount'),
    rounding: fields.amount('BR-DEC-17', totals, 'RoundingAmount'),
    due: fields.amount('BR-DEC-18', totals, 'DuePayableAmount'),
  };
}

/** The totals stand beside the breakdown here: the breakdown belongs to the total in the invoice's currency. */
function readVatTotals(fields: Fields, settlement: Parent, currency: string | undefined): readonly VatTotal[] {
  const breakdown = all(settlement, 'ApplicableTradeTax').map((tax) => readBreakdown(fields, tax));
  const totals = all(settlement, SUMMATION, 'TaxTotalAmount').map((total) => {
    const own = attribute(total, 'currencyID');
    const inDocument = own === undefined || own === currency;
    const rule = inDocument ? 'BR-DEC-13' : 'BR-DEC-15';
    return { path: total.path, amount: fields.amount(rule, total), breakdown: inDocument ? breakdown : [] };
  });
  const [first] = breakdown;
  if (first === undefined || totals.some((total) => total.breakdown.length > 0)) return totals;
  return [{ path: first.path, amount: undefined, breakdown }, ...totals];
}

function readBreakdown(fields: Fields, tax: XmlElement): VatBreakdown {
  const code = fields.code('BR-CL-17', tax, 'CategoryCode');
  return {
    path: tax.path,
    taxable_amount: fields.amount('BR-DEC-19', tax, 'BasisAmount'),
    tax_amount: fields.amount('BR-DEC-20', tax, 'CalculatedAmount'),
    category: isVatTax(tax) ? code : undefined,
    rate: isVatTax(tax) ? fields.decimal(tax, 'RateApplicablePercent') : undefined,
    exemption_reason: text(tax, 'ExemptionReason'),
    exemption_code: fields.code('BR-CL-22', tax, 'ExemptionReasonCode'),
  };
}

function readAttachment(fields: Fields, document: XmlElement): Attachment {
  const embedded = one(document, 'AttachmentBinaryObject');
  return {
    path: document.path,
    id: text(document, 'IssuerAssignedID'),
    description: text(document, 'Name'),
    uri: text(document, 'URIID'),
    filename: attribute(embedded, 'filename'),
    mime_type: fields.codeAt('BR-CL-24', embedded, 'mimeCode'),
    embedded: embedded !== undefined,
  };
}
