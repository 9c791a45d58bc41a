/** Numbers that a person may take for one another. They raise a hold and never a refusal. Pure. */
import anyAscii from 'any-ascii';
import unhomoglyph from 'unhomoglyph';
import { type InvoiceType, looseInvoiceNumber } from './invoice-number.ts';

/**
 * What numbers that look alike have in common: one form without the leading zeros of the whole (`2026-001` and `2026001`), one without
 * those of each group of digits (`2026-001` and `20261`), each as its confusable skeleton (Unicode TR39).
 */
export function similarForms(invoiceNumber: string): readonly string[] {
  const digits = asciiDigits(invoiceNumber);
  const joined = digits
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[^\p{L}\p{M}\p{Nd}]+/gu, '')
    .replace(/^0+(?=.)/u, '');
  return [...new Set([joined, looseInvoiceNumber(digits)].map(skeleton))];
}

/** In the key of one vendor's documents of one type. */
export const similarKeys = (vendorId: string, type: InvoiceType, forms: readonly string[]): readonly string[] =>
  forms.map((form) => `${vendorId}#${type}~${form}`);

export interface NumberHolder {
  readonly id: string;
  readonly vendor_id: string;
  readonly invoice_number: string;
  readonly invoice_date: string;
  readonly status: string;
}

/** Named in a reason of at most 500 characters. */
const MOST_NAMED = 3;

/** The evidence of a hold: which invoices, and what they have in common with this one. */
export function similarityReason(vendorId: string, others: readonly NumberHolder[]): string {
  const named = others.slice(0, MOST_NAMED).map((other) => {
    const sibling =
      other.vendor_id === vendorId ? '' : ` of ${other.vendor_id}, which shares a bank account or tax id,`;
    return `${other.invoice_number} (${other.id},${sibling} ${other.status})`;
  });
  const more = others.length > MOST_NAMED ? ` and ${others.length - MOST_NAMED} more` : '';
  return `The number looks like that of ${named.join('; ')}${more}`.slice(0, 500);
}

/** `0` and `O`, `1`, `I` and `l`, a Cyrillic and a Latin A are one; upper case on both sides, so that case still does not matter. */
const skeleton = (text: string): string => unhomoglyph(text.normalize('NFD')).normalize('NFD').toUpperCase();

/** Digits of every script count alike, and a skeleton knows them as letters. */
const asciiDigits = (text: string): string => text.replace(/\p{Nd}/gu, (digit) => anyAscii(digit));
