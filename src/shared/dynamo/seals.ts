/**
 * The seal of an item: a keyed MAC over its table, its key and everything else in it, so that an item that somebody else wrote, changed or
 * moved is told from one of ours. What names an account at a bank, or a secret, is encrypted first, bound to the same table and key.
 */
import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import type { Vault } from '../crypto.ts';
import { IntegrityError } from '../errors.ts';
import { canonicalItem } from './canonical-item.ts';
import type { DocumentClient } from './client.ts';
import { keyAttributes, TABLES, type TableName, tableDefinitions } from './tables.ts';
import { fromJson, toJson, type WireItem } from './wire.ts';

export interface Seals {
  /** The item as it is stored. */
  protect(table: TableName, item: WireItem): WireItem;
  /** The item as it was before `protect`. @throws IntegrityError where it is not what we wrote */
  reveal(table: TableName, item: WireItem): WireItem;
  /** Of what an index projects, the summary; one from before summaries were sealed is taken as it is. @throws IntegrityError where it is not what we wrote */
  checkSummary(table: TableName, item: WireItem): void;
  /** Whether its seals were made with the key that makes new ones. */
  isCurrent(item: WireItem): boolean;
}

export interface SealOptions {
  readonly vault: Vault;
  /** False while a database from before there were seals gets them: an item without a seal is then taken as it is. */
  readonly required: boolean;
}

export const SEAL = 'seal';
/** What indexes project. It has a seal of its own, because an index does not have the rest of the item. */
export const SUMMARY = 'summary';
const SECRET = 'secret';

/** Events are held by the head that their entity holds; the others decide nothing. */
const UNSEALED: readonly TableName[] = ['audit_log', 'security_log', 'throttles', 'payment_batch_skips'];

/** Attributes that name an account at a bank, or a secret of a person. None of them is a key. */
const ENCRYPTED: Readonly<Partial<Record<TableName, readonly string[]>>> = {
  bank_accounts: ['iban', 'bic', 'routing_number', 'account_number'],
  payments: ['creditor'],
  payment_batches: ['fixed', 'pinned'],
  settings: ['iban', 'bic', 'proposed'],
  users: ['second_factor', 'second_factor_pending'],
  idempotency: ['body'],
};

export const isSealed = (table: TableName): boolean => !UNSEALED.includes(table);

export function createSeals({ vault, required }: SealOptions): Seals {
  return {
    protect(table, item) {
      const { [SEAL]: _old, ...plain } = item;
      const locked = sealSummary(vault, table, lockSecrets(vault, table, plain));
      return { ...locked, [SEAL]: { B: vault.mark(textOf(table, locked)) } };
    },
    reveal(table, item) {
      const { [SEAL]: seal, ...content } = item;
      if (seal === undefined && !required) return content;
      if (seal?.B === undefined || !vault.bears(textOf(table, content), seal.B)) throw broken(table, item);
      return withoutSummarySeal(unlockSecrets(vault, table, content));
    },
    checkSummary(table, item) {
      const { [SEAL]: seal, ...summary } = item[SUMMARY]?.M ?? {};
      if (seal === undefined) return;
      if (seal.B === undefined || !vault.bears(summaryText(table, item, summary), seal.B)) throw broken(table, item);
    },
    isCurrent(item) {
      const summary = item[SUMMARY]?.M;
      const seals = [item[SEAL], ...(summary === undefined ? [] : [summary[SEAL]])];
      return seals.every((seal) => seal?.B !== undefined && vault.isCurrent(seal.B));
    },
  };
}

function sealSummary(vault: Vault, table: TableName, item: WireItem): WireItem {
  const { [SEAL]: _old, ...summary } = item[SUMMARY]?.M ?? {};
  if (Object.keys(summary).length === 0) return item;
  const seal = { B: vault.mark(summaryText(table, item, summary)) };
  return { ...item, [SUMMARY]: { M: { ...summary, [SEAL]: seal } } };
}

