/** How many of one unit another is: for the company, for a vendor, or for an item. One list, which changes as a whole. */
import { type Static, Type } from '@sinclair/typebox';
import {
  AuditHeadSchema,
  entityFields,
  Id,
  Line,
  Nullable,
  Quantity,
  Strict,
  Timestamp,
} from '../../shared/http/schemas.ts';
import { ProposalOf } from '../../shared/proposal.ts';

const Conversion = Strict(
  {
    vendor_id: Type.Optional(Id('vendor')),
    sku: Type.Optional(Line(80)),
    from_unit: Line(20, 'UN/ECE Recommendation 20 code or a synonym; other texts are compared as they are'),
    to_unit: Line(20),
    factor: { ...Quantity, description: 'One from_unit is so many to_unit; it converts both ways' },
  },
  {
    description: "With a sku for that item, with a vendor_id for that vendor's invoices, with neither for the company",
  },
);
export type Conversion = Static<typeof Conversion>;

const conversions = Type.Array(Conversion, {
  maxItems: 500,
  description: 'The whole list. An item rules before a vendor, a vendor before the company',
});

export const UpdateUnitConversions = Strict(
  { conversions },
  {
    $id: 'UpdateUnitConversions',
    examples: [{ conversions: [{ sku: 'PAPER-A4', from_unit: 'XBX', to_unit: 'EA', factor: '5' }] }],
  },
);
export type UpdateUnitConversions = Static<typeof UpdateUnitConversions>;

const Proposed = ProposalOf(Type.Object({ conversions }));

export const UnitConversionsRecord = Type.Object({
  ...entityFields('user'),
  id: Type.Literal('unit_conversions'),
  status: Type.Literal('active'),
  conversions,
  proposed: Proposed,
  audit: AuditHeadSchema,
});
export type UnitConversions = Static<typeof UnitConversionsRecord>;

export const UnitConversionsReply = Type.Object(
  {
    id: Type.Literal('unit_conversions'),
    version: Type.Integer({ minimum: 0, description: '0 until somebody sets any; rises with each change; the ETag' }),
    updated_at: Nullable(Timestamp),
    conversions,
    proposed: Proposed,
  },
  { $id: 'UnitConversions' },
);
export type UnitConversionsReply = Static<typeof UnitConversionsReply>;
