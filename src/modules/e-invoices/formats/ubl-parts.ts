/** The parts that a UBL 2.1 invoice and its lines share: parties, addresses, periods, allowances and charges. */
import { all, type CodeRule, type DecimalsRule, type Fields, one, text } from './fields.ts';
import type { Address, AllowanceCharge, Identifier, Party, Period, VatCategory } from './model.ts';
import type { XmlElement } from './xml-tree.ts';

type Parent = XmlElement | undefined;

export function readParty(fields: Fields, party: Parent): Party | undefined {
  if (party === undefined) return undefined;
  const schemes = all(party, 'PartyTaxScheme');
  const legal = one(party, 'PartyLegalEntity');
  const tradingName = text(party, 'PartyName', 'Name');
  return {
    path: party.path,
    name: text(legal, 'RegistrationName') ?? tradingName,
    trading_name: tradingName,
    // The SEPA identifier of a creditor (BT-90) stands among them and is none of the party's own.
    identifiers: all(party, 'PartyIdentification', 'ID')
      .map((id) => fields.identifier('BR-CL-10', id))
      .filter(({ scheme }) => scheme !== 'SEPA'),
    legal_id: fields.identifierAt('BR-CL-11', one(legal, 'CompanyID')),
    legal_form: text(legal, 'CompanyLegalForm'),
    vat_id: taxNumber(schemes.filter(isVat)),
    tax_registration: taxNumber(schemes.filter((scheme) => !isVat(scheme))),
    endpoint: fields.identifierAt('BR-CL-25', one(party, 'EndpointID')),
    address: readAddress(fields, one(party, 'PostalAddress')),
    contact: readContact(one(party, 'Contact')),
  };
}

export const isVat = (holder: XmlElement): boolean => text(holder, 'TaxScheme', 'ID')?.toUpperCase() === 'VAT';

const taxNumber = (schemes: readonly XmlElement[]): string | undefined =>
  schemes.map((scheme) => text(scheme, 'CompanyID')).find((id) => id !== undefined);

function readContact(contact: Parent): Party['contact'] {
  const name = text(contact, 'Name');
  const phone = text(contact, 'Telephone');
  const email = text(contact, 'ElectronicMail');
  if (name === undefined && phone === undefined && email === undefined) return undefined;
  return { ...(name && { name }), ...(phone && { phone }), ...(email && { email }) };
}

export function readAddress(fields: Fields, address: Parent): Address | undefined {
  if (address === undefined) return undefined;
  const lines = [
    text(address, 'StreetName'),
    text(address, 'AdditionalStreetName'),
    text(address, 'AddressLine', 'Line'),
  ];
  return {
    path: address.path,
    lines: lines.filter((line) => line !== undefined),
    city: text(address, 'CityName'),
    postal_code: text(address, 'PostalZone'),
    region: text(address, 'CountrySubentity'),
    country: fields.code('BR-CL-14', address, 'Country', 'IdentificationCode'),
  };
}

export function readPeriod(fields: Fields, period: Parent): Period | undefined {
  if (period === undefined) return undefined;
  return {
    path: period.path,
    start: fields.date(period, 'StartDate'),
    end: fields.date(period, 'EndDate'),
  };
}

/** A category that names no tax scheme is taken for one of VAT. */
const isVatCategory = (category: XmlElement): boolean =>
  text(category, 'TaxScheme', 'ID') === undefined || isVat(category);

/** A category of VAT; a category of another tax scheme is none. */
export function readVatCategory(fields: Fields, rule: CodeRule, category: Parent): VatCategory | undefined {
  const code = fields.code(rule, category, 'ID');
  const rate = fields.decimal(category, 'Percent');
  return category === undefined || code === undefined || !isVatCategory(category)
    ? undefined
    : { category: code, rate };
}

interface Decimals {
  readonly allowance: readonly [amount: DecimalsRule, base: DecimalsRule];
  readonly charge: readonly [amount: DecimalsRule, base: DecimalsRule];
}
export const DOCUMENT_LEVEL: Decimals = { allowance: ['BR-DEC-01', 'BR-DEC-02'], charge: ['BR-DEC-05', 'BR-DEC-06'] };
export const LINE_LEVEL: Decimals = { allowance: ['BR-DEC-24', 'BR-DEC-25'], charge: ['BR-DEC-27', 'BR-DEC-28'] };

export function readAllowanceCharge(fields: Fields, element: XmlElement, level: Decimals): AllowanceCharge {
  const charge = isTrue(text(element, 'ChargeIndicator'));
  const [amount, base] = charge ? level.charge : level.allowance;
  return {
    path: element.path,
    charge,
    amount: fields.amount(amount, element, 'Amount'),
    base_amount: fields.amount(base, element, 'BaseAmount'),
    percent: fields.decimal(element, 'MultiplierFactorNumeric'),
    vat: readVatCategory(fields, 'BR-CL-17', one(element, 'TaxCategory')),
    reason: text(element, 'AllowanceChargeReason'),
    reason_code: fields.code(charge ? 'BR-CL-20' : 'BR-CL-19', element, 'AllowanceChargeReasonCode'),
  };
}

export const isTrue = (indicator: string | undefined): boolean => indicator === 'true' || indicator === '1';

/** BT-18 and BT-128: a reference of the document type 130 names an object, any other document is an attachment. */
export const isObject = (reference: XmlElement): boolean => text(reference, 'DocumentTypeCode') === '130';

export const readObject = (fields: Fields, references: readonly XmlElement[]): Identifier | undefined =>
  fields.identifierAt('BR-CL-07', one(references.find(isObject), 'ID'));
