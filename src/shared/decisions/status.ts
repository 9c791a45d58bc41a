/** That an action is allowed from the status an object has. The one refusal for every kind of object. Pure. */
import { conflictError } from '../errors.ts';

/** The nouns of refusals, with the prefixes of their error codes. */
const NOUNS = {
  vendor: 'a vendor',
  bank_account: 'a bank account',
  user: 'a user',
  api_key: 'an API key',
  purchase_order: 'an order',
  receipt: 'a receipt',
  invoice: 'an invoice',
  payment: 'a payment',
  payment_batch: 'a batch',
  document: 'a document',
} as const;

interface Wanted {
  /** As the route names it: `hold`, `free-number`. */
  readonly action: string;
  readonly from: readonly string[];
  /** What to do instead, as a sentence. */
  readonly advice?: string | undefined;
}

/** @throws DomainError 409 `<entity>.wrong-status` from a status that the action does not leave */
export function requireStatus(entity: keyof typeof NOUNS, status: string, { action, from, advice }: Wanted): void {
  if (!from.includes(status)) throw wrongStatus(entity, status, { action, from, advice });
}

/** The refusal itself, where the status alone does not decide. */
export function wrongStatus(entity: keyof typeof NOUNS, status: string, { action, from, advice }: Wanted) {
  const doing = words(action);
  const allowed = from.map(words).join(', ');
  const end = advice === undefined ? '' : ` ${advice}`;
  return conflictError(
    `${entity}.wrong-status`,
    `Cannot ${doing} ${NOUNS[entity]} that is ${words(status)}; allowed from: ${allowed}.${end}`,
  );
}

const words = (text: string): string => text.replaceAll(/[_-]/g, ' ');
