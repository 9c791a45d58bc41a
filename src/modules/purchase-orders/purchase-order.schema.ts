/** A purchase order: the record, what of it goes out, and the bodies that change it. */
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
  Nullable,
  OptionalLine,
  Price,
  pageOf,
  pageQuery,
  Quantity,
  Rate,
  Reason,
  Strict,
  Timestamp,
} from '../../shared/http/schemas.ts';

export const PURCHASE_ORDER_STATUSES = [
  'draft',
  'pending_approval',
  'approved',
  'sent',
  'closed',
  'rejected',
  'cancelled',
] as const;
export type PurchaseOrderStatus = (typeof PURCHASE_ORDER_STATUSES)[number];
const Status = Type.Union(PURCHASE_ORDER_STATUSES.map((status) => Type.Literal(status)));

export const MAX_LINES = 1000;
export const LineNumber = Type.Integer({ minimum: 1, maximum: 9999 });

const Progress = Type.Union([Type.Literal('none'), Type.Literal('partial'), Type.Literal('complete')]);
export type Progress = Static<typeof Progress>;
const MatchType = Type.Union([Type.Literal('three_way'), Type.Literal('two_way')], {
  description: 'three_way bills what was ordered and received, two_way what was ordered',
});
const PoNumber = Line(40, 'Unique; made where none is given');
const Terms = Line(40, 'As of a vendor; its own apply where the order has none');
/** UNCL5305 as EN 16931 uses it: S, Z, E, AE, K, G, O, L, M. */
const TaxCategory = Type.String({ pattern: '^[A-Z]{1,2}$', maxLength: 2, description: 'VAT category code, UNCL5305' });

const lineFacts = {
  description: Line(500),
  sku: Type.Optional(Line(80)),
  quantity: Quantity,
  unit: Line(20),
  unit_price: Price,
  price_base_quantity: Type.Optional(Quantity),
  tax_rate: Rate,
  tax_category: Type.Optional(TaxCategory),
  gl_account: Type.Optional(Line(40)),
  cost_center: Type.Optional(Line(40)),
};

const LineRecord = Type.Object({ line_number: LineNumber, ...lineFacts, amount: Amount });
export type PurchaseOrderLine = Static<typeof LineRecord>;

const LineBody = Strict({ line_number: Type.Optional(LineNumber), ...lineFacts });
export type LineBody = Static<typeof LineBody>;

const LineReply = Type.Object({
  line_number: LineNumber,
  ...lineFacts,
  amount: Amount,
  received_quantity: { ...Quantity, description: 'Accepted and not returned' },
  returned_quantity: Quantity,
  invoiced_quantity: Quantity,
  override_quantity: { ...Quantity, description: 'The part of invoiced_quantity that only an override allowed' },
  credit_expected: { ...Quantity, description: 'Billed, gone back and not credited: a credit note is expected for it' },
});

const TaxLine = Type.Object({
  tax_category: Type.Optional(TaxCategory),
  tax_rate: Rate,
  taxable_amount: Amount,
  tax_amount: Amount,
});

const totals = {
  subtotal: Amount,
  tax_breakdown: Type.Array(TaxLine),
  tax_amount: Amount,
  total_amount: Amount,
};

const Approval = Type.Object({
  revision: Type.Integer(),
  decision: Type.Union([Type.Literal('approved'), Type.Literal('rejected')]),
  decided_by: Id('user'),
  decided_at: Timestamp,
  reason: Nullable(Reason),
});
export type Approval = Static<typeof Approval>;

const amendmentFacts = {
  revision: Type.Integer(),
  delivery_date: Nullable(CalendarDate),
  payment_terms: Nullable(Terms),
  ...totals,
  reason: Reason,
  requested_by: Id('user'),
  requested_at: Timestamp,
  amended_from: Type.Union([Type.Literal('approved'), Type.Literal('sent')]),
};
const AmendmentRecord = Type.Object({ ...amendmentFacts, line_items: Type.Array(LineRecord) });
export type Amendment = Static<typeof AmendmentRecord>;

const facts = {
  vendor_id: Id('vendor'),
  po_number: PoNumber,
  description: Nullable(OptionalLine(500)),
  currency: CurrencyCode,
  match_type: MatchType,
  delivery_date: Nullable(CalendarDate),
  payment_terms: Nullable(Terms),
  requested_by: Id('user'),
  ...totals,
  approved_by: Nullable(Id('user')),
  approvals: Type.Array(Approval),
  receipt_status: Progress,
  invoice_status: Progress,
  revision: Type.Integer({ minimum: 1, description: 'Of the amendment while one is pending approval' }),
  approved_revision: Nullable(
    Type.Integer({ description: 'The revision that rules: line_items and totals are of it once there is one' }),
  ),
  sent_revision: Nullable(Type.Integer({ description: 'The revision that the vendor has' })),
  closed_by: Type.Optional(Nullable(Id('user'))),
};

const Notice = Type.Object({
  code: Type.String(),
  detail: Type.String(),
  invoice_id: Type.Optional(Id('invoice')),
});
export type Notice = Static<typeof Notice>;

