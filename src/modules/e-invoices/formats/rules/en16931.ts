/** The rules of EN 16931 as one table, and an invoice checked against all of it: every finding at once. */
import type { Finding } from '../model.ts';
import type { Reading } from '../ubl.ts';
import { CODE_RULES, DECIMAL_RULES } from './code-rules.ts';
import { DOCUMENT_RULES } from './document-rules.ts';
import { LINE_RULES } from './line-rules.ts';
import { factsOf, type Rule } from './rule.ts';
import { TOTAL_RULES } from './total-rules.ts';
import { VAT_RULES } from './vat-rules.ts';

export const RULES: readonly Rule[] = [
  ...DOCUMENT_RULES,
  ...LINE_RULES,
  ...TOTAL_RULES,
  ...VAT_RULES,
  ...DECIMAL_RULES,
  ...CODE_RULES,
];

/** Findings of the syntax first, then of the rules in the order of the table, each at every place that breaks it. */
export function checkEInvoice(reading: Reading): readonly Finding[] {
  const facts = factsOf(reading);
  const found = RULES.flatMap(({ id, severity, sentence, broken }) =>
    broken(facts).map((location): Finding => ({ rule: id, severity, location, message: sentence })),
  );
  return [...reading.marks.syntax, ...found];
}

export const isFatal = ({ severity }: Finding): boolean => severity === 'fatal';
