/** JSON with keys in code-unit order and no spaces (as RFC 8785 orders them): the one text a digest is taken over. */
import { createHash } from 'node:crypto';

export function canonicalJson(value: unknown): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null';
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  const members = new Map<string, unknown>(Object.entries(value));
  let text = '';
  // Unlike a comparison of one's own, the default order is by code unit and fast: every event is digested.
  for (const name of [...members.keys()].sort()) {
    const member = members.get(name);
    if (member !== undefined) text += `${text === '' ? '' : ','}${JSON.stringify(name)}:${canonicalJson(member)}`;
  }
  return `{${text}}`;
}

export const sha256 = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex');
