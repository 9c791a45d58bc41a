/** An invoice or credit note: the record, what of it goes out, and its query. The bodies are in invoice-bodies.schema.ts. */
import { type Static, Type } from '@sinclair/typebox';
import { History } from '../../shared/decisions/history.ts';
import {
  Amount,
  AuditHeadSchema,
  CalendarDate,
  CurrencyCode,
  entityFields,
  Id,
  Line,
  Notes,
  Nullable,
  Price,
  pageOf,
  pageQuery,
  Quantity,
  Reason,
  ref,
  SignedAmount,
  SignedQuantity,
  Strict,
  Timestamp,
} from '../../shared/http/schemas.ts';
import { DocumentAmount, InvoiceLine, TaxBreakdownLine, TotalsDifference } from './invoice-line.schema.ts';
import { MatchSummary } from './invoice-match.schema.ts';

export const INVOICE_STATUSES = [
  'received',
  'matched',
  'exception',
  'pending_approval',
  'approved',
  'partially_paid',
  'paid',
  'partially_applied',
  'applied',
  'rejected',
  'disputed',
  'voided',
] as const;
export const InvoiceStatus = Type.Union(INVOICE_STATUSES.map((status) => Type.Literal(status)));
export type InvoiceStatus = (typeof INVOICE_STATUSES)[number];

export const InvoiceType = Type.Union([Type.Literal('invoice'), Type.Literal('credit_note')]);
export const InvoiceNumber = Line(60, "The supplier's number, as printed");
export const Terms = Line(40, 'NET 30, 2/10 NET 30, EOM, NET 30 EOM, NET 30 THEN EOM or DUE ON RECEIPT');

const Hold = Type.Object({
  id: Id('hold'),
  kind: Type.Union([Type.Literal('manual'), Type.Literal('similar_number'), Type.Literal('goods_returned')]),
  reason: Reason,
  placed_by: Id('user'),
  placed_at: Timestamp,
});
export type Hold = Static<typeof Hold>;

const Approval = Type.Object({
  step: Type.Union([Type.Literal('override'), Type.Literal('approver'), Type.Literal('ap_manager')]),
  approved_by: Id('user'),
  approved_at: Timestamp,
  reason: Nullable(Reason),
});
export type Approval = Static<typeof Approval>;

/** On a credit note the invoices it lowered, on an invoice the credit notes that lowered it. */
const Credit = Type.Object({
  invoice_id: Id('invoice'),
  invoice_number: Type.Optional(InvoiceNumber),
  amount: Amount,
  applied_by: Id('user'),
  applied_at: Timestamp,
});
export type Credit = Static<typeof Credit>;

/** Of a live credit note that names the invoice: what it credits of it, applied or not. */
const CreditNote = Type.Object({ id: Id('invoice'), invoice_number: InvoiceNumber, amount: Amount });
export type CreditNote = Static<typeof CreditNote>;

const facts = {
  vendor_id: Id('vendor'),
  po_id: Nullable(Id('purchase_order')),
  invoice_number: InvoiceNumber,
  type: InvoiceType,
  credited_invoice_id: Nullable(Id('invoice')),
  invoice_date: CalendarDate,
  due_date: CalendarDate,
  accounting_date: CalendarDate,
  payment_terms: Nullable(Terms),
  discount_date: Nullable(CalendarDate),
  discount_amount: Nullable(Amount),
  currency: CurrencyCode,
  subtotal: SignedAmount,
  tax_amount: SignedAmount,
  total_amount: SignedAmount,
  prepaid_amount: Amount,
  rounding_amount: SignedAmount,
  amount_due: Amount,
  open_amount: Amount,
  payable_amount: Amount,
  approved_by: Nullable(Id('user')),
  notes: Nullable(Notes),
  match: Nullable(MatchSummary),
};

/** Negative on a credit note, which gives quantities back. */
const QuantityTake = Type.Object({
  po_line_number: Type.Integer(),
  quantity: SignedQuantity,
  override_quantity: SignedQuantity,
  /** On a credit note: what of it was credited for goods that had gone back. */
  returned_credited_quantity: Type.Optional(Quantity),
  /** The prices of `quantity`, per the order's base quantity; absent on invoices that were stored before they were kept. */
  prices: Type.Optional(Type.Array(Type.Object({ unit_price: Price, quantity: SignedQuantity }))),
});

