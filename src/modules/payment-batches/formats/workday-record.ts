/**
 * One payment as a record for Workday or another ERP, with a root element of our own: a record to read, never an order to a bank.
 * Account numbers come as the reader may see them, masked or whole: that is the caller's to decide.
 */
import { renderXml, XML_DECLARATION, type XmlTree, xmlText } from './xml.ts';

export interface PaymentRecordFacts {
  readonly payment: {
    readonly id: string;
    readonly status: string;
    readonly integration_status?: string | undefined;
    readonly reference_number?: string | undefined;
    readonly payment_amount: string;
    readonly discount_taken?: string | undefined;
    readonly currency: string;
    readonly payment_method: string;
    readonly payment_date: string;
    readonly batch_id?: string | undefined;
    readonly notes?: string | undefined;
  };
  readonly invoice: {
    readonly id: string;
    readonly invoice_number: string;
    readonly invoice_date: string;
    readonly due_date: string;
    readonly total_amount: string;
    readonly po_id?: string | undefined;
  };
  readonly vendor: {
    readonly id: string;
    readonly name: string;
    readonly tax_id?: string | undefined;
    readonly bank_account?:
      | {
          readonly holder_name: string;
          readonly iban?: string | undefined;
          readonly bic?: string | undefined;
          readonly routing_number?: string | undefined;
          readonly account_number?: string | undefined;
        }
      | undefined;
  };
}

type Fields = Readonly<Record<string, string | null>>;

export interface PaymentRecord {
  readonly record_version: '1';
  readonly payment: Fields;
  readonly invoice: Fields;
  readonly vendor: Fields;
  readonly bank_account: Fields | null;
}

export const PAYMENT_RECORD_NAMESPACE = 'urn:erp-lite:procure-to-pay:payment-record:1';

/** The record as JSON: every key in a fixed order, null where there is no value. */
export function paymentRecord({ payment, invoice, vendor }: PaymentRecordFacts): PaymentRecord {
  const account = vendor.bank_account;
  return {
    record_version: '1',
    payment: {
      payment_id: payment.id,
      reference_number: payment.reference_number ?? null,
      status: payment.status,
      integration_status: payment.integration_status ?? null,
      payment_amount: payment.payment_amount,
      discount_taken: payment.discount_taken ?? null,
      currency: payment.currency,
      payment_method: payment.payment_method,
      payment_date: payment.payment_date,
      batch_id: payment.batch_id ?? null,
      notes: payment.notes ?? null,
    },
    invoice: {
      invoice_id: invoice.id,
      invoice_number: invoice.invoice_number,
      invoice_date: invoice.invoice_date,
      due_date: invoice.due_date,
      total_amount: invoice.total_amount,
      po_id: invoice.po_id ?? null,
    },
    vendor: { vendor_id: vendor.id, name: vendor.name, tax_id: vendor.tax_id ?? null },
    bank_account: account === undefined ? null : accountFields(account),
  };
}

/** The same record as XML: an element a key, in words joined without underscores; what has no value has no element. */
export function renderPaymentRecordXml(facts: PaymentRecordFacts): string {
  const record = paymentRecord(facts);
  return (
    XML_DECLARATION +
    renderXml({
      PaymentRecord: {
        '@xmlns': PAYMENT_RECORD_NAMESPACE,
        '@version': record.record_version,
        Payment: elements(record.payment),
        Invoice: elements(record.invoice),
        Vendor: elements(record.vendor),
        BankAccount: record.bank_account === null ? undefined : elements(record.bank_account),
      },
    })
  );
}

function accountFields(account: NonNullable<PaymentRecordFacts['vendor']['bank_account']>): Fields {
  return {
    holder_name: account.holder_name,
    iban: account.iban ?? null,
    bic: account.bic ?? null,
    routing_number: account.routing_number ?? null,
    account_number: account.account_number ?? null,
  };
}

function elements(fields: Fields): XmlTree {
  const present = Object.entries(fields).filter((field): field is [string, string] => field[1] !== null);
  return Object.fromEntries(present.map(([key, value]) => [elementName(key), xmlText(value)]));
}

/** `invoice_number` is `InvoiceNumber`. */
const elementName = (key: string): string =>
  key.replace(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase());
