/** What a supplier states: lines, charges and allowances on the document, and the tax breakdown. */
import { type Static, Type } from '@sinclair/typebox';
import {
  Amount,
  Line,
  OptionalLine,
  Price,
  Quantity,
  Rate,
  SignedAmount,
  SignedQuantity,
  Strict,
} from '../../shared/http/schemas.ts';

export const MAX_LINES = 1000;
const LineNumber = Type.Integer({ minimum: 1, maximum: 99_999 });
const TaxCategory = Type.String({
  pattern: '^[A-Z]{1,3}$',
  maxLength: 3,
  description: 'VAT category code, UNCL5305: S, Z, E, AE, K, G, O',
});

const lineFields = {
  po_line_number: Type.Optional(LineNumber),
  description: Line(500),
  sku: Type.Optional(Line(80)),
  quantity: { ...SignedQuantity, description: 'Negative on a line that lowers the total, such as a rebate' },
  unit: Type.Optional(Line(20, "UN/ECE Recommendation 20 code, synonym or other text; the order's unit where absent")),
  po_quantity: Type.Optional({
    ...Quantity,
    description:
      "What the line takes of the order's line, in the order's unit; used where the unit cannot be converted",
  }),
  unit_price: Price,
  price_base_quantity: Type.Optional(Quantity),
  tax_rate: Rate,
  tax_category: Type.Optional(TaxCategory),
  amount: { ...SignedAmount, description: 'Negative where the quantity is' },
  gl_account: Type.Optional(OptionalLine(40)),
  cost_center: Type.Optional(OptionalLine(40)),
};

export const InvoiceLine = Type.Object({ line_number: LineNumber, ...lineFields }, { $id: 'InvoiceLine' });
export type InvoiceLine = Static<typeof InvoiceLine>;

/** Without a line_number a line has the number of its position. */
export const InvoiceLineInput = Strict({ line_number: Type.Optional(LineNumber), ...lineFields });

export const DocumentAmount = Strict({
  description: Line(500, 'Freight, packing, a rebate: what it is for'),
  amount: Amount,
  tax_rate: Rate,
  tax_category: Type.Optional(TaxCategory),
});

export const TaxBreakdownLine = Strict({
  tax_category: Type.Optional(TaxCategory),
  tax_rate: Rate,
  taxable_amount: SignedAmount,
  tax_amount: SignedAmount,
});

/** A stated amount that is not the recomputed one, kept beside the supplier's own figure. */
export const TotalsDifference = Type.Object({
  pointer: Type.String(),
  rule: Type.String(),
  stated: Type.String(),
  derived: Type.String(),
  difference: Type.String(),
});
