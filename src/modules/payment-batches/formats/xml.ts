/** XML as this product writes and reads it: text is escaped, characters XML cannot carry never get through, numbers stay strings. */
import { XMLBuilder, XMLParser } from 'fast-xml-parser';

/** A tree of elements: a key is an element, `@key` an attribute, `#text` the text beside attributes; undefined is left out. */
export interface XmlTree {
  readonly [name: string]: string | XmlTree | readonly (string | XmlTree)[] | undefined;
}

export const XML_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n';

/** Elements on lines of their own, `depth` levels in. */
export function renderXml(tree: XmlTree, depth = 0): string {
  const text: string = builder.build(tree);
  return depth === 0 ? text : text.replace(/^(?=.)/gm, '  '.repeat(depth));
}

/** Text with a space for every character XML 1.0 has no place for: control characters, lone surrogates, U+FFFE and U+FFFF. */
export const xmlText = (text: string): string => text.replace(NOT_XML, ' ');

/** Reads a whole document. `lists` names the elements that are lists even with one member. @throws Error where it is not well-formed. */
export function parseXml(text: string, lists: readonly string[] = []): XmlTree {
  const parser = new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: '@',
    parseTagValue: false,
    ignoreDeclaration: true,
    isArray: (name) => lists.includes(name),
  });
  return parser.parse(text, true) as XmlTree;
}

/** The text at a path of elements, undefined where there is none. */
export function textAt(tree: XmlTree, ...path: readonly string[]): string | undefined {
  let node: XmlTree[string] = tree;
  for (const name of path) node = isElement(node) ? node[name] : undefined;
  if (isElement(node)) node = node['#text'];
  return typeof node === 'string' ? node : undefined;
}

/** The elements of a list that `parseXml` was told of, none where the path leads nowhere. */
export function elementsAt(tree: XmlTree, parent: string, list: string): readonly XmlTree[] {
  const within = tree[parent];
  const members = isElement(within) ? within[list] : undefined;
  return Array.isArray(members) ? members.filter(isElement) : [];
}

const NOT_XML = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu;

const builder = new XMLBuilder({ ignoreAttributes: false, attributeNamePrefix: '@', format: true });

const isElement = (node: unknown): node is XmlTree => typeof node === 'object' && !Array.isArray(node);
