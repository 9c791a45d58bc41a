/** From what a supplier states to an invoice: all that is wrong with it, and what is derived beside it. Pure. */

import { type DateWindow, outsideWindow } from '../../shared/date-window.ts';
import { remembered } from '../../shared/decisions/history.ts';
import type { Draft } from '../../shared/dynamo/entity-store.ts';
import { type DomainError, type ErrorItem, refusalOf, ruleError } from '../../shared/errors.ts';
import { amount, compare, isCurrency, isNegative, isPositive, isZero, multiply, plain } from '../../shared/money.ts';
import { discountFor, dueDate, parsePaymentTerms, renderPaymentTerms } from '../../shared/payment-terms.ts';
import { uncarriedFindings } from '../../shared/sepa-text.ts';
import { type PurchaseOrder, refuseUnlessOpen } from '../purchase-orders/index.ts';
import { requireVendorFor, type Vendor } from '../vendors/index.ts';
import { invoiceNumberClaim, invoiceNumberFindings } from './domain/invoice-number.ts';
import { openingBalance } from './domain/open-amount.ts';
import { similarForms, similarKeys } from './domain/similar-number.ts';
import { recomputeTotals, type StatedInvoice } from './domain/totals.ts';
import type { CreditNote, Invoice } from './invoice.schema.ts';
import type { CreateInvoice, UpdateInvoice } from './invoice-bodies.schema.ts';
import { billedAmount, creditLimitFindings } from './invoice-credits.ts';

/** What the invoice names, as it stands; absent where it names none, or none that exists. */
export interface Named {
  readonly vendor: Vendor | undefined;
  readonly order: PurchaseOrder | undefined;
  readonly credited: Invoice | undefined;
  /** The live credit notes of the credited invoice. */
  readonly creditNotes: readonly CreditNote[];
  /** The days that its dates may have; absent where only what is derived is asked. */
  readonly window?: DateWindow | undefined;
}

export function newInvoice(id: string, stated: CreateInvoice, named: Named, actorId: string): Draft<Invoice> {
  const body = withCreditedOrder(stated, named);
  const vendor = requireStatable(id, body, named, { vendor: true, order: true });
  return {
    id,
    status: 'received',
    ...statedFacts(body, named, vendor),
    match: null,
    holds: [],
    approvals: [],
    approved_by: null,
    credits: [],
    credit_notes: [],
    takes: [],
    changed_by: [],
    created_by: actorId,
  };
}

/** docs/contract.md#resources: every supplier field; back to received, holding no quantity. */
export function changedInvoice(invoice: Invoice, change: UpdateInvoice, named: Named, actorId: string): Draft<Invoice> {
  const body = withCreditedOrder(mergedBody(invoice, change), named);
  const isNew = { vendor: body.vendor_id !== invoice.vendor_id, order: (body.po_id ?? null) !== invoice.po_id };
  const vendor = requireStatable(invoice.id, body, named, isNew);
  return {
    ...invoice,
    ...statedFacts(body, named, vendor),
    status: 'received',
    match: null,
    approvals: [],
    approved_by: null,
    takes: [],
    history: remembered(invoice),
    changed_by: invoice.changed_by.includes(actorId) ? invoice.changed_by : [...invoice.changed_by, actorId],
  };
}

/** The order of the credited invoice is the credit note's, so that the match is never skipped. */
export function withCreditedOrder<T extends Pick<CreateInvoice, 'type' | 'po_id'>>(
  body: T,
  { credited }: Pick<Named, 'credited'>,
): T {
  if (body.po_id !== undefined || body.type !== 'credit_note') return body;
  const po_id = credited?.po_id ?? null;
  return po_id === null ? body : { ...body, po_id };
}

