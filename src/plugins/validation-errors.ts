/** Findings of the schema validator in words that say what to send instead. */
import type { FastifyError, FastifySchemaValidationError } from 'fastify';
import type { ErrorItem } from '../shared/errors.ts';

const MAX_FINDINGS = 100;

export function validationItems(error: FastifyError): readonly ErrorItem[] {
  const findings = error.validation ?? [];
  const context = error.validationContext ?? 'body';
  const items = findings.filter(isTelling).map((finding) => ({
    pointer: pointerOf(finding, context),
    detail: detailOf(finding),
  }));
  const seen = new Set<string>();
  const unique = items.filter(({ pointer, detail }) => !seen.has(pointer + detail) && seen.add(pointer + detail));
  return unique.slice(0, MAX_FINDINGS);
}

/** `anyOf` and `if` only repeat what their members found. */
const isTelling = (
  finding: FastifySchemaValidationError,
  _: number,
  all: readonly FastifySchemaValidationError[],
): boolean => all.length === 1 || !['anyOf', 'oneOf', 'if'].includes(finding.keyword);

function pointerOf(finding: FastifySchemaValidationError, context: string): string {
  const base = context === 'body' ? '#' : `#/${context === 'querystring' ? 'query' : context}`;
  const member = finding.params['missingProperty'] ?? finding.params['additionalProperty'];
  const path = base + finding.instancePath;
  return typeof member === 'string' ? `${path}/${member.replaceAll('~', '~0').replaceAll('/', '~1')}` : path;
}

function detailOf(finding: FastifySchemaValidationError): string {
  const params = finding.params;
  switch (finding.keyword) {
    case 'required':
      return 'is required';
    case 'additionalProperties':
      return 'is not known here';
    case 'enum':
      return `must be one of ${String(params['allowedValues'])}`;
    case 'const':
      return `must be ${String(params['allowedValue'])}`;
    case 'pattern':
      return patternDetail(String(params['pattern']));
    default:
      return finding.message ?? 'is not valid';
  }
}

function patternDetail(pattern: string): string {
  if (pattern.includes('\\d{1,15}'))
    return 'must be an exact decimal as a string, such as "12.50": at most 15 digits and 6 after the point, no exponent';
  if (pattern.includes('\\d{1,3}(')) return 'must be a percentage as a decimal string, such as "21"';
  if (pattern.includes('0-9a-f')) return `must be an id that starts with ${pattern.slice(1, pattern.indexOf('_') + 1)}`;
  if (pattern.includes('u0000') || pattern.includes('\u0000'))
    return 'must be text without control characters, and not blank';
  return `must match ${pattern}`;
}
