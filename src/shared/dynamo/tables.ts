/** The tables as infra/tables.json defines them: the one definition, which Terraform reads too. */
import { readFileSync } from 'node:fs';

export const TABLES = [
  'vendors',
  'bank_accounts',
  'purchase_orders',
  'goods_receipts',
  'invoices',
  'payments',
  'payment_batches',
  'payment_batch_skips',
  'bank_messages',
  'bank_message_lines',
  'documents',
  'users',
  'api_keys',
  'sessions',
  'settings',
  'audit_log',
  'security_log',
  'keys',
  'idempotency',
  'throttles',
] as const;

export type TableName = (typeof TABLES)[number];
export type AttributeType = 'S' | 'N' | 'B';

export interface KeyDefinition {
  readonly hash_key: string;
  readonly range_key?: string;
}

export interface IndexDefinition extends KeyDefinition {
  readonly range_key: string;
  /** Non-key attributes the index carries besides its keys and the table's. */
  readonly projection: readonly string[];
}

export interface TableDefinition extends KeyDefinition {
  readonly description: string;
  /** Every key attribute of the table and its indexes, and nothing else. */
  readonly attributes: Readonly<Record<string, AttributeType>>;
  readonly indexes: Readonly<Record<string, IndexDefinition>>;
  /** The attribute with the epoch seconds after which DynamoDB may delete the item, some time later. */
  readonly ttl?: string;
  /** Whether point-in-time recovery, backups and exports take it. */
  readonly backup: boolean;
}

export type TableDefinitions = Readonly<Record<TableName, TableDefinition>>;
export type TableNames = Readonly<Record<TableName, string>>;

/** src/shared/dynamo and dist/shared/dynamo lie equally deep, so one relative path finds the package's file from both. */
export const TABLES_FILE = new URL('../../../infra/tables.json', import.meta.url);

/** @throws Error when the file defines other tables than the code knows. */
export function parseTables(text: string): TableDefinitions {
  const { tables } = JSON.parse(text) as { readonly tables: TableDefinitions };
  const found = Object.keys(tables).sort().join(', ');
  const expected = [...TABLES].sort().join(', ');
  if (found !== expected) throw new Error(`infra/tables.json defines ${found}; the server was built for ${expected}`);
  return tables;
}

export const tableDefinitions: TableDefinitions = parseTables(readFileSync(TABLES_FILE, 'utf8'));

/** The full name of every table under a prefix: `tableNames('p2p_').vendors` is `p2p_vendors`. */
export const tableNames = (prefix: string): TableNames => ({
  vendors: `${prefix}vendors`,
  bank_accounts: `${prefix}bank_accounts`,
  purchase_orders: `${prefix}purchase_orders`,
  goods_receipts: `${prefix}goods_receipts`,
  invoices: `${prefix}invoices`,
  payments: `${prefix}payments`,
  payment_batches: `${prefix}payment_batches`,
  payment_batch_skips: `${prefix}payment_batch_skips`,
  bank_messages: `${prefix}bank_messages`,
  bank_message_lines: `${prefix}bank_message_lines`,
  documents: `${prefix}documents`,
  users: `${prefix}users`,
  api_keys: `${prefix}api_keys`,
  sessions: `${prefix}sessions`,
  settings: `${prefix}settings`,
  audit_log: `${prefix}audit_log`,
  security_log: `${prefix}security_log`,
  keys: `${prefix}keys`,
  idempotency: `${prefix}idempotency`,
  throttles: `${prefix}throttles`,
});

/** The attributes that make up an item's key in that table. */
export const keyAttributes = (definition: KeyDefinition): readonly string[] =>
  definition.range_key === undefined ? [definition.hash_key] : [definition.hash_key, definition.range_key];