/** The body that would make the invoice as it stands with this change. */
export function mergedBody(invoice: Invoice, change: UpdateInvoice): CreateInvoice {
  const { notes, po_id, credited_invoice_id, tax_breakdown } = invoice;
  const merged = {
    vendor_id: invoice.vendor_id,
    po_id,
    invoice_number: invoice.invoice_number,
    type: invoice.type,
    credited_invoice_id,
    invoice_date: invoice.invoice_date,
    ...invoice.given,
    currency: invoice.currency,
    line_items: invoice.line_items,
    charges: invoice.charges,
    allowances: invoice.allowances,
    tax_breakdown,
    subtotal: invoice.subtotal,
    tax_amount: invoice.tax_amount,
    total_amount: invoice.total_amount,
    prepaid_amount: invoice.prepaid_amount,
    rounding_amount: invoice.rounding_amount,
    notes,
    ...change,
  };
  const {
    po_id: po,
    credited_invoice_id: credited,
    due_date,
    accounting_date,
    payment_terms,
    notes: text,
    ...rest
  } = merged;
  return {
    ...rest,
    ...(po === null ? {} : { po_id: po }),
    ...(credited === null ? {} : { credited_invoice_id: credited }),
    ...(due_date === null ? {} : { due_date }),
    ...(accounting_date === null ? {} : { accounting_date }),
    ...(payment_terms === null ? {} : { payment_terms }),
    ...(text === null ? {} : { notes: text }),
  };
}

type IsNew = { readonly vendor: boolean; readonly order: boolean };

/** @throws DomainError with everything that stands against it; its own code where only one thing does. */
function requireStatable(id: string, body: CreateInvoice, named: Named, isNew: IsNew): Vendor {
  const { vendor } = named;
  const refusals = [
    refusalOf(() => refuseStated(id, body, named)),
    refusalOf(() => {
      if (vendor !== undefined && isNew.vendor) requireVendorFor(vendor, 'invoice');
    }),
    refusalOf(() => {
      if (named.order !== undefined && isNew.order) requireBillable(body, named.order);
    }),
  ].filter((refusal) => refusal !== undefined);
  const [only, ...others] = refusals;
  if (only === undefined && vendor !== undefined) return vendor;
  throw only !== undefined && others.length === 0 ? only : invalid(refusals.flatMap(({ errors }) => errors));
}

const invalid = (errors: readonly ErrorItem[]): DomainError =>
  ruleError('invoice.invalid', 'The invoice is invalid.', errors);

const UNKNOWN_VENDOR: ErrorItem = { pointer: '/vendor_id', detail: 'There is no vendor with this id.' };

/** What was delivered and billed of a closed order can still be credited. */
function requireBillable(body: CreateInvoice, order: PurchaseOrder): void {
  if (body.type === 'credit_note' && order.sent_revision !== null) return;
  refuseUnlessOpen(order);
}

function refuseStated(id: string, body: CreateInvoice, named: Named): void {
  const errors = [
    ...numberFindings(body.invoice_number),
    ...namedFindings(body, named),
    ...creditFindings(id, body, named),
    ...lineFindings(body),
    ...termFindings(body),
    ...dateFindings(body, named),
    ...(isCurrency(body.currency)
      ? recomputeTotals(statedOf(body)).findings
      : [{ pointer: '/currency', detail: 'is not a currency of ISO 4217 that is paid in' }]),
  ];
  if (errors.length > 0) throw invalid(errors);
}

function namedFindings(body: CreateInvoice, { vendor, order, credited }: Named): readonly ErrorItem[] {
  const errors: ErrorItem[] = [];
  if (vendor === undefined) errors.push(UNKNOWN_VENDOR);
  if (body.po_id !== undefined && order === undefined)
    errors.push({ pointer: '/po_id', detail: 'There is no purchase order with this id.' });
  if (body.credited_invoice_id !== undefined && credited === undefined)
    errors.push({ pointer: '/credited_invoice_id', detail: 'There is no invoice with this id.' });
  return errors;
}

