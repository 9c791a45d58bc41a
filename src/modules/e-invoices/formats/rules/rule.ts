/** What a rule is: an id, a sentence, the groups that it looks at, and what must hold of each. */
import type { Big } from 'big.js';
import { add, big, subtract, ZERO } from '../../../../shared/money.ts';
import { isDecimal } from '../fields.ts';
import type { AllowanceCharge, Amount, EInvoice, Located, VatBreakdown, VatCategory } from '../model.ts';
import type { Reading } from '../ubl.ts';

export interface Rule {
  /** The id of EN 16931-1. */
  readonly id: string;
  readonly severity: 'fatal' | 'warning';
  readonly sentence: string;
  /** Where it is broken: the path of each group that breaks it. */
  readonly broken: (facts: Facts) => readonly string[];
}

/** An invoice with what several rules need, collected once, so that a rule never walks the lines for each group. */
export interface Facts extends Reading {
  readonly breakdown: readonly VatBreakdown[];
  readonly allowances: readonly AllowanceCharge[];
  readonly charges: readonly AllowanceCharge[];
  readonly lineAllowances: readonly AllowanceCharge[];
  readonly lineCharges: readonly AllowanceCharge[];
  /** Lines plus charges less allowances per category, and per category and rate. */
  readonly taxable: ReadonlyMap<string, Big>;
  readonly categories: ReadonlySet<string>;
}

type Groups<T extends Located> = (facts: Facts) => readonly T[];

export const rule = <T extends Located>(
  id: string,
  sentence: string,
  groups: Groups<T>,
  holds: (group: T, facts: Facts) => boolean,
  severity: Rule['severity'] = 'fatal',
): Rule => ({
  id,
  sentence,
  severity,
  broken: (facts) => groups(facts).flatMap((group) => (holds(group, facts) ? [] : [group.path])),
});

/** The group of a list that is one group or none. */
export const some = <T>(group: T | undefined): readonly T[] => (group === undefined ? [] : [group]);

export const document = ({ invoice }: Facts): readonly EInvoice[] => [invoice];
export const lines = ({ invoice }: Facts): EInvoice['lines'] => invoice.lines;

export const given = (value: unknown): boolean => value !== undefined;

/** The number of an amount; undefined where it is absent or no number, which is a finding of its own. */
export function num(amount: Amount | string | undefined): Big | undefined {
  const value = typeof amount === 'string' ? amount : amount?.value;
  return value !== undefined && isDecimal(value) ? big(value.replace('+', '').replace(/^(-?)\./, '$10.')) : undefined;
}

/** The number of an amount, zero where it is not stated. */
export const orZero = (amount: Amount | string | undefined): Big => num(amount) ?? ZERO;

export const sumOf = (amounts: readonly (Amount | undefined)[]): Big => add(...amounts.map(orZero));

export const same = (stated: Amount | undefined, computed: Big): boolean =>
  num(stated)?.eq(computed.round(2, 1)) ?? true;

export const rateKey = (category: string, rate: string | undefined): string =>
  `${category} ${num(rate)?.toFixed() ?? ''}`;

export function factsOf(reading: Reading): Facts {
  const { invoice } = reading;
  const breakdown = invoice.vat_totals.flatMap((total) => total.breakdown);
  const charges = invoice.allowance_charges.filter(({ charge }) => charge);
  const allowances = invoice.allowance_charges.filter(({ charge }) => !charge);
  const onLines = invoice.lines.flatMap((line) => line.allowance_charges);
  const taxable = new Map<string, Big>();
  const count = (vat: VatCategory | undefined, value: Big): void => {
    if (vat === undefined) return;
    for (const key of [vat.category, rateKey(vat.category, vat.rate)])
      taxable.set(key, (taxable.get(key) ?? ZERO).plus(value));
  };
  for (const line of invoice.lines) count(line.vat, orZero(line.net_amount));
  for (const charge of charges) count(charge.vat, orZero(charge.amount));
  for (const allowance of allowances) count(allowance.vat, subtract(ZERO, orZero(allowance.amount)));
  return {
    ...reading,
    breakdown,
    charges,
    allowances,
    lineAllowances: onLines.filter(({ charge }) => !charge),
    lineCharges: onLines.filter(({ charge }) => charge),
    taxable,
    categories: new Set([...taxable.keys(), ...breakdown.flatMap(({ category }) => category ?? [])]),
  };
}
