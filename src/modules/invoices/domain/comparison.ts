/** A stated amount against its recomputation, and what follows from a difference. */
import type { ErrorItem } from '../../../shared/errors.ts';
import {
  absolute,
  amount,
  compare,
  type Decimal,
  fitsCurrency,
  type Num,
  plain,
  subtract,
} from '../../../shared/money.ts';

export interface Comparison {
  readonly pointer: string;
  readonly rule: string;
  /** What is wrong where the two differ, as the beginning of a sentence. */
  readonly what: string;
  readonly stated: Decimal;
  readonly derived: Num;
  /** The largest difference that is taken with a warning. */
  readonly tolerated: Num | 'any';
}

/** A stated amount that is not the recomputed one. */
export interface Difference {
  readonly pointer: string;
  readonly rule: string;
  readonly stated: Decimal;
  readonly derived: Decimal;
  /** Stated less derived. */
  readonly difference: Decimal;
}

export interface Judged {
  /** Why the document cannot be taken as it is. */
  readonly findings: readonly ErrorItem[];
  /** What is odd, and taken all the same. */
  readonly warnings: readonly ErrorItem[];
  /** Every difference, refused or not, to be stored beside the supplier's figures. */
  readonly differences: readonly Difference[];
}

export function judge(comparisons: readonly Comparison[], currency: string): Judged {
  const findings: ErrorItem[] = [];
  const warnings: ErrorItem[] = [];
  const differences: Difference[] = [];
  for (const { pointer, rule, what, stated, derived, tolerated } of comparisons) {
    const difference = subtract(stated, derived);
    if (difference.eq(0)) continue;
    const shown = { stated: shownAmount(stated, currency), derived: shownAmount(derived, currency) };
    differences.push({ pointer, rule, ...shown, difference: shownAmount(difference, currency) });
    const item = { pointer, rule, detail: `${what}: ${shown.stated} is stated, ${shown.derived} is derived.` };
    const tolerable = tolerated === 'any' || compare(absolute(difference), tolerated) <= 0;
    (tolerable ? warnings : findings).push(item);
  }
  return { findings, warnings, differences };
}

/** An amount as it is: padded to its currency, or with all its digits where it has more. */
export const shownAmount = (value: Num, currency: string): Decimal =>
  fitsCurrency(value, currency) ? amount(value, currency) : plain(value);
