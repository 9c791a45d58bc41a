/** Creates the tables where Terraform does not: for the embedded default and for tests. */
import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  type DynamoDBClient,
  type KeySchemaElement,
  ResourceInUseException,
  ResourceNotFoundException,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import {
  type KeyDefinition,
  TABLES,
  type TableDefinition,
  type TableName,
  tableDefinitions,
  tableNames,
} from './tables.ts';

export interface CreateTablesOptions {
  /** All of them where absent. */
  readonly only?: readonly TableName[];
  /** Milliseconds to wait for all of them to become ACTIVE. */
  readonly timeout?: number;
}

const PARALLEL = 4;
const POLL_MS = 50;

/**
 * Creates what is missing, sets the expiry attribute, and returns when every table is ACTIVE. Safe to run twice or in parallel.
 * @returns the full names of the tables this call created.
 */
export async function createTables(
  client: DynamoDBClient,
  prefix: string,
  { only = TABLES, timeout = 120_000 }: CreateTablesOptions = {},
): Promise<readonly string[]> {
  const names = tableNames(prefix);
  const waiting = [...only];
  const created: string[] = [];
  const deadline = Date.now() + timeout;
  const work = async (): Promise<void> => {
    for (let table = waiting.shift(); table !== undefined; table = waiting.shift()) {
      const definition = tableDefinitions[table];
      if (await createIfMissing(client, names[table], definition)) created.push(names[table]);
      await untilActive(client, names[table], deadline);
      if (definition.ttl !== undefined) await expireBy(client, names[table], definition.ttl);
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, work));
  return created;
}

/** What CreateTable needs for a definition. */
export function createTableInput(name: string, definition: TableDefinition): CreateTableCommandInput {
  const indexes = Object.entries(definition.indexes).map(([index, { projection, ...key }]) => ({
    IndexName: index,
    KeySchema: keySchema(key),
    Projection: { ProjectionType: 'INCLUDE' as const, NonKeyAttributes: [...projection] },
  }));
  return {
    TableName: name,
    BillingMode: 'PAY_PER_REQUEST',
    KeySchema: keySchema(definition),
    AttributeDefinitions: Object.entries(definition.attributes).map(([attribute, type]) => ({
      AttributeName: attribute,
      AttributeType: type,
    })),
    ...(indexes.length > 0 && { GlobalSecondaryIndexes: indexes }),
  };
}

const keySchema = ({ hash_key, range_key }: KeyDefinition): KeySchemaElement[] => [
  { AttributeName: hash_key, KeyType: 'HASH' },
  ...(range_key === undefined ? [] : [{ AttributeName: range_key, KeyType: 'RANGE' as const }]),
];

async function statusOf(client: DynamoDBClient, name: string): Promise<string | undefined> {
  try {
    const { Table } = await client.send(new DescribeTableCommand({ TableName: name }));
    return Table?.TableStatus;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
}

async function createIfMissing(client: DynamoDBClient, name: string, definition: TableDefinition): Promise<boolean> {
  if ((await statusOf(client, name)) !== undefined) return false;
  try {
    await client.send(new CreateTableCommand(createTableInput(name, definition)));
    return true;
  } catch (error) {
    if (error instanceof ResourceInUseException) return false; // another process was faster
    throw error;
  }
}

async function untilActive(client: DynamoDBClient, name: string, deadline: number): Promise<void> {
  while ((await statusOf(client, name)) !== 'ACTIVE') {
    if (Date.now() >= deadline) throw new Error(`table ${name} did not become ACTIVE in time`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

async function expireBy(client: DynamoDBClient, name: string, attribute: string): Promise<void> {
  if (await expires(client, name)) return;
  try {
    await client.send(
      new UpdateTimeToLiveCommand({
        TableName: name,
        TimeToLiveSpecification: { AttributeName: attribute, Enabled: true },
      }),
    );
  } catch (error) {
    if (!(await expires(client, name))) throw error; // otherwise another process was faster
  }
}

async function expires(client: DynamoDBClient, name: string): Promise<boolean> {
  const { TimeToLiveDescription: now } = await client.send(new DescribeTimeToLiveCommand({ TableName: name }));
  return now?.TimeToLiveStatus === 'ENABLED' || now?.TimeToLiveStatus === 'ENABLING';
}
