/** The bodies of requests on invoices. */
import { type Static, type TSchema, Type } from '@sinclair/typebox';
import {
  Amount,
  CalendarDate,
  CurrencyCode,
  Id,
  Notes,
  Nullable,
  Reason,
  SignedAmount,
  Strict,
} from '../../shared/http/schemas.ts';
import { InvoiceNumber, InvoiceType, Terms } from './invoice.schema.ts';
import { DocumentAmount, InvoiceLineInput, MAX_LINES, TaxBreakdownLine } from './invoice-line.schema.ts';

const lists = {
  charges: Type.Array(DocumentAmount, { maxItems: 50 }),
  allowances: Type.Array(DocumentAmount, { maxItems: 50 }),
  tax_breakdown: Type.Array(TaxBreakdownLine, { maxItems: 100 }),
};
const Lines = Type.Array(InvoiceLineInput, { minItems: 1, maxItems: MAX_LINES });

export const CreateInvoice = Strict(
  {
    vendor_id: Id('vendor'),
    po_id: Type.Optional(Id('purchase_order')),
    invoice_number: InvoiceNumber,
    type: Type.Optional(InvoiceType),
    credited_invoice_id: Type.Optional(Id('invoice')),
    invoice_date: CalendarDate,
    due_date: Type.Optional(CalendarDate),
    accounting_date: Type.Optional(CalendarDate),
    payment_terms: Type.Optional(Terms),
    currency: CurrencyCode,
    line_items: Lines,
    charges: Type.Optional(lists.charges),
    allowances: Type.Optional(lists.allowances),
    tax_breakdown: Type.Optional(lists.tax_breakdown),
    subtotal: SignedAmount,
    tax_amount: SignedAmount,
    total_amount: SignedAmount,
    prepaid_amount: Type.Optional(Amount),
    rounding_amount: Type.Optional(SignedAmount),
    notes: Type.Optional(Notes),
  },
  {
    $id: 'CreateInvoice',
    description: "The supplier's own figures: they are kept, and recomputed beside",
    examples: [
      {
        vendor_id: 'ven_0196f2b4-6f0a-7d11-9d0a-0c6f5c1b2a3d',
        po_id: 'po_0196f2b4-7a10-7c22-8e0b-1d7f6c2b3a4e',
        invoice_number: 'INV-2026-0042',
        invoice_date: '2026-07-01',
        currency: 'EUR',
        line_items: [
          {
            po_line_number: 1,
            description: 'Copier paper A4',
            quantity: '60',
            unit_price: '2.50',
            tax_rate: '21',
            amount: '150.00',
          },
          { description: 'Rebate', quantity: '-1', unit_price: '10.00', tax_rate: '21', amount: '-10.00' },
        ],
        subtotal: '140.00',
        tax_amount: '29.40',
        total_amount: '169.40',
      },
    ],
  },
);
export type CreateInvoice = Static<typeof CreateInvoice>;

const Clearable = <T extends TSchema>(schema: T) => Type.Optional(Nullable(schema));

export const UpdateInvoice = Strict(
  {
    vendor_id: Type.Optional(Id('vendor')),
    po_id: Clearable(Id('purchase_order')),
    invoice_number: Type.Optional(InvoiceNumber),
    type: Type.Optional(InvoiceType),
    credited_invoice_id: Clearable(Id('invoice')),
    invoice_date: Type.Optional(CalendarDate),
    due_date: Clearable(CalendarDate),
    accounting_date: Clearable(CalendarDate),
    payment_terms: Clearable(Terms),
    currency: Type.Optional(CurrencyCode),
    line_items: Type.Optional(Lines),
    charges: Type.Optional(lists.charges),
    allowances: Type.Optional(lists.allowances),
    tax_breakdown: Type.Optional(lists.tax_breakdown),
    subtotal: Type.Optional(SignedAmount),
    tax_amount: Type.Optional(SignedAmount),
    total_amount: Type.Optional(SignedAmount),
    prepaid_amount: Type.Optional(Amount),
    rounding_amount: Type.Optional(SignedAmount),
    notes: Clearable(Notes),
  },
  {
    $id: 'UpdateInvoice',
    minProperties: 1,
    description: 'Takes the invoice back to received. A null is derived again, or cleared.',
    examples: [{ invoice_number: 'INV-2026-0043' }],
  },
);
export type UpdateInvoice = Static<typeof UpdateInvoice>;

export const ReleaseHold = Strict(
  { hold_id: Id('hold'), reason: Type.Optional(Reason) },
  {
    $id: 'ReleaseHold',
    examples: [{ hold_id: 'hld_0196f2b4-6f0a-7d11-9d0a-0c6f5c1b2a3d', reason: 'Another delivery' }],
  },
);

export const ApplyCredit = Strict(
  { invoice_id: Id('invoice'), amount: Type.Optional(Amount), reason: Type.Optional(Reason) },
  {
    $id: 'ApplyCredit',
    description: 'As much as both have open where no amount is given',
    examples: [{ invoice_id: 'inv_0196f2b4-6f0a-7d11-9d0a-0c6f5c1b2a3d', amount: '30.25' }],
  },
);
export type ApplyCredit = Static<typeof ApplyCredit>;

export const UnapplyCredit = Strict(
  { invoice_id: Id('invoice'), reason: Type.Optional(Reason) },
  { $id: 'UnapplyCredit', examples: [{ invoice_id: 'inv_0196f2b4-6f0a-7d11-9d0a-0c6f5c1b2a3d' }] },
);
export type UnapplyCredit = Static<typeof UnapplyCredit>;
