/**
 * A message read as a stream: containers are walked through, the elements directly inside them are handed over as small trees one by one,
 * and everything else is passed over. Memory stays flat whatever the file's size. Prefixes do not matter; a DOCTYPE is refused. Pure.
 */
import { SaxesParser } from 'saxes';
import { unreadable } from './bank-file-error.ts';
import type { XmlNode } from './xml-node.ts';

export interface XmlOutline {
  /** Elements that carry the message, wherever in the document: an envelope around it is passed over. */
  readonly roots: readonly string[];
  /** The children of a container that are containers too. */
  readonly containers: Readonly<Record<string, readonly string[]>>;
  readonly opened: (container: string, definition: string | null) => void;
  readonly captured: (container: string, node: XmlNode) => void;
  readonly closed: (container: string) => void;
}

export interface XmlReader {
  /** @throws DomainError 422 where the text is not well-formed, or larger in some way than any message of a bank */
  write(text: string): void;
  end(): void;
}

const MAX_DEPTH = 40;
/** Elements of one captured tree: a transaction has a few hundred at most. */
const MAX_NODES = 5_000;
/** Between two tags, and within one: text, a comment, attributes. */
const MAX_TOKEN = 1_000_000;

export function createXmlReader(outline: XmlOutline): XmlReader {
  const parser = new SaxesParser({});
  const walk = createWalk(outline);
  let token = 0;
  const seen = (): void => {
    token = parser.position;
  };
  parser.on('error', (error) => {
    throw unreadable(`The file is not well-formed XML: ${error.message.slice(0, 200)}.`, error);
  });
  parser.on('doctype', () => {
    throw unreadable('The file has a DOCTYPE. A message of a bank has none: ask the bank for the plain message.');
  });
  parser.on('opentag', ({ name, attributes }) => {
    seen();
    walk.open(name, attributes);
  });
  parser.on('closetag', () => {
    seen();
    walk.close();
  });
  parser.on('text', walk.text);
  parser.on('cdata', walk.text);
  return {
    write(text) {
      parser.write(text);
      if (parser.position - token > MAX_TOKEN)
        throw unreadable('A single text or tag has more than a million characters.');
    },
    end: () => {
      parser.close();
    },
  };
}

interface Walk {
  open(name: string, attributes: Readonly<Record<string, string>>): void;
  text(text: string): void;
  close(): void;
}

/** Where the reader is: in an envelope, in containers, or in a tree that is captured. */
function createWalk({ roots, containers, opened, captured, closed }: XmlOutline): Walk {
  const path: { readonly name: string; readonly depth: number }[] = [];
  const nodes: XmlNode[] = [];
  let depth = 0;
  let count = 0;
  let definition: string | null = null;

  const isContainer = (name: string): boolean => {
    const parent = path.at(-1);
    return parent === undefined ? roots.includes(name) : containers[parent.name]?.includes(name) === true;
  };
  const capture = (node: XmlNode): void => {
    count = nodes.length === 0 ? 1 : count + 1;
    if (count > MAX_NODES) throw unreadable(`One record of the message has more than ${MAX_NODES} elements.`);
    nodes.at(-1)?.children.push(node);
    nodes.push(node);
  };

  return {
    open(qualified, attributes) {
      depth += 1;
      if (depth > MAX_DEPTH) throw unreadable(`Elements are nested more than ${MAX_DEPTH} deep.`);
      const name = qualified.slice(qualified.indexOf(':') + 1);
      if (nodes.length === 0) definition = definitionIn(attributes) ?? definition;
      if (nodes.length === 0 && isContainer(name)) {
        path.push({ name, depth });
        opened(name, definition);
      } else if (path.length > 0) capture({ name, attributes, children: [], text: '' });
    },
    text(text) {
      const node = nodes.at(-1);
      if (node !== undefined) node.text += text;
    },
    close() {
      const node = nodes.pop();
      const within = path.at(-1);
      if (node !== undefined) node.text = node.text.trim();
      if (node !== undefined && nodes.length === 0 && within !== undefined) captured(within.name, node);
      if (node === undefined && within?.depth === depth) {
        path.pop();
        closed(within.name);
      }
      depth -= 1;
    },
  };
}

/** `camt.053.001.08` of the namespace, whatever its prefix. */
function definitionIn(attributes: Readonly<Record<string, string>>): string | null {
  for (const [name, value] of Object.entries(attributes)) {
    const found = name.startsWith('xmlns') ? DEFINITION.exec(value)?.[0] : undefined;
    if (found !== undefined) return found;
  }
  return null;
}

const DEFINITION = /(?:camt|pain)\.\d{3}\.\d{3}\.\d{2}$/;