function withoutSummarySeal(item: WireItem): WireItem {
  if (item[SUMMARY]?.M?.[SEAL] === undefined) return item;
  const { [SEAL]: _seal, ...summary } = item[SUMMARY].M;
  return { ...item, [SUMMARY]: { M: summary } };
}

const summaryText = (table: TableName, item: WireItem, summary: WireItem): string =>
  `${table} ${SUMMARY}\n${keyOf(table, item).join('\n')}\n${canonicalItem(summary)}`;

const textOf = (table: TableName, content: WireItem): string => `${tableOf(table)}\n${canonicalItem(content)}`;

const broken = (table: TableName, item: WireItem): IntegrityError =>
  new IntegrityError('integrity.seal-broken', table, subjectOf(textIn(item, tableDefinitions[table].hash_key)));

/** What follows a `#` in a key may be an e-mail address, a number or a name. */
export const subjectOf = (id: string): string => id.replace(/#.*$/s, '#');

const keyOf = (table: TableName, item: WireItem): readonly string[] =>
  keyAttributes(tableDefinitions[table]).map((name) => textIn(item, name));

/** The keys of sealed tables are text. */
const textIn = (item: WireItem, name: string): string => item[name]?.S ?? '';

/** What is text, together: so what encryption adds is added once. Bytes stay where they are. */
function lockSecrets(vault: Vault, table: TableName, item: WireItem): WireItem {
  const locked: WireItem = { ...item };
  const texts: WireItem = {};
  for (const name of ENCRYPTED[table] ?? []) {
    const value = locked[name];
    if (value === undefined || value.NULL === true) continue;
    if (value.B !== undefined) locked[name] = { B: vault.lock(value.B, contextOf(table, item, name)) };
    else {
      texts[name] = value;
      delete locked[name];
    }
  }
  if (Object.keys(texts).length === 0) return locked;
  return { ...locked, [SECRET]: { B: vault.lock(Buffer.from(toJson(texts)), contextOf(table, item, SECRET)) } };
}

function unlockSecrets(vault: Vault, table: TableName, item: WireItem): WireItem {
  const { [SECRET]: secret, ...rest } = item;
  const unlocked: WireItem = rest;
  for (const name of ENCRYPTED[table] ?? []) {
    const bytes = rest[name]?.B;
    if (bytes !== undefined) unlocked[name] = { B: vault.unlock(bytes, contextOf(table, item, name)) };
  }
  if (secret?.B === undefined) return unlocked;
  return { ...unlocked, ...fromJson(vault.unlock(secret.B, contextOf(table, item, SECRET)).toString('utf8')) };
}

const contextOf = (table: TableName, item: WireItem, name: string): string =>
  [table, ...keyOf(table, item), name].join('\n');

/** Puts what was read back with the seal of now. @returns false where it was changed meanwhile: another item has another seal */
export async function replaceSealed(
  client: DocumentClient,
  TableName: string,
  { [SEAL]: seal }: WireItem,
  Item: WireItem,
): Promise<boolean> {
  const condition =
    seal === undefined
      ? { ConditionExpression: 'attribute_not_exists(#seal)' }
      : { ConditionExpression: '#seal = :seal', ExpressionAttributeValues: { ':seal': seal } };
  try {
    await client.send(
      new PutItemCommand({ TableName, Item, ...condition, ExpressionAttributeNames: { '#seal': SEAL } }),
    );
    return true;
  } catch (error) {
    if (error instanceof Error && error.name === 'ConditionalCheckFailedException') return false;
    throw error;
  }
}

/** By the end of a table's name, whatever its prefix. The shortest that fits: no prefix makes one table another. */
const BY_LENGTH = [...TABLES].sort((a, b) => a.length - b.length);
const known = new Map<string, TableName | undefined>();

/** Undefined for a table that is none of ours. */
export function tableOf(name: string): TableName | undefined {
  if (!known.has(name))
    known.set(
      name,
      BY_LENGTH.find((table) => name.endsWith(table)),
    );
  return known.get(name);
}