export const PurchaseOrderRecord = Type.Object({
  ...entityFields('purchase_order'),
  status: Status,
  ...facts,
  line_items: Type.Array(LineRecord),
  pending_amendment: Nullable(AmendmentRecord),
  /** Numbers of lines that an approved amendment left out: no other line gets them. */
  retired_line_numbers: Type.Optional(Type.Array(LineNumber)),
  /** Everyone who changed, submitted or amended it: none of them approves it. */
  changed_by: Type.Array(Id('user')),
  history: History,
  audit: AuditHeadSchema,
});
export type PurchaseOrder = Static<typeof PurchaseOrderRecord>;

export const PurchaseOrderReply = Type.Object(
  {
    ...entityFields('purchase_order'),
    status: Status,
    ...facts,
    line_items: Type.Array(LineReply),
    pending_amendment: Nullable(Type.Object({ ...amendmentFacts, line_items: Type.Array(LineRecord) })),
    notices: Type.Optional(
      Type.Array(Notice, {
        description: 'Only in the reply of close: the invoices that its approval now leaves waiting',
      }),
    ),
  },
  {
    $id: 'PurchaseOrder',
    description:
      'While an amendment is pending, the last approved revision applies and the amendment stands in pending_amendment',
  },
);
export type PurchaseOrderView = Static<typeof PurchaseOrderReply>;

export const PurchaseOrderSummary = Type.Object(
  {
    ...entityFields('purchase_order'),
    status: Status,
    vendor_id: Id('vendor'),
    po_number: PoNumber,
    currency: CurrencyCode,
    match_type: MatchType,
    delivery_date: Nullable(CalendarDate),
    requested_by: Id('user'),
    approved_by: Nullable(Id('user')),
    total_amount: Amount,
    receipt_status: Progress,
    invoice_status: Progress,
    revision: Type.Integer(),
  },
  { $id: 'PurchaseOrderSummary' },
);
export type PurchaseOrderSummary = Static<typeof PurchaseOrderSummary>;
export const PurchaseOrderPage = pageOf(PurchaseOrderSummary, 'PurchaseOrderPage');

const Lines = Type.Array(LineBody, {
  minItems: 1,
  maxItems: MAX_LINES,
  description: 'Numbered by position where no line has a line_number',
});
const EXAMPLE_LINE = { description: 'Copy paper A4', quantity: '100', unit: 'EA', unit_price: '2.50', tax_rate: '21' };

export const CreatePurchaseOrder = Strict(
  {
    vendor_id: Id('vendor'),
    po_number: Type.Optional(PoNumber),
    description: Type.Optional(Nullable(OptionalLine(500))),
    currency: CurrencyCode,
    match_type: Type.Optional(MatchType),
    delivery_date: Type.Optional(Nullable(CalendarDate)),
    payment_terms: Type.Optional(Nullable(Terms)),
    requested_by: Type.Optional(Id('user')),
    line_items: Lines,
  },
  {
    $id: 'CreatePurchaseOrder',
    examples: [{ vendor_id: 'ven_0196f2b4-6f0a-7d11-9d0a-0c6f5c1b2a3d', currency: 'EUR', line_items: [EXAMPLE_LINE] }],
  },
);
export type CreatePurchaseOrder = Static<typeof CreatePurchaseOrder>;

export const UpdatePurchaseOrder = Strict(
  {
    vendor_id: Type.Optional(Id('vendor')),
    po_number: Type.Optional(PoNumber),
    description: Type.Optional(Nullable(OptionalLine(500))),
    currency: Type.Optional(CurrencyCode),
    match_type: Type.Optional(MatchType),
    delivery_date: Type.Optional(Nullable(CalendarDate)),
    payment_terms: Type.Optional(Nullable(Terms)),
    requested_by: Type.Optional(Id('user')),
    line_items: Type.Optional(Lines),
  },
  { $id: 'UpdatePurchaseOrder', minProperties: 1, examples: [{ delivery_date: '2026-12-01' }] },
);
export type UpdatePurchaseOrder = Static<typeof UpdatePurchaseOrder>;

export const AmendPurchaseOrder = Strict(
  {
    line_items: Type.Optional(Lines),
    delivery_date: Type.Optional(Nullable(CalendarDate)),
    payment_terms: Type.Optional(Nullable(Terms)),
    reason: Reason,
  },
  {
    $id: 'AmendPurchaseOrder',
    description: 'line_items is the whole list as it shall be; a line_number keeps a line',
    examples: [{ line_items: [{ line_number: 1, ...EXAMPLE_LINE, quantity: '120' }], reason: 'More is needed' }],
  },
);
export type AmendPurchaseOrder = Static<typeof AmendPurchaseOrder>;

export const PurchaseOrderQuery = Strict({
  ...pageQuery,
  status: Type.Optional(Status),
  vendor_id: Type.Optional(Id('vendor')),
  created_from: Type.Optional(CalendarDate),
  created_to: Type.Optional(CalendarDate),
  q: Type.Optional(
    Type.String({ minLength: 1, maxLength: 40, description: 'Prefix of the PO number, case-insensitive' }),
  ),
});
export type PurchaseOrderQuery = Static<typeof PurchaseOrderQuery>;
