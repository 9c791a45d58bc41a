/** What of a match an invoice shows, and the whole of it as `GET /invoices/{id}/match` gives it. */
import { type Static, Type } from '@sinclair/typebox';
import { Nullable, ref, Timestamp } from '../../shared/http/schemas.ts';

const VERDICTS = ['matched', 'exception', 'not_applicable'] as const;
const Verdict = Type.Union(VERDICTS.map((verdict) => Type.Literal(verdict)));

const checkFields = {
  kind: Type.String({ description: 'What was compared: price, quantity_ordered, tax, ...' }),
  invoiced: Nullable(Type.String()),
  ordered: Nullable(Type.String()),
  received: Nullable(Type.String()),
  difference: Nullable(Type.String({ description: 'Invoiced less what it is held against' })),
  tolerance: Nullable(Type.String({ description: 'The largest difference that passes' })),
  tolerance_source: Nullable(Type.String({ description: 'item, vendor, company or shipped' })),
  verdict: Type.Union([Type.Literal('matched'), Type.Literal('exception')]),
};
export const MatchCheck = Type.Object(checkFields, { $id: 'MatchCheck' });
const Check = ref(MatchCheck);
const LineRef = Nullable(Type.Integer());

export const FailedCheck = Type.Object({ line_number: LineRef, po_line_number: LineRef, ...checkFields });

/** Checks that an invoice itself shows; every line stands in the match. */
export const MAX_FAILED_CHECKS = 50;

export const MatchSummary = Type.Object(
  {
    verdict: Verdict,
    rule_version: Type.String(),
    matched_at: Timestamp,
    po_revision: Nullable(Type.Integer({ description: "The order's revision that it was matched with" })),
    line_count: Type.Integer(),
    failed_count: Type.Integer(),
    failed_checks: Type.Array(FailedCheck),
    hash: Type.String({ description: 'SHA-256 of the whole match with its inputs' }),
  },
  { $id: 'MatchSummary' },
);
export type MatchSummary = Static<typeof MatchSummary>;

export const MatchReply = Type.Object(
  {
    invoice_id: Type.String(),
    verdict: Verdict,
    rule_version: Type.String(),
    matched_at: Timestamp,
    hash: Type.String(),
    lines: Type.Array(Type.Object({ line_number: Type.Integer(), po_line_number: LineRef, checks: Type.Array(Check) })),
    totals: Type.Array(Check),
    inputs: Type.Object(
      {},
      {
        additionalProperties: true,
        description: 'The facts the verdict rests on: the same facts give the same verdict',
      },
    ),
  },
  { $id: 'Match' },
);
export type MatchReply = Static<typeof MatchReply>;
