/** The parts that a CII invoice and its lines share: parties, addresses, periods, allowances and charges. */
import { all, type CodeRule, type DecimalsRule, type Fields, one, text } from './fields.ts';
import type { Address, AllowanceCharge, Identifier, Party, Period, VatCategory } from './model.ts';
import { isTrue } from './ubl-parts.ts';
import type { XmlElement } from './xml-tree.ts';

type Parent = XmlElement | undefined;

export function readTradeParty(fields: Fields, party: Parent): Party | undefined {
  if (party === undefined) return undefined;
  const legal = one(party, 'SpecifiedLegalOrganization');
  const ids = [...all(party, 'GlobalID'), ...all(party, 'ID')];
  return {
    path: party.path,
    name: text(party, 'Name'),
    trading_name: text(legal, 'TradingBusinessName'),
    identifiers: ids.map((id) => fields.identifier('BR-CL-10', id)).filter(({ id }) => id !== undefined),
    legal_id: fields.identifierAt('BR-CL-11', one(legal, 'ID')),
    legal_form: text(party, 'Description'),
    vat_id: registration(party, 'VA'),
    tax_registration: registration(party, 'FC'),
    endpoint: fields.identifierAt('BR-CL-25', one(party, 'URIUniversalCommunication', 'URIID')),
    address: readTradeAddress(fields, one(party, 'PostalTradeAddress')),
    contact: readTradeContact(one(party, 'DefinedTradeContact')),
  };
}

const registration = (party: XmlElement, scheme: 'VA' | 'FC'): string | undefined =>
  all(party, 'SpecifiedTaxRegistration', 'ID')
    .filter((id) => id.attributes['schemeID']?.trim().toUpperCase() === scheme)
    .map((id) => text(id))
    .find((id) => id !== undefined);

function readTradeContact(contact: Parent): Party['contact'] {
  const name = text(contact, 'PersonName') ?? text(contact, 'DepartmentName');
  const phone = text(contact, 'TelephoneUniversalCommunication', 'CompleteNumber');
  const email = text(contact, 'EmailURIUniversalCommunication', 'URIID');
  if (name === undefined && phone === undefined && email === undefined) return undefined;
  return { ...(name && { name }), ...(phone && { phone }), ...(email && { email }) };
}

export function readTradeAddress(fields: Fields, address: Parent): Address | undefined {
  if (address === undefined) return undefined;
  const lines = ['LineOne', 'LineTwo', 'LineThree'].map((name) => text(address, name));
  return {
    path: address.path,
    lines: lines.filter((line) => line !== undefined),
    city: text(address, 'CityName'),
    postal_code: text(address, 'PostcodeCode'),
    region: text(address, 'CountrySubDivisionName'),
    country: fields.code('BR-CL-14', address, 'CountryID'),
  };
}

export function readTradePeriod(fields: Fields, period: Parent): Period | undefined {
  if (period === undefined) return undefined;
  return {
    path: period.path,
    start: fields.date(period, 'StartDateTime', 'DateTimeString'),
    end: fields.date(period, 'EndDateTime', 'DateTimeString'),
  };
}

export const isVatTax = (tax: XmlElement): boolean => text(tax, 'TypeCode')?.toUpperCase() === 'VAT';

/** A category of VAT; a category of another tax is none. */
export function readTradeTax(fields: Fields, rule: CodeRule, tax: Parent): VatCategory | undefined {
  const code = fields.code(rule, tax, 'CategoryCode');
  const rate = fields.decimal(tax, 'RateApplicablePercent');
  return tax === undefined || code === undefined || !isVatTax(tax) ? undefined : { category: code, rate };
}

interface Decimals {
  readonly allowance: readonly [amount: DecimalsRule, base: DecimalsRule];
  readonly charge: readonly [amount: DecimalsRule, base: DecimalsRule];
}

export function readTradeAllowanceCharge(fields: Fields, element: XmlElement, level: Decimals): AllowanceCharge {
  const charge = isTrue(text(element, 'ChargeIndicator', 'Indicator'));
  const [amount, base] = charge ? level.charge : level.allowance;
  return {
    path: element.path,
    charge,
    amount: fields.amount(amount, element, 'ActualAmount'),
    base_amount: fields.amount(base, element, 'BasisAmount'),
    percent: fields.decimal(element, 'CalculationPercent'),
    vat: readTradeTax(fields, 'BR-CL-17', one(element, 'CategoryTradeTax')),
    reason: text(element, 'Reason'),
    reason_code: fields.code(charge ? 'BR-CL-20' : 'BR-CL-19', element, 'ReasonCode'),
  };
}

/** A referenced document of type 130 names an object (BT-18, BT-128); the scheme of its identifier is an element of its own. */
export function readTradeObject(fields: Fields, documents: readonly XmlElement[]): Identifier | undefined {
  const document = documents.find((one) => text(one, 'TypeCode') === '130');
  if (document === undefined) return undefined;
  return {
    path: document.path,
    id: text(document, 'IssuerAssignedID'),
    scheme: fields.code('BR-CL-07', document, 'ReferenceTypeCode'),
  };
}
