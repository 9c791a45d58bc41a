/** A file of a bank that cannot be read at all, as its sender is told. */
import { DomainError } from '../../../shared/errors.ts';

export const unreadable = (detail: string, cause?: unknown): DomainError =>
  new DomainError('rule', 'bank_message.unreadable', detail, { cause });
