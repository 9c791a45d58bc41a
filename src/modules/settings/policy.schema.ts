/** The approval policy and the match tolerances, as shipped: what everyone is held to. */
import { type Static, Type } from '@sinclair/typebox';
import { Nullable } from '../../shared/http/schemas.ts';
import { ROLES } from '../../shared/permissions.ts';

const RoleName = Type.Union(ROLES.map((role) => Type.Literal(role)));
const DOCUMENTS = [
  'vendor',
  'bank_account',
  'purchase_order',
  'invoice',
  'invoice_without_po',
  'payment',
  'payment_batch',
] as const;

export const ApprovalPolicy = Type.Object(
  {
    source: Type.Literal('shipped'),
    policies: Type.Array(
      Type.Object({
        document: Type.Union(DOCUMENTS.map((document) => Type.Literal(document))),
        steps: Type.Array(Type.Object({ role: RoleName }), { description: 'One approval each, in this order' }),
      }),
    ),
  },
  { $id: 'ApprovalPolicy' },
);
export type ApprovalPolicy = Static<typeof ApprovalPolicy>;

export const TOLERANCE_KINDS = [
  'price',
  'quantity_ordered',
  'quantity_received',
  'line_amount',
  'tax',
  'charges',
  'rounding',
  'total',
] as const;

const Limit = Type.Object(
  {
    absolute: Type.Optional(
      Type.String({ description: 'Exact decimal; where absolute_per_line stands too, the most' }),
    ),
    absolute_per_line: Type.Optional(Type.String({ description: "Exact decimal, times the invoice's lines" })),
    percent: Type.Optional(Type.String({ description: "Of the order's value" })),
    join: Type.Optional(Type.Union([Type.Literal('and'), Type.Literal('or')])),
  },
  { description: 'Inclusive: exactly at the limit passes' },
);

export const MatchTolerances = Type.Object(
  {
    source: Type.Literal('shipped'),
    tolerances: Type.Array(
      Type.Object({
        kind: Type.Union(TOLERANCE_KINDS.map((kind) => Type.Literal(kind))),
        over: Nullable(Limit),
        under: Nullable(Limit),
      }),
      { description: 'null is a tolerance of 0: nothing is unlimited' },
    ),
  },
  { $id: 'MatchTolerances' },
);
export type MatchTolerances = Static<typeof MatchTolerances>;
