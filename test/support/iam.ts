/**
 * What IAM would answer: the documents of a role, its permissions boundary and one call give allowed or denied, by the rules of
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html for one account without resource policies.
 * An element or operator that is not known here is an error, never an answer.
 */

export type OneOrMore = string | readonly string[];
export interface Statement {
  readonly Sid?: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Principal?: unknown;
  readonly Action?: OneOrMore;
  readonly NotAction?: OneOrMore;
  readonly Resource?: OneOrMore;
  readonly NotResource?: OneOrMore;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, OneOrMore>>>>;
}
export interface Policy {
  readonly Version: '2012-10-17';
  readonly Statement: readonly Statement[];
}
export interface Call {
  readonly action: string;
  /** `*` for an action that takes no resource. */
  readonly resource: string;
  /** Condition keys of the request, in any case of letters: `ecs:CreateAction`, `iam:PassedToService`. */
  readonly context?: Readonly<Record<string, OneOrMore>>;
}
export interface Documents {
  readonly policies: readonly Policy[];
  readonly boundary?: Policy | undefined;
}
export type Answer =
  | { readonly allowed: true; readonly by: string }
  | { readonly allowed: false; readonly why: string };

/** A Deny anywhere ends it; else the role's own documents must allow it, and its boundary too where it has one. */
export function simulate({ policies, boundary }: Documents, call: Call): Answer {
  const applying = (documents: readonly Policy[], effect: Statement['Effect']): Statement | undefined =>
    documents.flatMap(({ Statement }) => Statement).find((one) => one.Effect === effect && applies(one, call));
  const bounds = boundary === undefined ? [] : [boundary];
  const denied = applying([...policies, ...bounds], 'Deny');
  if (denied !== undefined) return { allowed: false, why: `denied by ${denied.Sid}` };
  const allowed = applying(policies, 'Allow');
  if (allowed === undefined) return { allowed: false, why: 'no statement allows it' };
  if (boundary !== undefined && applying(bounds, 'Allow') === undefined)
    return { allowed: false, why: 'outside the boundary' };
  return { allowed: true, by: allowed.Sid ?? 'a statement without a name' };
}

const KNOWN = new Set(['Sid', 'Effect', 'Principal', 'Action', 'NotAction', 'Resource', 'NotResource', 'Condition']);

function applies(statement: Statement, call: Call): boolean {
  for (const element of Object.keys(statement)) if (!KNOWN.has(element)) throw new Error(`Unknown element ${element}.`);
  return actionMatches(statement, call) && resourceMatches(statement, call) && conditionsHold(statement, call);
}

const actionMatches = ({ Action, NotAction }: Statement, { action }: Call): boolean =>
  NotAction === undefined
    ? some(Action, (one) => like(one, action, 'i'))
    : !some(NotAction, (one) => like(one, action, 'i'));

function resourceMatches({ Resource, NotResource }: Statement, call: Call): boolean {
  const matches = (one: string): boolean => like(filledIn(one, call), call.resource);
  return NotResource === undefined ? some(Resource, matches) : !some(NotResource, matches);
}

const conditionsHold = ({ Condition = {} }: Statement, call: Call): boolean =>
  Object.entries(Condition).every(([operator, keys]) =>
    Object.entries(keys).every(([key, wanted]) => holds(operator, valuesOf(key, call), wanted)),
  );

type Compare = (wanted: string, found: string) => boolean;
const OPERATORS: Readonly<Record<string, Compare>> = {
  ArnEquals: (wanted, found) => like(wanted, found),
  ArnLike: (wanted, found) => like(wanted, found),
  Bool: (wanted, found) => wanted.toLowerCase() === found.toLowerCase(),
  NumericLessThan: (wanted, found) => Number(found) < Number(wanted),
  StringEquals: (wanted, found) => wanted === found,
  StringLike: (wanted, found) => like(wanted, found),
};

/** Negated operators hold where the key is absent, the others do not, unless they end in IfExists. */
function holds(operator: string, found: readonly string[] | undefined, wanted: OneOrMore): boolean {
  if (operator === 'Null') return some(wanted, (one) => (one === 'true') === (found === undefined));
  const optional = operator.endsWith('IfExists');
  const name = operator.replace(/IfExists$/, '');
  const negated = /^(String|Arn)Not/.test(name);
  const compare = OPERATORS[name.replace('Not', '')];
  if (compare === undefined) throw new Error(`Unknown operator ${operator}.`);
  if (found === undefined) return optional || negated;
  const matches = found.some((value) => some(wanted, (one) => compare(one, value)));
  return negated ? !matches : matches;
}

/** Keys are compared without regard to case. */
function valuesOf(key: string, { context = {} }: Call): readonly string[] | undefined {
  const entry = Object.entries(context).find(([name]) => name.toLowerCase() === key.toLowerCase());
  return entry === undefined ? undefined : list(entry[1]);
}

/** `${aws:username}` and the like; one without a value matches nothing. */
const filledIn = (pattern: string, call: Call): string =>
  pattern.replaceAll(/\$\{([^}]+)\}/g, (_, key: string) => valuesOf(key, call)?.[0] ?? '\u0000');

const list = (value: OneOrMore | undefined): readonly string[] =>
  value === undefined ? [] : typeof value === 'string' ? [value] : value;
const some = (value: OneOrMore | undefined, holdsFor: (one: string) => boolean): boolean => list(value).some(holdsFor);

/** IAM's patterns: `*` is any text, `?` any character. */
function like(pattern: string, text: string, flags = ''): boolean {
  const literal = pattern.replaceAll(/[.+^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${literal.replaceAll('*', '.*').replaceAll('?', '.')}$`, flags).test(text);
}
