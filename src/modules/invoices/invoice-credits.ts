/** The live credit notes that name an invoice: how much they may credit, and what they keep from changing. Pure. */
import type { Draft } from '../../shared/dynamo/entity-store.ts';
import { conflictError, type DomainError, type ErrorItem } from '../../shared/errors.ts';
import { add, amount, compare, type Decimal, isNegative, type Num, subtract } from '../../shared/money.ts';
import type { CreditNote, Invoice } from './invoice.schema.ts';

/** Each is a few words on the invoice's own item. */
export const MAX_CREDIT_NOTES = 50;

type Document = Draft<Invoice>;

/** Rejected and voided documents bill and credit nothing; every other one may still. */
export const isLive = ({ status }: Pick<Invoice, 'status'>): boolean => status !== 'rejected' && status !== 'voided';

/** The invoice that a live credit note names; undefined for every other document. */
export const creditedBy = (note: Document | undefined): string | undefined =>
  note !== undefined && note.type === 'credit_note' && isLive(note)
    ? (note.credited_invoice_id ?? undefined)
    : undefined;

/** What a document bills or credits. What was paid in advance does not lower it: goods that were prepaid are credited too. */
export const billedAmount = ({
  total_amount,
  rounding_amount = '0',
}: {
  readonly total_amount: Decimal;
  readonly rounding_amount?: Decimal | undefined;
}): Num => add(total_amount, rounding_amount);

/** The list of the credited invoice once this credit note stands as it is, or names it no more. */
export function withCreditNote(known: readonly CreditNote[], note: Document, names: boolean): CreditNote[] {
  const entry = {
    id: note.id,
    invoice_number: note.invoice_number,
    amount: amount(billedAmount(note), note.currency),
  };
  return [...known.filter(({ id }) => id !== note.id), ...(names ? [entry] : [])];
}

/** All live credit notes of an invoice together credit at most what it bills. `others` are those besides the one that is judged. */
export function creditLimitFindings(
  credited: Invoice,
  others: readonly CreditNote[],
  wanted: Num,
): readonly ErrorItem[] {
  if (others.length >= MAX_CREDIT_NOTES)
    return [
      {
        pointer: '/credited_invoice_id',
        detail: `has ${others.length} live credit notes; it takes at most ${MAX_CREDIT_NOTES}`,
      },
    ];
  const left = subtract(billedAmount(credited), ...others.map((each) => each.amount));
  if (compare(wanted, left) <= 0) return [];
  const { currency } = credited;
  const named = others.length === 0 ? '' : `; credited already by ${listed(others, currency)}`;
  const most = amount(isNegative(left) ? '0' : left, currency);
  return [
    {
      pointer: '/total_amount',
      detail: `credits ${amount(wanted, currency)} ${currency}, but at most ${most} of ${amount(billedAmount(credited), currency)} can be credited${named}`,
    },
  ];
}

/** An invoice is not taken back under a credit note that names it, or that lowered it. @throws DomainError 409 `invoice.credited` */
export function requireNotCredited(invoice: Invoice, notes: readonly CreditNote[], action: string): void {
  if (invoice.type !== 'invoice' || (notes.length === 0 && invoice.credits.length === 0)) return;
  const applied = [...new Set(invoice.credits.map(({ invoice_id }) => invoice_id))];
  throw credited(
    `The invoice cannot take ${action}: ${[
      ...(notes.length === 0
        ? []
        : [`credit notes name it (${listed(notes, invoice.currency)}); reject or void them first`]),
      ...(applied.length === 0 ? [] : [`credit notes are applied to it (${applied.join(', ')}); unapply them first`]),
    ].join('; ')}.`,
  );
}

/** What live credit notes stand on does not change under them. @throws DomainError 409 `invoice.credited` with every field */
export function requireCreditsKept(before: Invoice, after: Document, notes: readonly CreditNote[]): void {
  if (notes.length === 0) return;
  const errors: ErrorItem[] = [];
  for (const field of ['type', 'vendor_id', 'currency', 'po_id'] as const)
    if (before[field] !== after[field])
      errors.push({ pointer: `/${field}`, detail: `is ${before[field] ?? 'none'} on the credit notes too` });
  const sum = add(...notes.map((each) => each.amount));
  if (compare(billedAmount(after), sum) < 0)
    errors.push({
      pointer: '/total_amount',
      detail: `is less than the ${amount(sum, before.currency)} ${before.currency} that is credited`,
    });
  if (errors.length === 0) return;
  throw credited(
    `Credit notes name this invoice (${listed(notes, before.currency)}). Change, reject or void them first.`,
    errors,
  );
}

/** Whether a credit note still stands on its invoice as it is now. @throws DomainError 409 */
export function requireCreditStands(note: Invoice, credited: Invoice, others: readonly CreditNote[]): void {
  if (!isLive(credited) || credited.type !== 'invoice')
    throw conflictError(
      'invoice.nothing-to-credit',
      `The invoice that this credit note names (${credited.id}) is ${isLive(credited) ? 'a credit note itself' : credited.status}. Reject or void the credit note, or name another invoice.`,
      [{ pointer: '/credited_invoice_id', detail: 'is no live invoice' }],
    );
  const errors: ErrorItem[] = [];
  for (const field of ['vendor_id', 'currency', 'po_id'] as const)
    if (note[field] !== credited[field])
      errors.push({ pointer: `/${field}`, detail: `is ${credited[field] ?? 'none'} on the invoice it credits` });
  errors.push(...creditLimitFindings(credited, others, billedAmount(note)));
  if (errors.length === 0) return;
  throw conflictError(
    'invoice.credit-not-covered',
    'The credit note does not fit the invoice it credits. Change it, or reject or void it.',
    errors,
  );
}

const credited = (detail: string, errors?: readonly ErrorItem[]): DomainError =>
  conflictError('invoice.credited', detail, errors);

const listed = (notes: readonly CreditNote[], currency: string): string =>
  notes.map((note) => `${note.id} ${note.invoice_number}: ${amount(note.amount, currency)}`).join(', ');
