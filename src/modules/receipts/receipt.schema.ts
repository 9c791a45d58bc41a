/** A goods receipt: the record, what of it goes out, and the bodies that make and change it. */
import { type Static, Type } from '@sinclair/typebox';
import {
  AuditHeadSchema,
  CalendarDate,
  entityFields,
  Id,
  Line,
  Notes,
  Nullable,
  pageOf,
  pageQuery,
  Quantity,
  Reason,
  Strict,
  Timestamp,
} from '../../shared/http/schemas.ts';

export const RECEIPT_STATUSES = ['posted', 'reversed'] as const;
export type ReceiptStatus = (typeof RECEIPT_STATUSES)[number];
const Status = Type.Union(RECEIPT_STATUSES.map((status) => Type.Literal(status)));

const MAX_LINES = 1000;
const LineNumber = Type.Integer({ minimum: 1, maximum: 9999, description: "The order line's number" });

const ReceiptLine = Type.Object({
  line_number: LineNumber,
  quantity: { ...Quantity, description: 'Delivered' },
  rejected_quantity: { ...Quantity, description: 'Refused on arrival: never received, never billable' },
  accepted_quantity: { ...Quantity, description: 'quantity less rejected_quantity: what counts' },
  returned_quantity: { ...Quantity, description: 'Of the accepted, gone back since' },
});
export type ReceiptLine = Static<typeof ReceiptLine>;

const ReturnedLine = Type.Object({ line_number: LineNumber, quantity: Quantity });
const GoodsReturn = Type.Object({
  returned_by: Id('user'),
  returned_at: Timestamp,
  reason: Reason,
  line_items: Type.Array(ReturnedLine),
});

const facts = {
  po_id: Id('purchase_order'),
  po_number: Line(40),
  vendor_id: Id('vendor'),
  received_by: Id('user'),
  received_at: Timestamp,
  notes: Nullable(Notes),
  line_items: Type.Array(ReceiptLine),
  returns: Type.Array(GoodsReturn),
};

export const ReceiptRecord = Type.Object({
  ...entityFields('receipt'),
  status: Status,
  ...facts,
  audit: AuditHeadSchema,
});
export type Receipt = Static<typeof ReceiptRecord>;

export const ReceiptReply = Type.Object(
  { ...entityFields('receipt'), status: Status, ...facts },
  { $id: 'Receipt', description: 'Goods that arrived for one order' },
);

export const ReceiptSummary = Type.Object(
  {
    ...entityFields('receipt'),
    status: Status,
    po_id: Id('purchase_order'),
    po_number: Line(40),
    vendor_id: Id('vendor'),
    received_by: Id('user'),
    received_at: Timestamp,
  },
  { $id: 'ReceiptSummary' },
);
export type ReceiptSummary = Static<typeof ReceiptSummary>;
export const ReceiptPage = pageOf(ReceiptSummary, 'ReceiptPage');

export const CreateReceipt = Strict(
  {
    line_items: Type.Array(
      Strict({ line_number: LineNumber, quantity: Quantity, rejected_quantity: Type.Optional(Quantity) }),
      { minItems: 1, maxItems: MAX_LINES },
    ),
    notes: Type.Optional(Nullable(Notes)),
  },
  { $id: 'CreateReceipt', examples: [{ line_items: [{ line_number: 1, quantity: '60', rejected_quantity: '2' }] }] },
);
export type CreateReceipt = Static<typeof CreateReceipt>;

export const ReturnGoods = Strict(
  {
    line_items: Type.Array(Strict({ line_number: LineNumber, quantity: Quantity }), {
      minItems: 1,
      maxItems: MAX_LINES,
    }),
    reason: Reason,
  },
  { $id: 'ReturnGoods', examples: [{ line_items: [{ line_number: 1, quantity: '5' }], reason: 'Wet on arrival' }] },
);
export type ReturnGoods = Static<typeof ReturnGoods>;

export const ReceiptQuery = Strict({
  ...pageQuery,
  status: Type.Optional(Status),
  po_id: Type.Optional(Id('purchase_order')),
  vendor_id: Type.Optional(Id('vendor')),
  created_from: Type.Optional(CalendarDate),
  created_to: Type.Optional(CalendarDate),
});
export type ReceiptQuery = Static<typeof ReceiptQuery>;

/** The same of one order. */
export const OrderReceiptQuery = Strict({
  ...pageQuery,
  status: Type.Optional(Status),
  created_from: Type.Optional(CalendarDate),
  created_to: Type.Optional(CalendarDate),
});
