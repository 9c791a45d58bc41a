/** Opaque cursors: bound to their query and principal and authenticated, so that none can be altered or used elsewhere. */
import type { Vault } from '../crypto.ts';
import { DomainError } from '../errors.ts';
import type { Item } from './codec.ts';

export interface CursorBinding {
  readonly principal: string;
  /** The list and its filters, without limit. */
  readonly query: string;
}

const bound = (binding: CursorBinding, position: string): string =>
  `${binding.principal}\n${binding.query}\n${position}`;

export function encodeCursor(vault: Vault, binding: CursorBinding, position: Item): string {
  const text = Buffer.from(JSON.stringify(position)).toString('base64url');
  return `${text}.${vault.sign('cursor', bound(binding, text))}`;
}

/** @throws DomainError 400 for a cursor of another query or principal, or an altered one. */
export function decodeCursor(vault: Vault, binding: CursorBinding, cursor: string): Item {
  const [text = '', signature = ''] = cursor.split('.');
  if (!vault.verify('cursor', bound(binding, text), signature))
    throw new DomainError('malformed', 'request.invalid-cursor', 'The cursor does not belong to this query.', {
      errors: [
        {
          pointer: '#/query/cursor',
          detail: 'take next_cursor from the page before, with the same filters and the same caller',
        },
      ],
    });
  return JSON.parse(Buffer.from(text, 'base64url').toString('utf8')) as Item;
}
