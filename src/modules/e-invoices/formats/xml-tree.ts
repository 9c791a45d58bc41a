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
/** Opening and closing tags and comments; an invoice of 1,000 lines with all that EN 16931 knows has some 120,000. */
const MAX_TAGS = 600_000;
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
  if (tagsOf(text) > MAX_TAGS)
    throw refusal('too-large', `The file has more than ${MAX_TAGS} tags. Send its lines as several invoices.`);
  const roots = parsed(text).filter((node) => !nameOf(node).startsWith('#'));
  const [root] = roots;
  if (root === undefined || roots.length > 1 || !/>\s*$/.test(text))
    throw notWellFormed('an XML file has one root element and nothing after it');
  const top = named(root, new Map(), isOurs);
  return element(top, `/${top.name}`, isOurs);
}

function tagsOf(text: string): number {
  let tags = 0;
  for (let at = text.indexOf('<'); at >= 0; at = text.indexOf('<', at + 1)) tags += 1;
  return tags;
}

function parsed(text: string): readonly Parsed[] {
  try {
    return parser.parse(text.replace(/^\u{feff}/u, ''), true) as readonly Parsed[];
  } catch (cause) {
    throw notWellFormed(String(cause).slice(0, 200));
  }
}

interface Named {
  readonly node: Parsed;
  readonly name: string;
  readonly scope: Scope;
  readonly attributes: Readonly<Record<string, string>>;
}

function element(
  { node, name, scope, attributes }: Named,
  path: string,
  isOurs: (namespace: string) => boolean,
): XmlElement {
  const content = node[nameOf(node)] as readonly Parsed[];
  const children = content
    .filter((child) => !nameOf(child).startsWith('#'))
    .map((child) => named(child, scope, isOurs));
  const totals = new Map<string, number>();
  for (const child of children) totals.set(child.name, (totals.get(child.name) ?? 0) + 1);
  const seen = new Map<string, number>();
  return {
    name,
    attributes,
    path,
    text: textOf(content),
    children: children.map((child) => {
      const at = (seen.get(child.name) ?? 0) + 1;
      seen.set(child.name, at);
      const step = totals.get(child.name) === 1 ? child.name : `${child.name}[${at}]`;
      return element(child, `${path}/${step}`, isOurs);
    }),
  };
}

function named(node: Parsed, outer: Scope, isOurs: (namespace: string) => boolean): Named {
  const tag = nameOf(node);
  const attributes = attributesOf(node);
  const scope = scopeOf(attributes, outer);
  const colon = tag.indexOf(':');
  const namespace = scope.get(colon < 0 ? '' : tag.slice(0, colon)) ?? '';
  const local = tag.slice(colon + 1);
  return { node, attributes, scope, name: isOurs(namespace) ? local : `{${namespace}}${local}` };
}

/** The first key of a node of the parser is its tag, or the kind of text that it is; attributes follow. */
const nameOf = (node: Parsed): string => String(Object.keys(node)[0]);

function attributesOf(node: Parsed): Readonly<Record<string, string>> {
  const attributes = node[':@'] as Readonly<Record<string, string>> | undefined;
  if (attributes === undefined) return NONE;
  return Object.fromEntries(Object.entries(attributes).map(([key, value]) => [key, decoded(value)]));
}
const NONE: Readonly<Record<string, string>> = {};

function scopeOf(attributes: Readonly<Record<string, string>>, outer: Scope): Scope {
  const declared = Object.entries(attributes).filter(([key]) => key === 'xmlns' || key.startsWith('xmlns:'));
  if (declared.length === 0) return outer;
  return new Map([...outer, ...declared.map(([key, uri]): [string, string] => [key.slice(6), uri])]);
}

function textOf(content: readonly Parsed[]): string {
  let text = '';
  for (const node of content) {
    const name = nameOf(node);
    if (name === '#text') text += decoded(String(node[name]));
    else if (name === CDATA) text += (node[name] as readonly Parsed[]).map((part) => String(part['#text'])).join('');
  }
  return text;
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
