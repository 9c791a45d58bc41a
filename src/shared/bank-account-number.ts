/**
 * Bank account numbers: IBAN (ISO 13616), BIC (ISO 9362), US routing number (ABA). Checks take normalised text and give findings,
 * so that a caller learns all that is wrong; masking shows who is meant and nothing that money could be moved with.
 */
import { isSEPACountry, ValidationErrorsIBAN, validateIBAN } from 'ibantools';
import type { ErrorItem } from './errors.ts';

/** BICIdentifier of the ISO 20022 messages of 2009, such as pain.001.001.03. */
export const BIC_PATTERN = '^[A-Z]{6}[A-Z2-9][A-NP-Z0-9]([A-Z0-9]{3})?$';
/** BICFIDec2014Identifier of the later messages, such as pain.001.001.09. Every BIC of 2009 is one. */
export const BICFI_PATTERN = '^[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?$';

/** A finding that always names the rule it broke. */
export interface AccountFinding extends ErrorItem {
  readonly rule: string;
}

export type BicForm = 'BIC' | 'BICFI';

/** As a number is stored and compared: without white space, upper case. */
export const normaliseAccountNumber = (text: string): string => text.replace(/\s/g, '').toUpperCase();

/** Country, its length and structure in the IBAN registry, and mod 97. The national check digits inside are not held: some banks issue accounts without them. */
export function ibanFindings(iban: string, pointer = '/iban'): AccountFinding[] {
  const codes = validateIBAN(iban).errorCodes;
  const explained = IBAN_MISTAKES.find((mistake) => codes.some((code) => mistake.codes.includes(code)));
  return explained === undefined ? [] : [{ pointer, detail: explained.detail(iban), rule: 'ISO-13616' }];
}

export const isIban = (iban: string): boolean => ibanFindings(iban).length === 0;

/** ISO 3166 code an IBAN starts with. */
export const ibanCountry = (iban: string): string => iban.slice(0, 2);

/** True where the account can be reached by a SEPA credit transfer (EPC409-09, list of SEPA countries). */
export const isSepaAccount = (iban: string): boolean =>
  isSEPACountry(ibanCountry(iban)) || JOINED_SEPA_LATELY.has(ibanCountry(iban));

export function bicFindings(bic: string, pointer = '/bic', form: BicForm = 'BICFI'): AccountFinding[] {
  if (BIC_FORMS[form].test(bic)) return [];
  const detail = `"${bic}" is not a BIC: it has 8 or 11 letters and digits, the country at the fifth and sixth place.`;
  return [{ pointer, detail, rule: form }];
}

/** Nine digits, a Federal Reserve prefix, and 3-7-1 weights that sum to a multiple of 10 (ABA routing number policy). */
export function routingNumberFindings(routingNumber: string, pointer = '/routing_number'): AccountFinding[] {
  const finding = (detail: string): AccountFinding[] => [{ pointer, detail, rule: 'ABA' }];
  if (!/^\d{9}$/.test(routingNumber)) return finding('A routing number has exactly 9 digits.');
  if (!ABA_PREFIX.test(routingNumber) || routingNumber === '000000000') {
    return finding('No Federal Reserve district or thrift has a routing number that starts so.');
  }
  const sum = [...routingNumber].reduce((total, digit, place) => total + Number(digit) * abaWeight(place), 0);
  return sum % 10 === 0
    ? []
    : finding('The check digit of the routing number is wrong: look for a mistyped or swapped digit.');
}

/** A US account number: at most 17 letters, digits and hyphens (Nacha, DFI account number). */
export function accountNumberFindings(accountNumber: string, pointer = '/account_number'): AccountFinding[] {
  if (/^[A-Z0-9-]{1,17}$/.test(accountNumber)) return [];
  return [{ pointer, detail: 'An account number has 1 to 17 letters, digits or hyphens.', rule: 'Nacha' }];
}

/** `DE** **** 3000`: country and last four, always that long. What is too short to be an IBAN shows nothing. */
export function maskIban(iban: string): string {
  const bare = normaliseAccountNumber(iban);
  return bare.length < SHORTEST_IBAN ? '**** **** ****' : `${ibanCountry(bare)}** **** ${bare.slice(-4)}`;
}

/** `**** **** 1234`: the last four, always that long. A number of less than 8 characters shows nothing. */
export function maskAccountNumber(accountNumber: string): string {
  const bare = normaliseAccountNumber(accountNumber);
  return bare.length < 8 ? '**** **** ****' : `**** **** ${bare.slice(-4)}`;
}

/** Norway's, the shortest in the registry. */
const SHORTEST_IBAN = 15;

/** Albania, Moldova, Montenegro, North Macedonia and Serbia joined in 2024 and 2025; the library's list is older. */
const JOINED_SEPA_LATELY: ReadonlySet<string> = new Set(['AL', 'MD', 'ME', 'MK', 'RS']);

const BIC_FORMS: Readonly<Record<BicForm, RegExp>> = { BIC: new RegExp(BIC_PATTERN), BICFI: new RegExp(BICFI_PATTERN) };

const ABA_PREFIX = /^(0\d|1[0-2]|2[1-9]|3[0-2]|6[1-9]|7[0-2]|80)/;
const abaWeight = (place: number): number => (place % 3 === 0 ? 3 : place % 3 === 1 ? 7 : 1);

/** The most telling mistake first: a number that is too short has a wrong checksum as well, and that helps nobody. */
const IBAN_MISTAKES: readonly { codes: readonly ValidationErrorsIBAN[]; detail: (iban: string) => string }[] = [
  { codes: [ValidationErrorsIBAN.NoIBANProvided], detail: () => 'The IBAN is missing.' },
  {
    codes: [ValidationErrorsIBAN.NoIBANCountry],
    detail: (iban) => `No country issues IBANs that start with "${ibanCountry(iban)}".`,
  },
  {
    codes: [ValidationErrorsIBAN.WrongBBANLength],
    detail: (iban) => `An IBAN of ${ibanCountry(iban)} has another length than ${iban.length} characters.`,
  },
  {
    codes: [ValidationErrorsIBAN.WrongBBANFormat, ValidationErrorsIBAN.ChecksumNotNumber],
    detail: (iban) => `An IBAN of ${ibanCountry(iban)} has letters and digits at other places.`,
  },
  {
    codes: [ValidationErrorsIBAN.WrongIBANChecksum],
    detail: () => 'The check digits of the IBAN are wrong (mod 97): look for a mistyped or swapped character.',
  },
];
