/** One invoice number, however a supplier or a clerk writes it: what makes a second invoice a duplicate. */
import { type ErrorItem, refuseIfAny } from '../../../shared/errors.ts';

export type InvoiceType = 'invoice' | 'credit_note';

/**
 * Upper case; each run of characters that are no letter or digit becomes one `-`, trimmed; the leading zeros of each group of digits go,
 * and a group of zeros stays `0`: `inv/0012` and `INV 12` are `INV-12`. Compatible forms of a character are one character (NFKC).
 * @throws DomainError 422 where nothing is left.
 */
export function normaliseInvoiceNumber(invoiceNumber: string): string {
  refuseIfAny('invoice.invoice-number-empty', EMPTY, invoiceNumberFindings(invoiceNumber));
  return normalised(invoiceNumber);
}

/** The same refusal as a finding, for a caller that collects all that is wrong. */
export function invoiceNumberFindings(invoiceNumber: string): readonly ErrorItem[] {
  const number = normalised(invoiceNumber);
  if (number === '') return [{ pointer: '/invoice_number', detail: EMPTY }];
  return number.length > MOST_CHARACTERS ? [{ pointer: '/invoice_number', detail: TOO_LONG }] : [];
}

/** Numbers that differ only in their separators are suspicious and raise a hold, never a refusal. */
export const looseInvoiceNumber = (invoiceNumber: string): string =>
  normaliseInvoiceNumber(invoiceNumber).replaceAll('-', '');

export interface NumberedInvoice {
  readonly vendor_id: string;
  readonly type: InvoiceType;
  readonly invoice_number: string;
  readonly invoice_date: string;
}

export interface InvoiceNumberClaim {
  /** Unique: `vendor#kind#number`, and the invoice's year for a vendor who restarts numbering. */
  readonly claim: string;
  /** Shared by all numbers that differ only in their separators. */
  readonly loose: string;
}

/** Whether both are the same number of the same year: then a claim stays as it is, whatever the vendor changed since. */
export const isSameNumber = (one: NumberedInvoice, other: NumberedInvoice): boolean =>
  invoiceNumberClaim(one, true).claim === invoiceNumberClaim(other, true).claim;

export const yearOf = ({ invoice_date }: Pick<NumberedInvoice, 'invoice_date'>): string => invoice_date.slice(0, 4);

export function invoiceNumberClaim(invoice: NumberedInvoice, restartsEachYear = false): InvoiceNumberClaim {
  const owner = `${invoice.vendor_id}#${invoice.type}`;
  const year = restartsEachYear ? `#${yearOf(invoice)}` : '';
  return {
    claim: `${owner}#${normaliseInvoiceNumber(invoice.invoice_number)}${year}`,
    loose: `${owner}#${looseInvoiceNumber(invoice.invoice_number)}${year}`,
  };
}

/** One character may stand for 18: a key has room for these. */
const MOST_CHARACTERS = 200;
const TOO_LONG = 'is too long once its characters are written out';
const EMPTY = 'An invoice number needs at least one letter or digit: give the number that the supplier printed.';

const normalised = (invoiceNumber: string): string =>
  invoiceNumber
    .normalize('NFKC')
    .toUpperCase()
    .normalize('NFKC')
    .replace(/[^\p{L}\p{M}\p{Nd}]+/gu, '-')
    .replace(/^-|-$/g, '')
    .replace(/\p{Nd}+/gu, (digits) => digits.replace(/^0+(?=\p{Nd})/u, ''));