export const InvoiceRecord = Type.Object({
  ...entityFields('invoice'),
  status: InvoiceStatus,
  ...facts,
  line_items: Type.Array(InvoiceLine),
  charges: Type.Array(DocumentAmount),
  allowances: Type.Array(DocumentAmount),
  tax_breakdown: Type.Array(TaxBreakdownLine),
  differences: Type.Array(TotalsDifference),
  holds: Type.Array(Hold),
  approvals: Type.Array(Approval),
  credits: Type.Array(Credit),
  /** The discounts of all payments that may still move money or did. Absent on invoices that were stored before it was kept. */
  discount_taken: Type.Optional(Amount),
  /** Absent on invoices that were stored before it was kept: then it is not known, and not empty. */
  credit_notes: Type.Optional(Type.Array(CreditNote)),
  /** What the order's counters hold for this invoice. */
  takes: Type.Array(QuantityTake),
  /** What the supplier or clerk stated; absent ones are derived again when the invoice changes. */
  given: Type.Object({
    due_date: Nullable(CalendarDate),
    accounting_date: Nullable(CalendarDate),
    payment_terms: Nullable(Terms),
  }),
  /** The uniqueness claim it holds; null once the number was freed. */
  number_claim: Nullable(Type.String()),
  /** The key shared by numbers that differ only in separators, where `number_similar` is absent. */
  number_loose: Type.String(),
  /** The keys shared by numbers that look alike; absent on invoices that were stored before there were any. */
  number_similar: Type.Optional(Type.Array(Type.String())),
  /** The invoices that a hold has named: a hold that was released does not come back for them. */
  number_compared: Type.Optional(Type.Array(Id('invoice'))),
  /** Everyone who changed it: none of them approves it. */
  changed_by: Type.Array(Id('user')),
  history: History,
  audit: AuditHeadSchema,
});
export type Invoice = Static<typeof InvoiceRecord>;

export const InvoiceReply = Type.Object(
  {
    ...entityFields('invoice'),
    status: InvoiceStatus,
    ...facts,
    match: Nullable(ref(MatchSummary)),
    overdue: Type.Boolean({ description: 'Owed, and past its due date' }),
    line_items: Type.Array(ref(InvoiceLine)),
    charges: Type.Array(DocumentAmount),
    allowances: Type.Array(DocumentAmount),
    tax_breakdown: Type.Array(TaxBreakdownLine),
    differences: Type.Array(TotalsDifference, { description: 'Stated amounts that are not the recomputed ones' }),
    holds: Type.Array(Hold),
    approvals: Type.Array(Approval),
    credits: Type.Array(Credit),
    credit_notes: Type.Optional(
      Type.Array(CreditNote, { description: 'The live credit notes that name this invoice, applied or not' }),
    ),
  },
  { $id: 'Invoice' },
);

const summaryFields = {
  ...entityFields('invoice'),
  status: InvoiceStatus,
  vendor_id: Id('vendor'),
  po_id: Nullable(Id('purchase_order')),
  invoice_number: InvoiceNumber,
  type: InvoiceType,
  invoice_date: CalendarDate,
  due_date: CalendarDate,
  currency: CurrencyCode,
  total_amount: SignedAmount,
  open_amount: Amount,
  payable_amount: Amount,
  on_hold: Type.Boolean(),
};
const StoredInvoiceSummary = Type.Object(summaryFields);
/** What the indexes carry. */
export type StoredInvoiceSummary = Static<typeof StoredInvoiceSummary>;

export const InvoiceSummary = Type.Object(
  { ...summaryFields, overdue: Type.Boolean({ description: 'Owed, and past its due date' }) },
  { $id: 'InvoiceSummary' },
);
export type InvoiceSummary = Static<typeof InvoiceSummary>;
export const InvoicePage = pageOf(InvoiceSummary, 'InvoicePage');

export const InvoiceQuery = Strict({
  ...pageQuery,
  vendor_id: Type.Optional(Id('vendor')),
  po_id: Type.Optional(Id('purchase_order')),
  status: Type.Optional(InvoiceStatus),
  created_from: Type.Optional(CalendarDate),
  created_to: Type.Optional(CalendarDate),
  due_from: Type.Optional(CalendarDate),
  due_to: Type.Optional(CalendarDate),
  q: Type.Optional(
    Type.String({ minLength: 1, maxLength: 60, description: 'Prefix of the invoice number, case-insensitive' }),
  ),
});
export type InvoiceQuery = Static<typeof InvoiceQuery>;
