/** XML as a tree of elements in document order, by local name. What no invoice needs is refused: a DOCTYPE, entities, deep nesting. */
import { XMLParser } from 'fast-xml-parser';
import { DomainError } from '../../../shared/errors.ts';

export interface XmlElement {
  /** The local name in a namespace of the format; `{namespace}name` in any other, so that nothing foreign is taken for a field. */
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlElement[];
  readonly text: string;
  /** Such as `/Invoice/InvoiceLine[2]/Item`, in local names. */
  readonly path: string;
}

/** EN 16931 in CII is 12 levels deep. */
const MAX_DEPTH = 50;
/** Beside embedded files. An invoice of 1,000 lines with all that EN 16931 knows has 2 million characters, 120,000 tags and 30,000 quotes. */
const MAX_CHARACTERS = 4_000_000;
const MOST: Readonly<Record<string, number>> = { '<': 250_000, '"': 200_000, "'": 200_000 };
/** Prefixes in force at one element. */
const MAX_PREFIXES = 64;
const CDATA = '#cdata';

const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  parseTagValue: false,
  trimValues: false,
  processEntities: false,
  cdataPropName: CDATA,
  ignoreDeclaration: true,
  ignorePiTags: true,
  maxNestedTags: MAX_DEPTH,
  jPath: false,
});

type Parsed = Readonly<Record<string, unknown>>;
type Scope = ReadonlyMap<string, string>;

/** @throws DomainError `e_invoice.doctype`, `e_invoice.too-large` or `e_invoice.not-well-formed`. */
export function readTree(text: string, isOurs: (namespace: string) => boolean): XmlElement {
  if (/<!DOCTYPE/i.test(text))
    throw refusal(
      'doctype',
      'The file has a DOCTYPE. An invoice needs none and it can hide entities: send it without.',
    );
  const bare = withoutFiles(text);
  requireBounded(bare);
  const roots = parsed(bare).filter((node) => !keyOf(node).startsWith('#'));
  const [root] = roots;
  if (root === undefined || roots.length > 1 || !/>\s*$/.test(bare))
    throw notWellFormed('an XML file has one root element and nothing after it');
  const top = named(root, keyOf(root), new Map(), isOurs);
  return element(top, `/${top.name}`, isOurs);
}

/** The text of an embedded file is not part of the model, and a parser that reads it letter by letter would take seconds: its start is kept. */
function withoutFiles(text: string): string {
  let bare = '';
  let kept = 0;
  let next = 0;
  for (let end = text.indexOf('>'); end >= 0; end = text.indexOf('>', next)) {
    next = text.indexOf('<', end);
    if (next < 0) break;
    if (next - end < SHORTEST_FILE || !isBase64(text.slice(end + 1, next))) continue;
    bare += text.slice(kept, end + 100);
    kept = next;
  }
  return bare + text.slice(kept);
}
const SHORTEST_FILE = 10_000;
const isBase64 = (text: string): boolean => !/[^A-Za-z0-9+/=\s]/.test(text);

/** The parser takes time for each character, tag and attribute, so that what no invoice has is refused before it. */
function requireBounded(text: string): void {
  if (text.length > MAX_CHARACTERS) throw tooLarge(`${MAX_CHARACTERS} characters beside its embedded files`);
  for (const [mark, most] of Object.entries(MOST))
    if (countOf(mark, text) > most) throw tooLarge(`${most} times the character ${mark}`);
}

function countOf(mark: string, text: string): number {
  let count = 0;
  for (let at = text.indexOf(mark); at >= 0; at = text.indexOf(mark, at + 1)) count += 1;
  return count;
}

function parsed(text: string): readonly Parsed[] {
  try {
    return parser.parse(text.replace(/^\u{feff}/u, ''), true) as readonly Parsed[];
  } catch (cause) {
    throw notWellFormed(String(cause).slice(0, 200));
  }
}

interface Named {
  readonly content: readonly Parsed[];
  readonly name: string;
  readonly scope: Scope;
  readonly attributes: Readonly<Record<string, string>>;
}