function creditFindings(id: string, body: CreateInvoice, { credited, creditNotes }: Named): readonly ErrorItem[] {
  if (credited === undefined) return [];
  const pointer = '/credited_invoice_id';
  const errors: ErrorItem[] = [];
  if (body.type !== 'credit_note') errors.push({ pointer, detail: 'only a credit note credits an invoice' });
  if (credited.type !== 'invoice') errors.push({ pointer, detail: 'is a credit note itself' });
  if (credited.vendor_id !== body.vendor_id) errors.push({ pointer, detail: 'is of another vendor' });
  if (credited.currency !== body.currency) errors.push({ pointer, detail: `is in ${credited.currency}` });
  if (credited.status === 'rejected' || credited.status === 'voided')
    errors.push({ pointer, detail: `is ${credited.status}: there is nothing to credit` });
  if (body.po_id !== undefined && body.po_id !== credited.po_id)
    errors.push({ pointer: '/po_id', detail: 'is not the order that the credited invoice bills' });
  if (errors.length > 0) return errors;
  const others = creditNotes.filter((note) => note.id !== id);
  return creditLimitFindings(credited, others, billedAmount(body));
}

function lineFindings(body: CreateInvoice): readonly ErrorItem[] {
  const errors: ErrorItem[] = [];
  const numbers = new Set<number>();
  for (const [index, line] of body.line_items.entries()) {
    const at = (field: string, detail: string) => errors.push({ pointer: `/line_items/${index}/${field}`, detail });
    if (isZero(line.quantity)) at('quantity', 'must not be 0');
    if (isNegative(multiply(line.quantity, line.amount))) at('amount', 'must have the sign of the quantity');
    if (line.po_quantity !== undefined && isNegative(line.quantity))
      at('po_quantity', 'is of no use on a negative line, which takes nothing of the order');
    if (line.po_quantity !== undefined && !isPositive(line.po_quantity)) at('po_quantity', 'must be more than 0');
    if (line.po_quantity !== undefined && line.po_line_number === undefined)
      at('po_quantity', 'is of a line of an order, but the line names none');
    if (compare(line.tax_rate, '100') > 0) at('tax_rate', 'is a percentage, at most 100');
    if (line.po_line_number !== undefined && body.po_id === undefined)
      at('po_line_number', 'names a line of an order, but the invoice names no order');
    const number = line.line_number ?? index + 1;
    if (numbers.has(number)) at('line_number', `${number} is given twice`);
    numbers.add(number);
  }
  return errors;
}

function termFindings(body: CreateInvoice): readonly ErrorItem[] {
  const errors: ErrorItem[] = [];
  if (body.due_date !== undefined && body.due_date < body.invoice_date)
    errors.push({ pointer: '/due_date', detail: `is before the invoice date, ${body.invoice_date}` });
  if (body.payment_terms === undefined) return errors;
  const { finding } = parsePaymentTerms(body.payment_terms);
  return finding === undefined ? errors : [...errors, finding];
}

/** What the terms derive lies in the window too, so that no date of an invoice is beyond it. */
function dateFindings(body: CreateInvoice, named: Named): readonly ErrorItem[] {
  const { vendor, window } = named;
  if (window === undefined) return [];
  const { invoice_date, due_date, accounting_date } = body;
  const stated = outsideWindow(window, {
    '/invoice_date': invoice_date,
    '/due_date': due_date,
    '/accounting_date': accounting_date,
  });
  if (stated.length > 0 || vendor === undefined || due_date !== undefined) return stated;
  const derived = termFacts(body, named, vendor);
  if (derived.due_date <= window.last) return [];
  const detail = `would be ${derived.due_date} by the terms ${derived.payment_terms}, after ${window.last}; give other terms or a due date`;
  return [{ pointer: '/due_date', detail }];
}

/** An empty breakdown is none: the tax is then held against the lines. */
function statedOf(body: CreateInvoice): StatedInvoice {
  const { tax_breakdown, ...rest } = body;
  return tax_breakdown === undefined || tax_breakdown.length === 0 ? rest : { ...rest, tax_breakdown };
}

