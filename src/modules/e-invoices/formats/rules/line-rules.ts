/** BR-21 to BR-48, BR-54, BR-64 and BR-65: lines, items, prices, allowances and charges, and the breakdown of VAT. */
import type { AllowanceCharge, Item, Line } from '../model.ts';
import { inOrder } from './document-rules.ts';
import { type Facts, given, lines, orZero, type Rule, rule, some } from './rule.ts';

const items = ({ invoice }: Facts): readonly Item[] => invoice.lines.flatMap(({ item }) => some(item));
const hasAmount = ({ amount }: AllowanceCharge): boolean => given(amount);
const hasCategory = ({ vat }: AllowanceCharge): boolean => given(vat);
const hasReason = ({ reason, reason_code }: AllowanceCharge): boolean => given(reason) || given(reason_code);
const periods = ({ invoice }: Facts) => invoice.lines.flatMap(({ period }) => some(period));
const standardIds = (facts: Facts) => items(facts).flatMap(({ standard_id }) => some(standard_id));
const classifications = (facts: Facts) => items(facts).flatMap((item) => item.classifications);
const attributes = (facts: Facts) => items(facts).flatMap((item) => item.attributes);
const price = (line: Line) => line.price;

const LINE: readonly Rule[] = [
  rule('BR-21', 'A line has an identifier (BT-126).', lines, (line) => given(line.id)),
  rule('BR-22', 'A line has a quantity (BT-129).', lines, (line) => given(line.quantity)),
  rule('BR-23', 'The quantity of a line has a unit of measure (BT-130).', lines, (line) => given(line.unit)),
  rule('BR-24', 'A line has a net amount (BT-131).', lines, (line) => given(line.net_amount)),
  rule('BR-25', 'A line names its item (BT-153).', lines, (line) => given(line.item?.name)),
  rule('BR-26', 'A line has the net price of its item (BT-146).', lines, (line) => given(price(line)?.net)),
  rule('BR-27', 'The net price of an item is not negative (BT-146).', lines, (line) => orZero(price(line)?.net).gte(0)),
  rule('BR-28', 'The gross price of an item is not negative (BT-148).', lines, (line) =>
    orZero(price(line)?.gross).gte(0),
  ),
  rule('BR-30', 'The period of a line does not end before it starts.', periods, inOrder),
  rule(
    'BR-54',
    'An attribute of an item has a name and a value (BT-160, BT-161).',
    attributes,
    (a) => given(a.name) && given(a.value),
  ),
  rule('BR-64', 'A standard identifier of an item has a scheme (BT-157-1).', standardIds, (id) => given(id.scheme)),
  rule('BR-65', 'A classification of an item has a scheme (BT-158-1).', classifications, (id) => given(id.scheme)),
];

const ALLOWANCE_CHARGE: readonly Rule[] = [
  rule('BR-31', 'An allowance of the document has an amount (BT-92).', (f) => f.allowances, hasAmount),
  rule('BR-32', 'An allowance of the document has a VAT category (BT-95).', (f) => f.allowances, hasCategory),
  rule(
    'BR-33',
    'An allowance of the document has a reason or its code (BT-97, BT-98).',
    (f) => f.allowances,
    hasReason,
  ),
  rule('BR-36', 'A charge of the document has an amount (BT-99).', (f) => f.charges, hasAmount),
  rule('BR-37', 'A charge of the document has a VAT category (BT-102).', (f) => f.charges, hasCategory),
  rule('BR-38', 'A charge of the document has a reason or its code (BT-104, BT-105).', (f) => f.charges, hasReason),
  rule('BR-41', 'An allowance of a line has an amount (BT-136).', (f) => f.lineAllowances, hasAmount),
  rule(
    'BR-42',
    'An allowance of a line has a reason or its code (BT-139, BT-140).',
    (f) => f.lineAllowances,
    hasReason,
  ),
  rule('BR-43', 'A charge of a line has an amount (BT-141).', (f) => f.lineCharges, hasAmount),
  rule('BR-44', 'A charge of a line has a reason or its code (BT-144, BT-145).', (f) => f.lineCharges, hasReason),
  rule('BR-CO-21', 'An allowance of the document has a reason, its code, or both.', (f) => f.allowances, hasReason),
  rule('BR-CO-22', 'A charge of the document has a reason, its code, or both.', (f) => f.charges, hasReason),
  rule('BR-CO-23', 'An allowance of a line has a reason, its code, or both.', (f) => f.lineAllowances, hasReason),
  rule('BR-CO-24', 'A charge of a line has a reason, its code, or both.', (f) => f.lineCharges, hasReason),
];

const BREAKDOWN: readonly Rule[] = [
  rule(
    'BR-45',
    'Each VAT breakdown has a taxable amount (BT-116).',
    (f) => f.breakdown,
    (b) => given(b.taxable_amount),
  ),
  rule(
    'BR-46',
    'Each VAT breakdown has a tax amount (BT-117).',
    (f) => f.breakdown,
    (b) => given(b.tax_amount),
  ),
  rule(
    'BR-47',
    'Each VAT breakdown has a category (BT-118).',
    (f) => f.breakdown,
    (b) => given(b.category),
  ),
  rule(
    'BR-48',
    'Each VAT breakdown has a rate (BT-119), unless it is not subject to VAT.',
    (f) => f.breakdown,
    (b) => given(b.rate) || b.category === 'O',
  ),
];

export const LINE_RULES: readonly Rule[] = [...LINE, ...ALLOWANCE_CHARGE, ...BREAKDOWN];
