import { readFileSync } from 'node:fs';
import {
  CreateTableCommand,
  DeleteTableCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
  ListTablesCommand,
} from '@aws-sdk/client-dynamodb';
import { Ajv } from 'ajv';
import t from 'tap';
import { createTableInput, createTables } from '../../../src/shared/dynamo/create-tables.ts';
import {
  keyAttributes,
  parseTables,
  TABLES,
  TABLES_FILE,
  tableDefinitions,
  tableNames,
} from '../../../src/shared/dynamo/tables.ts';
import { testDynamo } from '../../support/dynamodb-local.ts';

const read = (file: URL): unknown => JSON.parse(readFileSync(file, 'utf8'));

t.test('the file of the tables is valid by its own schema', async (t) => {
  const validate = new Ajv({ allErrors: true }).compile(Object(read(new URL('tables.schema.json', TABLES_FILE))));
  t.ok(validate(read(TABLES_FILE)), JSON.stringify(validate.errors));
});

t.test('every table defines exactly the attributes its keys use, as DynamoDB demands', async (t) => {
  for (const table of TABLES) {
    const definition = tableDefinitions[table];
    const used = [definition, ...Object.values(definition.indexes)].flatMap(keyAttributes);
    t.strictSame(Object.keys(definition.attributes).sort(), [...new Set(used)].sort(), table);
  }
});

t.test('no table goes over what DynamoDB allows for indexes', async (t) => {
  for (const table of TABLES) {
    const indexes = Object.values(tableDefinitions[table].indexes);
    t.ok(indexes.length <= 20, `${table} has at most 20 indexes`);
    t.ok(indexes.flatMap((index) => index.projection).length <= 100, `${table} projects at most 100 attributes`);
  }
});

t.test('a file with other tables than the code knows is refused by name', async (t) => {
  t.throws(
    () => parseTables('{"tables":{"invoice":{}}}'),
    /defines invoice; the server was built for api_keys, audit_log/,
  );
});

t.test('the full name is prefix and name, for every table', async (t) => {
  const names = tableNames('acme_');
  for (const table of TABLES) t.equal(names[table], `acme_${table}`);
  t.equal(Object.keys(names).length, TABLES.length);
});

t.test('a table without indexes asks for none, since DynamoDB refuses an empty list', async (t) => {
  const input = createTableInput('k', tableDefinitions.keys);
  t.notHas(input, { GlobalSecondaryIndexes: [] });
  t.strictSame(input.KeySchema, [{ AttributeName: 'id', KeyType: 'HASH' }]);
});

t.test('on DynamoDB Local', async (t) => {
  const { client, prefix, names } = await testDynamo(t);
  t.teardown(async () => {
    await Promise.all(Object.values(names).map((name) => client.send(new DeleteTableCommand({ TableName: name }))));
  });

  await t.test('all tables are created at once, and a second time none', async (t) => {
    const [first, second] = await Promise.all([createTables(client, prefix), createTables(client, prefix)]);
    t.strictSame(
      [...first, ...second].sort(),
      Object.values(names).sort(),
      'two at the same time create each table once',
    );
    t.strictSame(await createTables(client, prefix), []);
    const { TableNames: listed = [] } = await client.send(
      new ListTablesCommand({ ExclusiveStartTableName: prefix, Limit: TABLES.length }),
    );
    t.strictSame(listed, Object.values(names).sort());
  });

  await t.test('they are what the definitions say', async (t) => {
    for (const table of TABLES) {
      const { Table } = await client.send(new DescribeTableCommand({ TableName: names[table] }));
      const definition = tableDefinitions[table];
      t.equal(Table?.TableStatus, 'ACTIVE');
      t.equal(Table?.BillingModeSummary?.BillingMode, 'PAY_PER_REQUEST', table);
      t.strictSame(
        Table?.KeySchema?.map((key) => key.AttributeName),
        keyAttributes(definition),
        table,
      );
      const indexes = Table?.GlobalSecondaryIndexes ?? [];
      t.strictSame(indexes.map((index) => index.IndexName).sort(), Object.keys(definition.indexes).sort(), table);
      for (const index of indexes) {
        const expected = definition.indexes[index.IndexName ?? ''];
        t.strictSame(
          index.KeySchema?.map((key) => key.AttributeName),
          expected && keyAttributes(expected),
        );
        t.strictSame(index.Projection, { ProjectionType: 'INCLUDE', NonKeyAttributes: expected?.projection });
      }
      const { TimeToLiveDescription: ttl } = await client.send(
        new DescribeTimeToLiveCommand({ TableName: names[table] }),
      );
      t.equal(ttl?.AttributeName, definition.ttl, `${table} expires by ${definition.ttl ?? 'nothing'}`);
    }
  });
});

