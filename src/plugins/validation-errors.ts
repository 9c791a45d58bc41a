/** Findings of the schema validator in words that say what to send instead. */
import type { FastifyError, FastifySchemaValidationError } from 'fastify';
import type { ErrorItem } from '../shared/errors.ts';
import { escaped } from './body-shape.ts';

/** What a caller is told, and how many findings are looked at to tell it: a union has one for each of its words. */
const MAX_TOLD = 100;
const MAX_READ = 10_000;

/** What else was found where one finding stands. */
interface Place {
  count: number;
  hasPattern: boolean;
  readonly words: unknown[];
}

export function validationItems(error: FastifyError): readonly ErrorItem[] {
  const findings = (error.validation ?? []).slice(0, MAX_READ);
  const context = error.validationContext ?? 'body';
  const places = placesOf(findings);
  const told = new Map<string, ErrorItem>();
  for (const finding of findings) {
    if (told.size === MAX_TOLD) break;
    const place = places.get(finding.instancePath);
    if (place === undefined || !(findings.length === 1 || isTelling(finding, place))) continue;
    const pointer = pointerOf(finding, context);
    const detail = finding.keyword === 'const' ? choiceOf(place) : detailOf(finding);
    if (!told.has(`${pointer} ${detail}`)) told.set(`${pointer} ${detail}`, { pointer, detail });
  }
  return [...told.values()];
}

function placesOf(findings: readonly FastifySchemaValidationError[]): ReadonlyMap<string, Place> {
  const places = new Map<string, Place>();
  for (const { instancePath, keyword, params } of findings) {
    const place = places.get(instancePath) ?? { count: 0, hasPattern: false, words: [] };
    places.set(instancePath, place);
    place.count += 1;
    if (keyword === 'pattern') place.hasPattern = true;
    if (keyword === 'const') place.words.push(params['allowedValue']);
  }
  return places;
}

/** `anyOf` and `if` only repeat what their members found; null is no help to whoever gave a value, nor a length to whoever left it empty. */
function isTelling(finding: FastifySchemaValidationError, place: Place): boolean {
  if (['anyOf', 'oneOf', 'if'].includes(finding.keyword)) return false;
  if (place.count === 1) return true;
  if (finding.keyword === 'minLength') return !place.hasPattern;
  return finding.keyword !== 'type' || finding.params['type'] !== 'null';
}

/** A union of words is found wrong word by word, and told once. */
function choiceOf(place: Place): string {
  const words = new Set(place.words);
  return oneOf([...words]);
}

const oneOf = (words: readonly unknown[]): string =>
  words.length === 1 ? `must be ${String(words[0])}` : `must be one of ${words.join(', ')}`;

function pointerOf(finding: FastifySchemaValidationError, context: string): string {
  const base = context === 'body' ? '#' : `#/${context === 'querystring' ? 'query' : context}`;
  const member = finding.params['missingProperty'] ?? finding.params['additionalProperty'];
  const path = base + finding.instancePath;
  return typeof member === 'string' ? `${path}/${escaped(member)}` : path;
}

function detailOf(finding: FastifySchemaValidationError): string {
  const params = finding.params;
  switch (finding.keyword) {
    case 'required':
      return 'is required';
    case 'additionalProperties':
      return 'is not known here';
    case 'enum':
      return oneOf(Array.isArray(params['allowedValues']) ? params['allowedValues'] : []);
    case 'minLength':
    case 'minItems':
    case 'minProperties':
      return `must have at least ${counted(params['limit'], finding.keyword)}`;
    case 'maxLength':
    case 'maxItems':
      return `must have at most ${counted(params['limit'], finding.keyword)}`;
    case 'uniqueItems':
      return 'must name nothing twice';
    case 'format':
      return FORMATS[String(params['format'])] ?? `must be of the form ${String(params['format'])}`;
    case 'pattern':
      return patternDetail(String(params['pattern']));
    default:
      return finding.message ?? 'is not valid';
  }
}

const FORMATS: Readonly<Record<string, string>> = {
  date: 'must be a calendar day that exists, YYYY-MM-DD',
  email: 'must be an e-mail address',
};

const NOUNS: Readonly<Record<string, string>> = { Length: 'character', Items: 'item', Properties: 'member' };

const counted = (limit: unknown, keyword: string): string =>
  `${String(limit)} ${NOUNS[keyword.slice(3)] ?? ''}${limit === 1 ? '' : 's'}`;

const PATTERNS: Readonly<Record<string, string>> = {
  '^[A-Z]{3}$': 'must be an ISO 4217 code in capitals, such as EUR',
  '^[A-Z]{2}$': 'must be an ISO 3166-1 code of two capitals, such as NL',
  '^[0-9a-f]{64}$': 'must be 64 hexadecimal digits in lower case',
};

function patternDetail(pattern: string): string {
  const known = PATTERNS[pattern];
  if (known !== undefined) return known;
  if (pattern.includes('\\d{1,15}'))
    return 'must be an exact decimal as a string, such as "12.50": at most 15 digits and 6 after the point, no exponent';
  if (pattern.includes('\\d{1,3}(')) return 'must be a percentage as a decimal string, such as "21"';
  const prefix = /^\^([a-z]+_|\([a-z|]+\)_)/.exec(pattern)?.[1];
  if (prefix !== undefined)
    return `must be an id that starts with ${prefix.replace(/[()]/g, '').replaceAll('|', '_ or ')}`;
  if (!pattern.includes('u0000')) return `must match ${pattern}`;
  const text = 'must be text without control characters or direction overrides';
  return pattern.startsWith('^(?=') ? `${text}, and not blank` : text;
}
