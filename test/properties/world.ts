/** The company of one history: its people, what they made so far, and every request they sent. */
import { BatchWriteCommand } from '@aws-sdk/lib-dynamodb';
import { nextBankingDay } from '../../src/shared/business-days.ts';
import { addDays, calendarDay } from '../../src/shared/clock.ts';
import { keyAttributes, type TableName, tableDefinitions } from '../../src/shared/dynamo/tables.ts';
import { scanItems, WRITE_AT_ONCE } from '../../src/shared/dynamo/wire.ts';
import type { Role } from '../../src/shared/permissions.ts';
import type { Loose, TestApi } from '../support/api.ts';

/** Who sends a request: a person by token, or a machine whose acts are its owner's. */
export interface Person {
  readonly id: string;
  /** Made for each request: a token does not live as long as many histories. */
  readonly headers: () => Readonly<Record<string, string>>;
}

export interface Exchange {
  readonly request_id: string;
  /** On a clock that ticks with every request sent and answered: one came before another if it ended before that began. */
  readonly began: number;
  readonly ended: number;
  readonly actor: string;
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
  readonly dryRun: boolean;
  readonly key: string | undefined;
  readonly status: number;
  readonly reply: Loose;
}

export const KINDS = ['vendor', 'account', 'order', 'receipt', 'invoice', 'payment', 'batch'] as const;
export type Kind = (typeof KINDS)[number];

const PREFIX: Readonly<Record<string, Kind>> = {
  ven: 'vendor',
  acc: 'account',
  po: 'order',
  rcv: 'receipt',
  inv: 'invoice',
  pay: 'payment',
  bat: 'batch',
};

export interface SendOptions {
  readonly version?: number | undefined;
  readonly dryRun?: boolean;
  readonly key?: string | undefined;
}

export interface World {
  readonly people: readonly Person[];
  readonly ids: Readonly<Record<Kind, string[]>>;
  readonly exchanges: Exchange[];
  readonly debtorAccountId: string;
  readonly today: string;
  readonly executionDate: string;
  /** A number that no other document of this run has. */
  unique(): number;
  send(person: Person, method: string, path: string, body?: unknown, options?: SendOptions): Promise<Loose>;
  /** As it stands, or undefined where it cannot be read. */
  read(path: string): Promise<Loose>;
}

export interface Company {
  readonly people: readonly Person[];
  readonly debtorAccountId: string;
}

const OPERATOR: readonly Role[] = ['vendor_manager', 'buyer', 'approver', 'receiver', 'ap_manager', 'treasurer'];
const ROLES: readonly (readonly Role[])[] = [
  OPERATOR,
  OPERATOR,
  OPERATOR,
  ['buyer', 'receiver', 'ap_clerk'],
  ['approver', 'ap_manager', 'treasurer'],
];
const KEY_SCOPES = [
  'purchase_order:create',
  'purchase_order:submit',
  'invoice:create',
  'invoice:match',
  'payment:create',
];

/** Three people who may everything, two who may less, and a machine that belongs to the first. */
export async function foundCompany(api: TestApi): Promise<Company> {
  const callers = await Promise.all(ROLES.map((roles, index) => api.as(roles, `person ${index}`)));
  const admin = await api.as('admin');
  const debtor = await admin.post('/settings/debtor-accounts', {
    name: 'Example Company BV',
    iban: 'NL91ABNA0417164300',
    bic: 'ABNANL2A',
    currency: 'EUR',
    country: 'NL',
  });
  const owner = callers[0]?.id;
  const key = await admin.post('/api-keys', { name: 'Scanner', owner_id: owner, scopes: KEY_SCOPES });
  if (debtor.status !== 201 || key.status !== 201 || owner === undefined)
    throw new Error(JSON.stringify([debtor.body, key.body]));
  return {
    people: [
      ...callers.map(({ id }, index) => ({
        id,
        headers: () => ({
          authorization: `Bearer ${api.app.signAccessToken({ sub: id, roles: [...(ROLES[index] ?? [])], epoch: 1 })}`,
        }),
      })),
      { id: owner, headers: () => ({ 'x-api-key': String(key.body.key) }) },
    ],
    debtorAccountId: debtor.body.id,
  };
}

let histories = 0;
let numbers = 0;

export function newWorld(api: TestApi, company: Company): World {
  histories += 1;
  const history = histories;
  let clock = 0;
  const tick = (): number => {
    clock += 1;
    return clock;
  };
  const today = calendarDay(new Date(), 'UTC');
  const world: World = {
    ...company,
    ids: { vendor: [], account: [], order: [], receipt: [], invoice: [], payment: [], batch: [] },
    exchanges: [],
    today,
    executionDate: nextBankingDay(addDays(today, 3)),
    unique: () => {
      numbers += 1;
      return numbers;
    },
    async send(person, method, path, body, { version, dryRun = false, key } = {}) {
      const began = tick();
      const request_id = `h${history}.${began}`;
      const response = await api.app.inject({
        method: method as 'GET',
        url: `/api/v1${path}${dryRun ? '?dry_run=true' : ''}`,
        headers: {
          ...person.headers(),
          'x-request-id': request_id,
          ...(version === undefined ? {} : { 'if-match': `"${version}"` }),
          ...(key === undefined ? {} : { 'idempotency-key': key }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
      });
      const reply = parsed(String(response.headers['content-type']), response.body);
      const { statusCode: status } = response;
      const sent = { request_id, actor: person.id, method, path, body, dryRun, key };
      world.exchanges.push({ ...sent, began, ended: tick(), status, reply });
      if (status === 201 && !dryRun) remember(world, reply?.id);
      for (const { id } of reply?.payments ?? []) remember(world, id);
      return { status, body: reply };
    },
    async read(path) {
      const [reader] = company.people;
      if (reader === undefined) return undefined;
      const reply = await world.send(reader, 'GET', path);
      return reply.status === 200 ? reply.body : undefined;
    },
  };
  return world;
}

function parsed(type: string, body: string): Loose {
  return type.includes('json') && body !== '' ? JSON.parse(body) : body;
}

function remember({ ids }: World, id: unknown): void {
  const kind = PREFIX[String(id).split('_')[0] ?? ''];
  if (kind !== undefined && !ids[kind].includes(String(id))) ids[kind].push(String(id));
}

/** Emptied between histories, so that a run of payments takes only what its own history made. */
export const TABLES_OF_HISTORY: readonly TableName[] = [
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
  'audit_log',
];

export async function forget(api: TestApi): Promise<void> {
  await Promise.all(
    TABLES_OF_HISTORY.map(async (table) => {
      const name = api.infrastructure.tableNames[table];
      const keys = keyAttributes(tableDefinitions[table]);
      const requests: Loose[] = [];
      for await (const item of scanItems(api.client, name, [...keys])) {
        const Key = Object.fromEntries(keys.map((key) => [key, key === 'seq' ? Number(item[key]) : item[key]]));
        requests.push({ DeleteRequest: { Key } });
      }
      for (let start = 0; start < requests.length; start += WRITE_AT_ONCE)
        await api.client.send(
          new BatchWriteCommand({ RequestItems: { [name]: requests.slice(start, start + WRITE_AT_ONCE) } }),
        );
    }),
  );
}
