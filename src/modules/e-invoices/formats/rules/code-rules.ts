/** BR-DEC-* and BR-CL-*: at most two decimals in amounts, and codes from their lists. */
import { isListedCurrency } from '../../../../shared/money.ts';
import { ALLOWANCE_REASONS, CHARGE_REASONS } from '../codes/allowances-charges.ts';
import { COUNTRIES } from '../codes/countries.ts';
import {
  ATTACHMENT_TYPES,
  CREDIT_NOTE_TYPES,
  EXEMPTION_REASONS,
  INVOICE_TYPES,
  PAYMENT_MEANS,
  TAX_POINTS_CII,
  TAX_POINTS_UBL,
  VAT_CATEGORIES,
} from '../codes/documents.ts';
import { ELECTRONIC_ADDRESS_SCHEMES, ICD_SCHEMES } from '../codes/identifier-schemes.ts';
import { CLASSIFICATION_SCHEMES, REFERENCE_QUALIFIERS } from '../codes/references.ts';
import { UNITS } from '../codes/units.ts';
import type { CodeRule, DecimalsRule } from '../fields.ts';
import { type Facts, type Rule, rule } from './rule.ts';

const decimals = (id: DecimalsRule, what: string): Rule =>
  rule(
    id,
    `${what} has at most two decimals.`,
    ({ marks }) => marks.amounts.filter((amount) => amount.rule === id),
    ({ value }) => !/\.\d{3}/.test(value),
  );

const code = (id: CodeRule, sentence: string, isIn: (value: string, facts: Facts) => boolean): Rule =>
  rule(
    id,
    sentence,
    ({ marks }) => marks.codes.filter((mark) => mark.rule === id),
    ({ value }, facts) => isIn(value, facts),
  );

const inList = (list: ReadonlySet<string>) => (value: string) => list.has(value);
const inIcd = inList(ICD_SCHEMES);

export const DECIMAL_RULES: readonly Rule[] = [
  decimals('BR-DEC-01', 'The amount of an allowance of the document (BT-92)'),
  decimals('BR-DEC-02', 'The base of an allowance of the document (BT-93)'),
  decimals('BR-DEC-05', 'The amount of a charge of the document (BT-99)'),
  decimals('BR-DEC-06', 'The base of a charge of the document (BT-100)'),
  decimals('BR-DEC-09', 'The sum of line net amounts (BT-106)'),
  decimals('BR-DEC-10', 'The sum of allowances (BT-107)'),
  decimals('BR-DEC-11', 'The sum of charges (BT-108)'),
  decimals('BR-DEC-12', 'The total without VAT (BT-109)'),
  decimals('BR-DEC-13', 'The VAT total (BT-110)'),
  decimals('BR-DEC-14', 'The total with VAT (BT-112)'),
  decimals('BR-DEC-15', 'The VAT total in the VAT currency (BT-111)'),
  decimals('BR-DEC-16', 'The amount paid in advance (BT-113)'),
  decimals('BR-DEC-17', 'The rounding amount (BT-114)'),
  decimals('BR-DEC-18', 'The amount due (BT-115)'),
  decimals('BR-DEC-19', 'The taxable amount of a VAT breakdown (BT-116)'),
  decimals('BR-DEC-20', 'The tax amount of a VAT breakdown (BT-117)'),
  decimals('BR-DEC-23', 'The net amount of a line (BT-131)'),
  decimals('BR-DEC-24', 'The amount of an allowance of a line (BT-136)'),
  decimals('BR-DEC-25', 'The base of an allowance of a line (BT-137)'),
  decimals('BR-DEC-27', 'The amount of a charge of a line (BT-141)'),
  decimals('BR-DEC-28', 'The base of a charge of a line (BT-142)'),
];

export const CODE_RULES: readonly Rule[] = [
  code(
    'BR-CL-01',
    'The type of a document is in UNTDID 1001.',
    (value) => INVOICE_TYPES.has(value) || CREDIT_NOTE_TYPES.has(value),
  ),
  code('BR-CL-03', 'The currency of an amount is in ISO 4217.', isListedCurrency),
  code('BR-CL-04', 'The currency of an invoice is in ISO 4217.', isListedCurrency),
  code('BR-CL-05', 'The VAT currency is in ISO 4217.', isListedCurrency),
  code('BR-CL-06', 'The code of the VAT date is in UNTDID 2005 (UBL) or 2475 (CII).', (value, { invoice }) =>
    (invoice.syntax === 'ubl' ? TAX_POINTS_UBL : TAX_POINTS_CII).has(value),
  ),
  code('BR-CL-07', 'The scheme of an invoiced object is in UNTDID 1153.', inList(REFERENCE_QUALIFIERS)),
  code(
    'BR-CL-10',
    'The scheme of a party identifier is in ISO/IEC 6523, or SEPA.',
    (value) => value === 'SEPA' || inIcd(value),
  ),
  code('BR-CL-11', 'The scheme of a legal registration is in ISO/IEC 6523.', inIcd),
  code('BR-CL-13', 'The scheme of a classification is in UNTDID 7143.', inList(CLASSIFICATION_SCHEMES)),
  code('BR-CL-14', 'The country of an address is in ISO 3166-1.', inList(COUNTRIES)),
  code('BR-CL-15', 'The country of origin is in ISO 3166-1.', inList(COUNTRIES)),
  code('BR-CL-16', 'The means of payment is in UNTDID 4461.', inList(PAYMENT_MEANS)),
  code('BR-CL-17', 'The VAT category of a breakdown, allowance or charge is in UNTDID 5305.', inList(VAT_CATEGORIES)),
  code('BR-CL-18', 'The VAT category of a line is in UNTDID 5305.', inList(VAT_CATEGORIES)),
  code('BR-CL-19', 'The reason of an allowance is in UNTDID 5189.', inList(ALLOWANCE_REASONS)),
  code('BR-CL-20', 'The reason of a charge is in UNTDID 7161.', inList(CHARGE_REASONS)),
  code('BR-CL-21', 'The scheme of a standard item identifier is in ISO/IEC 6523.', inIcd),
  code('BR-CL-22', 'The reason of exemption is in VATEX.', (value) => EXEMPTION_REASONS.has(value.toUpperCase())),
  code('BR-CL-23', 'The unit is in UN/ECE Recommendation 20 or 21.', inList(UNITS)),
  code('BR-CL-24', 'The media type of an attachment is one that EN 16931 allows.', inList(ATTACHMENT_TYPES)),
  code('BR-CL-25', 'The scheme of an electronic address is in the EAS list.', inList(ELECTRONIC_ADDRESS_SCHEMES)),
  code('BR-CL-26', 'The scheme of a delivery location is in ISO/IEC 6523.', inIcd),
];
