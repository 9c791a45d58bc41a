/**
 * DynamoDB Local answers a write before SQLite has committed it: killed at that moment, the write is gone. A read behind it waits for the
 * commit. So one strongly consistent read after every write makes acknowledged mean durable, as it does on AWS.
 */
import {
  type AttributeValue,
  DescribeTableCommand,
  type DynamoDBClient,
  GetItemCommand,
} from '@aws-sdk/client-dynamodb';

type Item = Readonly<Record<string, AttributeValue>>;

/** One written item: whole (a put) or by its key (an update or delete). */
interface Written {
  readonly TableName: string;
  readonly Item?: Item;
  readonly Key?: Item;
}

interface WriteInput {
  readonly TransactItems?: readonly { readonly Put?: Written; readonly Update?: Written; readonly Delete?: Written }[];
  readonly RequestItems?: Readonly<
    Record<string, readonly { readonly PutRequest?: { Item: Item }; readonly DeleteRequest?: { Key: Item } }[]>
  >;
}

const WRITES: ReadonlySet<unknown> = new Set([
  'TransactWriteItemsCommand',
  'PutItemCommand',
  'UpdateItemCommand',
  'DeleteItemCommand',
  'BatchWriteItemCommand',
]);

/** Holds for document clients made from this client too: they share its middleware. */
export function addCommitBarrier(client: DynamoDBClient): void {
  const keySchemas = new Map<string, Promise<readonly string[]>>();
  const keyOf = async ({ TableName, Item, Key }: Written): Promise<Record<string, AttributeValue>> => {
    if (Item === undefined) return { ...Key };
    const schema = keySchemas.get(TableName) ?? describeKey(client, TableName);
    keySchemas.set(TableName, schema);
    const names = await schema;
    return Object.fromEntries(Object.entries(Item).filter(([name]) => names.includes(name)));
  };
  client.middlewareStack.add(
    (next, context) => async (args) => {
      const reply = await next(args);
      const written = WRITES.has(context['commandName']) ? firstWritten(parseInput(args.input)) : undefined;
      if (written !== undefined) {
        const { TableName } = written;
        await client.send(new GetItemCommand({ TableName, Key: await keyOf(written), ConsistentRead: true }));
      }
      return reply;
    },
    // Behind the serializer, and so behind the document client's own step: here the input is in wire form. Before the retries.
    { step: 'build', name: 'commitBarrier' },
  );
}

async function describeKey(client: DynamoDBClient, name: string): Promise<readonly string[]> {
  const { Table } = await client.send(new DescribeTableCommand({ TableName: name }));
  return (Table?.KeySchema ?? []).flatMap((key) => key.AttributeName ?? []);
}

function parseInput(input: object): WriteInput & Partial<Written> {
  return input as WriteInput & Partial<Written>;
}

function firstWritten(input: WriteInput & Partial<Written>): Written | undefined {
  if (input.TransactItems !== undefined) {
    // A transaction of condition checks alone writes nothing.
    return input.TransactItems.flatMap((item) => item.Put ?? item.Update ?? item.Delete ?? [])[0];
  }
  const [batch] = Object.entries(input.RequestItems ?? {});
  const request = batch?.[1][0];
  if (batch !== undefined && request?.PutRequest !== undefined) return { TableName: batch[0], ...request.PutRequest };
  if (batch !== undefined && request?.DeleteRequest !== undefined)
    return { TableName: batch[0], ...request.DeleteRequest };
  return input.TableName === undefined ? undefined : { ...input, TableName: input.TableName };
}
