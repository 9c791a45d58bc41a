/** A postal address as a bank message carries it: each part in its element, transliterated, never cut. */
import { type Static, Type } from '@sinclair/typebox';
import type { AccountFinding } from './bank-account-number.ts';
import { CountryCode, Line, OptionalLine, Strict } from './http/schemas.ts';
import { sepaText } from './sepa-text.ts';

export const PostalAddress = Strict({
  line1: Line(70, 'Street; with the number of the building unless building_number has it'),
  building_number: Type.Optional(OptionalLine(16)),
  line2: Type.Optional(OptionalLine(70)),
  city: Line(35),
  postal_code: Type.Optional(OptionalLine(16)),
  region: Type.Optional(OptionalLine(35)),
  country: CountryCode,
});
export type PostalAddress = Static<typeof PostalAddress>;

/** In elements alone, or town and country in elements and the rest in at most two lines (EPC153-22, hybrid). */
export type AddressForm = 'structured' | 'hybrid';

interface Part {
  readonly element: string;
  readonly field: keyof PostalAddress;
  readonly text: string;
  readonly longest: number;
}

/**
 * In the order of PostalAddress24 (.09) and PostalAddress6 (.03), which is the same for these. The second line has no element of its own,
 * so only the hybrid form carries it. Parts of which nothing is left are not there.
 */
export function addressParts(address: PostalAddress, form: AddressForm): readonly Part[] {
  const part = (element: string, field: keyof PostalAddress, longest: number, given?: string): Part => ({
    element,
    field,
    text: sepaText(given ?? address[field] ?? ''),
    longest,
  });
  const street = form === 'structured' ? [part('StrtNm', 'line1', 70), part('BldgNb', 'building_number', 16)] : [];
  const lines =
    form === 'hybrid'
      ? [
          part('AdrLine', 'line1', 70, `${address.line1} ${address.building_number ?? ''}`),
          part('AdrLine', 'line2', 70),
        ]
      : [];
  return [
    ...street,
    part('PstCd', 'postal_code', 16),
    part('TwnNm', 'city', 35),
    part('CtrySubDvsn', 'region', 35),
    { element: 'Ctry', field: 'country' as const, text: address.country, longest: Number.POSITIVE_INFINITY },
    ...lines,
  ].filter(({ text }) => text !== '');
}

/** Town and country are required in every form (EPC153-22), and nothing may be longer than its element; a country has a form of its own. */
export function addressFindings(address: PostalAddress, at: string, form: AddressForm): AccountFinding[] {
  const parts = addressParts(address, form);
  const findings = parts
    .filter(({ text, longest }) => text.length > longest)
    .map(({ element, field, text, longest }) => ({
      pointer: `${at}/${field}`,
      detail: `It has ${text.length} characters as a bank carries it, ${longest} are allowed: shorten it.`,
      rule: element,
    }));
  if (!/^[A-Z]{2}$/.test(address.country))
    findings.push({
      pointer: `${at}/country`,
      detail: 'It must be an ISO 3166 code of two letters.',
      rule: 'Ctry',
    });
  if (!parts.some(({ element, text }) => element === 'TwnNm' && /[a-zA-Z0-9]/.test(text)))
    findings.push({
      pointer: `${at}/city`,
      detail: 'An address needs a town that a bank can carry: add it, or leave the address out.',
      rule: 'TwnNm',
    });
  return findings;
}
