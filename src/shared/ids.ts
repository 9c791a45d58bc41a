/** Ids: a prefix naming the entity and a UUIDv7, so that ids sort by the time they were made. */
import { v7 } from 'uuid';

export const ID_PREFIXES = {
  vendor: 'ven',
  bank_account: 'acc',
  purchase_order: 'po',
  receipt: 'rcv',
  invoice: 'inv',
  payment: 'pay',
  payment_batch: 'bat',
  document: 'doc',
  user: 'usr',
  api_key: 'key',
  event: 'evt',
  hold: 'hld',
  debtor_account: 'deb',
  exchange_rate: 'fxr',
  bank_message: 'msg',
} as const;

export type IdKind = keyof typeof ID_PREFIXES;

const UUID = '[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}';

export const newId = (kind: IdKind): string => `${ID_PREFIXES[kind]}_${v7()}`;
/** Anchored pattern of one entity's ids, for schemas. */
export const idPattern = (kind: IdKind): string => `^${ID_PREFIXES[kind]}_${UUID}$`;
export const idLength = (kind: IdKind): number => ID_PREFIXES[kind].length + 37;

/** The id of which a reference was made by leaving out its separators (`PAY0196...`); undefined for any other text. */
export function idOfReference(kind: IdKind, reference: string): string | undefined {
  const [, ...parts] = /^(\w{8})(\w{4})(\w{4})(\w{4})(\w{12})$/.exec(reference.slice(ID_PREFIXES[kind].length)) ?? [];
  const id = `${ID_PREFIXES[kind]}_${parts.join('-').toLowerCase()}`;
  const named = reference.toLowerCase().startsWith(ID_PREFIXES[kind]) && new RegExp(idPattern(kind)).test(id);
  return named ? id : undefined;
}
