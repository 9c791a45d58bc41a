/** The floor: bare Fastify routes over the plain document client. A route replays the calls it was given and sends what came back. */
import { randomUUID } from 'node:crypto';
import {
  BatchGetCommand,
  DynamoDBDocumentClient,
  GetCommand,
  QueryCommand,
  TransactWriteCommand,
} from '@aws-sdk/lib-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import Fastify from 'fastify';
import { createDynamoClient } from '../src/shared/dynamo/client.ts';
import { cpuMicroseconds, endOnSigterm, type Store } from './child.ts';

// biome-ignore lint/suspicious/noExplicitAny: inputs of whichever call was recorded
type Input = any;

interface Call {
  readonly command: string;
  readonly input: Input;
}

const store = JSON.parse(process.argv[2] ?? '') as Store;
const client = DynamoDBDocumentClient.from(createDynamoClient({ ...store, region: 'local' }));
const app = Fastify({ bodyLimit: 2 * 1024 * 1024 });
const routes = new Map<string, readonly Call[]>();

app.get('/floor/:name', (request) => replay((request.params as { name: string }).name));
app.post('/floor/:name', (request) => replay((request.params as { name: string }).name, request.body));
const url = await app.listen({ host: '127.0.0.1', port: 0 });

async function replay(name: string, body?: unknown): Promise<unknown> {
  let last: unknown;
  for (const { command, input } of routes.get(name) ?? []) {
    if (command === 'GetItemCommand') last = (await client.send(new GetCommand(input))).Item;
    if (command === 'BatchGetItemCommand') last = (await client.send(new BatchGetCommand(input))).Responses;
    if (command === 'QueryCommand') last = (await client.send(new QueryCommand(input))).Items;
    if (command === 'TransactWriteItemsCommand') {
      await client.send(new TransactWriteCommand(fresh(input)));
      last = body;
    }
  }
  return last;
}

/** The same items under keys of their own, so that their conditions hold each time: that of an update, which a new key cannot meet, is left out. */
function fresh(input: Input): Input {
  const id = randomUUID();
  return {
    ClientRequestToken: id,
    TransactItems: input.TransactItems.map((item: Input, index: number) =>
      item.Put === undefined
        ? item
        : {
            Put: {
              ...(isCreation(item.Put) ? item.Put : { TableName: item.Put.TableName }),
              Item: { ...item.Put.Item, ...rekeyed(item.Put.Item, `${id}${index}`) },
            },
          },
    ),
  };
}

const isCreation = ({ ConditionExpression = 'attribute_not_exists' }: Input): boolean =>
  ConditionExpression.startsWith('attribute_not_exists');

const rekeyed = (item: { entity_id?: string }, id: string) =>
  item.entity_id === undefined ? { id } : { entity_id: id };

/** What was recorded is in wire form; the document client takes plain values. */
function plain({ command, input }: Call): Call {
  const { TransactItems, RequestItems, ...rest } = input;
  return {
    command,
    input: {
      ...plainAction(rest),
      ...(RequestItems === undefined ? {} : { RequestItems: plainRequest(RequestItems) }),
      ...(TransactItems === undefined ? {} : { TransactItems: TransactItems.map(plainActions) }),
    },
  };
}

const plainRequest = (request: Input): Input =>
  Object.fromEntries(
    Object.entries(request).map(([table, of]: [string, Input]) => [
      table,
      { ...of, Keys: of.Keys.map((key: Input) => unmarshall(key)) },
    ]),
  );

const plainActions = (item: Input): Input =>
  Object.fromEntries(Object.entries(item).map(([kind, action]) => [kind, plainAction(action)]));

function plainAction(action: Input): Input {
  const copy = { ...action };
  for (const member of ['Item', 'Key', 'ExpressionAttributeValues'])
    if (copy[member] !== undefined) copy[member] = unmarshall(copy[member]);
  return copy;
}

process.on('message', (question: { ask: string; name?: string; calls?: readonly Call[] }) => {
  if (question.ask === 'cpu') process.send?.(cpuMicroseconds());
  if (question.ask === 'route') {
    routes.set(question.name ?? '', (question.calls ?? []).map(plain));
    process.send?.(true);
  }
});
endOnSigterm();
process.send?.({ url });