t.test('a table that never becomes active ends in a sentence with its name', async (t) => {
  const { client, config, prefix, createTables: create } = await testDynamo(t);
  await create('keys');
  const stuck = new DynamoDBClient(config);
  stuck.middlewareStack.add(
    (next, context) => async (args) => {
      const result = await next(args);
      const output = Object(result.output);
      if (context.commandName === 'DescribeTableCommand') output.Table.TableStatus = 'CREATING';
      return result;
    },
    { step: 'initialize' },
  );
  await t.rejects(createTables(stuck, prefix, { only: ['keys'], timeout: 60 }), {
    message: `table ${prefix}keys did not become ACTIVE in time`,
  });
  t.strictSame(await createTables(client, prefix, { only: ['keys'] }), []);
  stuck.destroy();
});

t.test('a table that is not active yet is waited for', async (t) => {
  const { config, prefix, createTables: create } = await testDynamo(t);
  await create('keys');
  const slow = new DynamoDBClient(config);
  t.teardown(() => slow.destroy());
  let looks = 0;
  slow.middlewareStack.add(
    (next, context) => async (args) => {
      const result = await next(args);
      if (context['commandName'] === 'DescribeTableCommand' && ++looks < 4)
        Object.assign(result.output, { Table: { TableStatus: 'CREATING' } });
      return result;
    },
    { step: 'initialize' },
  );
  t.strictSame(await createTables(slow, prefix, { only: ['keys'] }), []);
  t.equal(looks, 4);
});

t.test('an expiry that another process set between look and act is fine, one that cannot be set is not', async (t) => {
  const { config, client, prefix, createTables: create } = await testDynamo(t);
  await create('sessions');
  const late = new DynamoDBClient(config);
  t.teardown(() => late.destroy());
  let looks = 0;
  late.middlewareStack.add(
    (next, context) => async (args) => {
      const reply = await next(args);
      if (context['commandName'] === 'DescribeTimeToLiveCommand' && ++looks === 1) {
        Object.assign(reply.output, { TimeToLiveDescription: { TimeToLiveStatus: 'DISABLED' } });
      }
      return reply;
    },
    { step: 'initialize' },
  );
  t.strictSame(await createTables(late, prefix, { only: ['sessions'] }), []);
  t.equal(looks, 2);

  const broken = new DynamoDBClient(config);
  t.teardown(() => broken.destroy());
  broken.middlewareStack.add(
    (next, context) => async (args) => {
      if (context['commandName'] === 'UpdateTimeToLiveCommand') throw new Error('not today');
      return next(args);
    },
    { step: 'initialize' },
  );
  await t.rejects(createTables(broken, prefix, { only: ['throttles'] }), { message: 'not today' });
  await client.send(new DeleteTableCommand({ TableName: `${prefix}throttles` }));
});

t.test('a failure of DynamoDB is not taken for a missing or existing table', async (t) => {
  const { config, client, prefix } = await testDynamo(t);
  const failing = (command: string): DynamoDBClient => {
    const broken = new DynamoDBClient(config);
    broken.middlewareStack.add(
      (next, context) => async (args) => {
        if (context.commandName === command) throw new Error(`no ${command} today`);
        return next(args);
      },
      { step: 'initialize' },
    );
    t.teardown(() => broken.destroy());
    return broken;
  };
  for (const command of [DescribeTableCommand.name, CreateTableCommand.name]) {
    await t.rejects(createTables(failing(command), prefix, { only: ['keys'] }), { message: `no ${command} today` });
  }
  t.strictSame(await createTables(client, prefix, { only: ['keys'] }), [`${prefix}keys`]);
  await client.send(new DeleteTableCommand({ TableName: `${prefix}keys` }));
});

t.test('two test files have different prefixes', async (t) => {
  const [one, other] = [await testDynamo(t), await testDynamo(t)];
  t.not(one.prefix, other.prefix);
  t.match(one.prefix, /^t[0-9a-f]{10}_$/);
});
