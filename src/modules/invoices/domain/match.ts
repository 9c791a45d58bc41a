/**
 * The match of an invoice with its order and its receipts. A pure function of facts that are stored with the verdict: matching the stored
 * facts again gives the verdict again.
 */
import { type Check, lineChecks, totalChecks } from './match-checks.ts';
import { type MatchFacts, type MatchInput, matchFacts, type QuantityTake } from './match-facts.ts';
import { pairLines } from './match-lines.ts';
import { cleanTakes } from './match-takes.ts';

/** Changes whenever the same facts could be judged in another way. */
export const MATCH_RULE_VERSION = '2';

export type MatchVerdict = 'matched' | 'exception' | 'not_applicable';

export interface MatchedLine {
  readonly line_number: number;
  readonly po_line_number: number | null;
  readonly checks: readonly Check[];
}

export interface MatchResult {
  readonly verdict: MatchVerdict;
  readonly rule_version: string;
  readonly lines: readonly MatchedLine[];
  readonly totals: readonly Check[];
}

export interface MatchDecision extends MatchResult {
  /** What the invoice moves on the order's counters; nothing unless the verdict is `matched`. */
  readonly takes: readonly QuantityTake[];
  /** The facts the verdict rests on, and no others. */
  readonly inputs: MatchFacts;
}

/** Two-way or three-way as the order says; an invoice without an order is not matched. Base quantities are more than 0, quantities are not 0. */
export function matchInvoice(input: MatchInput): MatchDecision {
  const inputs = matchFacts(input);
  const order = inputs.purchase_order;
  if (order === undefined) {
    return { verdict: 'not_applicable', rule_version: MATCH_RULE_VERSION, lines: [], totals: [], takes: [], inputs };
  }
  const pairing = pairLines(inputs, order);
  const lines = pairing.lines.map((paired) => ({
    line_number: paired.line.line_number,
    po_line_number: paired.line.po_line_number ?? null,
    checks: lineChecks(inputs, order, pairing, paired),
  }));
  const totals = totalChecks(inputs, order, pairing);
  const clean = [...lines.flatMap((line) => line.checks), ...totals].every((check) => check.verdict === 'matched');
  return {
    verdict: clean ? 'matched' : 'exception',
    rule_version: MATCH_RULE_VERSION,
    lines,
    totals,
    takes: clean ? cleanTakes(inputs, pairing) : [],
    inputs,
  };
}

/** The checks that made an exception of it, at most `most`, with the number of all of them. */
export function failedChecks(result: MatchResult, most: number) {
  const failed = [
    ...result.lines.flatMap(({ line_number, po_line_number, checks }) =>
      checks.map((check) => ({ line_number, po_line_number, ...check })),
    ),
    ...result.totals.map((check) => ({ line_number: null, po_line_number: null, ...check })),
  ].filter((check) => check.verdict === 'exception');
  return { count: failed.length, checks: failed.slice(0, most) };
}
