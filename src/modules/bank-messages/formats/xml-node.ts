/** A small part of a message as a tree: names without their prefix, text trimmed. Pure. */
import { unreadable } from './bank-file-error.ts';

export interface XmlNode {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: XmlNode[];
  text: string;
}

/** The first node at a path of names. */
export function nodeAt(node: XmlNode, ...path: readonly string[]): XmlNode | undefined {
  let found: XmlNode | undefined = node;
  for (const name of path) found = found?.children.find((child) => child.name === name);
  return found;
}

/** The text there; null where the element is missing or empty, since banks write both for the same. */
export function textAt(node: XmlNode, ...path: readonly string[]): string | null {
  const text = nodeAt(node, ...path)?.text ?? '';
  return text === '' ? null : text;
}

/** The first of several paths that has text: versions of a message moved some elements. */
export function firstText(node: XmlNode, ...paths: readonly (readonly string[])[]): string | null {
  for (const path of paths) {
    const text = textAt(node, ...path);
    if (text !== null) return text;
  }
  return null;
}

export const nodesOf = (node: XmlNode, name: string): readonly XmlNode[] =>
  node.children.filter((child) => child.name === name);

export const emptyNode = (name: string): XmlNode => ({ name, attributes: {}, children: [], text: '' });

/** Headers are kept until they are told: a few dozen elements, a few hundred balances at most. */
const MAX_CHILDREN = 2_000;

/** @throws DomainError 422 where no message of a bank has so many */
export function addChild(node: XmlNode, child: XmlNode): void {
  if (node.children.length === MAX_CHILDREN)
    throw unreadable(`${node.name} has more than ${MAX_CHILDREN} elements besides its entries.`);
  node.children.push(child);
}