function element(
  { content, name, scope, attributes }: Named,
  path: string,
  isOurs: (namespace: string) => boolean,
): XmlElement {
  const children: Named[] = [];
  const totals = new Map<string, number>();
  let text = '';
  for (const node of content) {
    const key = keyOf(node);
    if (key === '#text') text += decoded(String(node[key]));
    else if (key === CDATA) text += (node[key] as readonly Parsed[]).map((part) => String(part['#text'])).join('');
    else {
      const child = named(node, key, scope, isOurs);
      children.push(child);
      totals.set(child.name, (totals.get(child.name) ?? 0) + 1);
    }
  }
  const seen = new Map<string, number>();
  const placed = children.map((child) => {
    if (totals.get(child.name) === 1) return element(child, `${path}/${child.name}`, isOurs);
    const at = (seen.get(child.name) ?? 0) + 1;
    seen.set(child.name, at);
    return element(child, `${path}/${child.name}[${at}]`, isOurs);
  });
  return { name, attributes, path, text, children: placed };
}

function named(node: Parsed, tag: string, outer: Scope, isOurs: (namespace: string) => boolean): Named {
  const attributes = attributesOf(node);
  const scope = scopeOf(attributes, outer);
  const colon = tag.indexOf(':');
  const namespace = scope.get(colon < 0 ? '' : tag.slice(0, colon)) ?? '';
  const local = tag.slice(colon + 1);
  const name = isOurs(namespace) ? local : `{${namespace}}${local}`;
  return { content: node[tag] as readonly Parsed[], attributes, scope, name };
}

/** The first key of a node of the parser is its tag, or the kind of text that it is; attributes follow. */
const keyOf = (node: Parsed): string => String(Object.keys(node)[0]);

function attributesOf(node: Parsed): Readonly<Record<string, string>> {
  const attributes = node[':@'] as Readonly<Record<string, string>> | undefined;
  if (attributes === undefined) return NONE;
  return Object.fromEntries(Object.entries(attributes).map(([key, value]) => [key, decoded(value)]));
}
const NONE: Readonly<Record<string, string>> = {};

function scopeOf(attributes: Readonly<Record<string, string>>, outer: Scope): Scope {
  if (attributes === NONE) return outer;
  const declared = Object.entries(attributes).filter(([key]) => key === 'xmlns' || key.startsWith('xmlns:'));
  if (declared.length === 0) return outer;
  const scope = new Map([...outer, ...declared.map(([key, uri]): [string, string] => [key.slice(6), uri])]);
  if (scope.size > MAX_PREFIXES) throw tooLarge(`${MAX_PREFIXES} namespaces`);
  return scope;
}

const PREDEFINED: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

/** Character references and the five entities of XML itself; any other is defined nowhere, since there is no DOCTYPE. */
function decoded(text: string): string {
  if (!text.includes('&')) return text;
  return text.replaceAll(/&([^;\s&]{0,12})(;?)/g, (_, reference: string, end: string) =>
    character(end === '' ? '' : reference),
  );
}

function character(reference: string): string {
  const code = /^#(?:(\d{1,7})|x([0-9a-fA-F]{1,6}))$/.exec(reference);
  const point = code === null ? 0 : Number(code[1] ?? `0x${code[2]}`);
  const known = PREDEFINED[reference] ?? (isXml(point) ? String.fromCodePoint(point) : undefined);
  if (known === undefined) throw notWellFormed(`&${reference}; is no character of XML`);
  return known;
}

const isXml = (point: number): boolean =>
  point === 9 ||
  point === 10 ||
  point === 13 ||
  (point >= 0x20 && point <= 0xd7ff) ||
  (point >= 0xe000 && point <= 0x10ffff);

const refusal = (reason: string, detail: string): DomainError => new DomainError('rule', `e_invoice.${reason}`, detail);
const notWellFormed = (why: string): DomainError =>
  refusal('not-well-formed', `The file is not well-formed XML: ${why}.`);
const tooLarge = (what: string): DomainError =>
  refusal('too-large', `The file has more than ${what}. No invoice needs that: send it as several.`);