function statedFacts(body: CreateInvoice, named: Named, vendor: Vendor) {
  const { currency } = body;
  const type = body.type ?? 'invoice';
  const totals = recomputeTotals(statedOf(body));
  const claim = invoiceNumberClaim({ ...body, type }, vendor.invoice_numbers_restart_yearly);
  return {
    vendor_id: body.vendor_id,
    po_id: body.po_id ?? null,
    invoice_number: body.invoice_number,
    type,
    credited_invoice_id: body.credited_invoice_id ?? null,
    invoice_date: body.invoice_date,
    accounting_date: body.accounting_date ?? body.invoice_date,
    ...termFacts(body, named, vendor),
    ...canonicalAmounts(body),
    differences: [...totals.differences],
    ...openingBalance(totals.amount_due, currency),
    discount_taken: amount('0', currency),
    notes: body.notes ?? null,
    given: {
      due_date: body.due_date ?? null,
      accounting_date: body.accounting_date ?? null,
      payment_terms: body.payment_terms ?? null,
    },
    number_claim: claim.claim,
    number_loose: claim.loose,
    number_similar: [...similarKeys(body.vendor_id, type, similarForms(body.invoice_number))],
  };
}

/** docs/contract.md#resources: due_date as given, else from the terms of the invoice, of the order, of the vendor. A credit note is open from its own date. */
function termFacts(body: CreateInvoice, { order }: Named, vendor: Vendor) {
  const { terms } = parsePaymentTerms(body.payment_terms ?? order?.payment_terms ?? vendor.payment_terms);
  if (terms === undefined || body.type === 'credit_note')
    return {
      payment_terms: null,
      due_date: body.due_date ?? body.invoice_date,
      discount_date: null,
      discount_amount: null,
    };
  const discount = discountFor(terms, body.invoice_date, vendor.discount_base, body, body.currency);
  return {
    payment_terms: renderPaymentTerms(terms),
    due_date: body.due_date ?? dueDate(terms, body.invoice_date),
    discount_date: discount?.discount_date ?? null,
    discount_amount: discount?.discount_amount ?? null,
  };
}

/** The supplier's figures in the form in which they go out. */
function canonicalAmounts(body: CreateInvoice) {
  const money = (value: string): string => amount(value, body.currency);
  const documentAmounts = (list: CreateInvoice['charges'] = []) =>
    list.map((each) => ({ ...each, amount: money(each.amount), tax_rate: plain(each.tax_rate) }));
  return {
    line_items: body.line_items.map(({ price_base_quantity: base, po_quantity, ...line }, index) => ({
      ...line,
      line_number: line.line_number ?? index + 1,
      quantity: plain(line.quantity),
      unit_price: plain(line.unit_price),
      ...(base === undefined ? {} : { price_base_quantity: plain(base) }),
      ...(po_quantity === undefined ? {} : { po_quantity: plain(po_quantity) }),
      tax_rate: plain(line.tax_rate),
      amount: money(line.amount),
    })),
    charges: documentAmounts(body.charges),
    allowances: documentAmounts(body.allowances),
    tax_breakdown: (body.tax_breakdown ?? []).map((each) => ({
      ...each,
      tax_rate: plain(each.tax_rate),
      taxable_amount: money(each.taxable_amount),
      tax_amount: money(each.tax_amount),
    })),
    subtotal: money(body.subtotal),
    tax_amount: money(body.tax_amount),
    total_amount: money(body.total_amount),
    prepaid_amount: money(body.prepaid_amount ?? '0'),
    rounding_amount: money(body.rounding_amount ?? '0'),
  };
}

/** A number that a bank cannot carry would leave the creditor without a reference. */
function numberFindings(invoiceNumber: string): readonly ErrorItem[] {
  const empty = invoiceNumberFindings(invoiceNumber);
  return empty.length > 0 ? empty : uncarriedFindings(invoiceNumber, '/invoice_number');
}
