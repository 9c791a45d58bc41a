import { randomBytes } from 'node:crypto';
import { PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import {
  BatchGetCommand,
  GetCommand,
  NumberValue,
  PutCommand,
  QueryCommand,
  TransactGetCommand,
  TransactWriteCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import t from 'tap';
import { createVault } from '../../../src/shared/crypto.ts';
import { canonicalItem } from '../../../src/shared/dynamo/canonical-item.ts';
import { createDocumentClient } from '../../../src/shared/dynamo/client.ts';
import { itemSize } from '../../../src/shared/dynamo/item-size.ts';
import { sealItems } from '../../../src/shared/dynamo/sealed-client.ts';
import { createSeals, replaceSealed, SEAL, tableOf } from '../../../src/shared/dynamo/seals.ts';
import { fromWire, type WireItem } from '../../../src/shared/dynamo/wire.ts';
import { IntegrityError } from '../../../src/shared/errors.ts';
import { testDynamo } from '../../support/dynamodb-local.ts';

const key = randomBytes(32).toString('base64');
const vault = createVault(key);
const seals = createSeals({ vault, required: true });
const BROKEN = { name: 'IntegrityError', code: 'integrity.seal-broken' };

const ACCOUNT: WireItem = {
  id: { S: 'acc_1' },
  iban: { S: 'NL91ABNA0417164300' },
  bic: { NULL: true },
  account_number: { S: '007' },
  holder_name: { S: 'Northwind' },
  version: { N: '1' },
  flags: { L: [{ BOOL: true }, { BOOL: false }, { M: { bytes: { B: Buffer.from('bytes') } } }] },
};

t.test('an item is what it was, and nothing in it can be changed, moved or left out', (t) => {
  const stored = seals.protect('bank_accounts', ACCOUNT);
  t.same(seals.reveal('bank_accounts', stored), ACCOUNT);
  t.same(
    seals.reveal('bank_accounts', seals.protect('bank_accounts', { ...ACCOUNT, [SEAL]: { B: Buffer.of(1) } })),
    ACCOUNT,
  );
  t.notMatch(JSON.stringify(stored), /0417164300|007/);
  const changes: WireItem[] = [
    { ...stored, version: { N: '2' } },
    { ...stored, version: { S: '1' } },
    { ...stored, holder_name: { S: 'Northwind ' } },
    { ...stored, id: { S: 'acc_2' } },
    { ...stored, more: { NULL: true } },
    { ...stored, flags: { L: [{ BOOL: true }, { BOOL: true }] } },
    { ...stored, flags: { SS: ['a'] } },
    { ...stored, secret: { B: randomBytes(60) } },
    { ...stored, [SEAL]: { S: 'text' } },
    Object.fromEntries(Object.entries(stored).filter(([name]) => name !== 'version')),
    Object.fromEntries(Object.entries(stored).filter(([name]) => name !== SEAL)),
  ];
  for (const changed of changes) t.throws(() => seals.reveal('bank_accounts', changed), BROKEN);
  t.throws(() => seals.reveal('vendors', stored), BROKEN, 'in another table');
  t.throws(
    () =>
      createSeals({ vault: createVault(randomBytes(32).toString('base64')), required: true }).reveal(
        'bank_accounts',
        stored,
      ),
    BROKEN,
  );
  t.end();
});

t.test('a claim is told by its kind alone', (t) => {
  const claim = { id: { S: 'user_email#NAME@EXAMPLE.COM' }, owner: { S: 'usr_1' } };
  t.throws(() => seals.reveal('keys', claim), { ...BROKEN, message: /: user_email# in keys is/ });
  t.throws(() => seals.reveal('keys', { owner: { N: '1' } }), { ...BROKEN, message: /: {2}in keys is/ });
  t.end();
});

t.test('a summary has a seal of its own, which the whole item does not show', (t) => {
  const payment: WireItem = { id: { S: 'pay_1' }, summary: { M: { status: { S: 'approved' }, n: { N: '1.0' } } } };
  const stored = seals.protect('payments', payment);
  t.same(seals.reveal('payments', stored), payment);
  const summary = stored['summary']?.M ?? {};
  const indexed = { id: { S: 'pay_1' }, summary: { M: { ...summary, n: { N: '1' } } } };
  t.doesNotThrow(() => seals.checkSummary('payments', indexed));
  t.doesNotThrow(() => seals.checkSummary('payments', payment), 'one from before summaries were sealed');
  t.doesNotThrow(() => seals.checkSummary('payments', { id: { S: 'pay_1' } }));
  const changed = { ...summary, status: { S: 'settled' } };
  for (const forged of [
    { ...indexed, id: { S: 'pay_2' } },
    { ...indexed, summary: { M: changed } },
    { ...indexed, summary: { M: { ...summary, [SEAL]: { S: 'none' } } } },
  ])
    t.throws(() => seals.checkSummary('payments', forged), BROKEN);
  t.throws(() => seals.checkSummary('invoices', indexed), BROKEN, 'in another table');
  const { [SEAL]: _seal, ...bare } = summary;
  t.equal(seals.isCurrent(stored), true);
  t.equal(seals.isCurrent({ ...stored, summary: { M: bare } }), false);
  t.ok(itemSize(fromWire(stored)) - itemSize(fromWire(payment)) < 100);
  t.end();
});

t.test('an item grows by less than 100 bytes', (t) => {
  const plain = itemSize(fromWire(ACCOUNT));
  t.ok(itemSize(fromWire(seals.protect('bank_accounts', ACCOUNT))) - plain < 100);
  t.ok(itemSize(fromWire(seals.protect('vendors', ACCOUNT))) - plain < 50, 'without bank details');
  const creditor = {
    M: { holder_name: { S: 'Northwind' }, iban: { S: 'NL91ABNA0417164300' }, bic: { NULL: true }, n: { N: '1' } },
  };
  const payment: WireItem = { id: { S: 'pay_1' }, creditor };
  t.ok(itemSize(fromWire(seals.protect('payments', payment))) - itemSize(fromWire(payment)) < 120);
  t.same(seals.reveal('payments', seals.protect('payments', payment)), payment);
  const reply = { id: { S: 'x' }, body: { B: randomBytes(500) } };
  t.ok(itemSize(fromWire(seals.protect('idempotency', reply))) - itemSize(fromWire(reply)) < 100);
  t.end();
});

t.test('while a database is migrated an item without a seal is taken, and one with a wrong seal is not', (t) => {
  const migrating = createSeals({ vault, required: false });
  t.same(migrating.reveal('bank_accounts', ACCOUNT), ACCOUNT);
  t.throws(() => migrating.reveal('bank_accounts', { ...ACCOUNT, [SEAL]: { B: randomBytes(38) } }), BROKEN);
  t.end();
});

t.test('a seal of the key before a rotation holds, and is not current', (t) => {
  const stored = seals.protect('bank_accounts', ACCOUNT);
  const rotated = createSeals({ vault: createVault(randomBytes(32).toString('base64'), key), required: true });
  t.same(rotated.reveal('bank_accounts', stored), ACCOUNT);
  t.same([seals.isCurrent(stored), rotated.isCurrent(stored), seals.isCurrent(ACCOUNT)], [true, false, false]);
  t.end();
});

t.test('a number has one text however it is written, and text is never taken for one', (t) => {
  const text = (N: string): string => canonicalItem({ n: { N } });
  for (const [written, read] of [
    ['850.00', '850'],
    ['1E+3', '1000'],
    ['-0', '0'],
    ['0.0000010', '1E-6'],
    ['-1.50', '-1.5'],
  ] as const)
    t.equal(text(written), text(read), written);
  t.not(text('850'), text('850.0000000001'));
  t.not(canonicalItem({ n: { S: '850.00' } }), canonicalItem({ n: { S: '850' } }));
  t.not(canonicalItem({ a: { S: 'b' } }), canonicalItem({ a: { N: '0' } }));
  t.equal(canonicalItem({ a: { S: 'b' }, c: undefined as never }), canonicalItem({ a: { S: 'b' } }));
  t.end();
});

t.test('a table is known by the end of its name', (t) => {
  t.same(['p2p_vendors', 'vendors', 'x_payment_batches', 'x_audit_log', 'others'].map(tableOf), [
    'vendors',
    'vendors',
    'payment_batches',
    'audit_log',
    undefined,
  ]);
  t.equal(tableOf('p2p_api_keys'), tableOf('api_keys'));
  t.end();
});

t.test('a client seals what it puts and checks what it reads, alone, together and in transactions', async (t) => {
  const dynamo = await testDynamo(t);
  await dynamo.createTables('vendors', 'keys', 'audit_log', 'idempotency');
  const client = createDocumentClient(dynamo.config);
  t.teardown(() => client.destroy());
  const told: string[] = [];
  sealItems(client, seals, () => told.push('a dependency made before'));
  sealItems(client, seals, ({ table, subject }) => told.push(`${table} ${subject}`));
  const { vendors, keys, audit_log, idempotency } = dynamo.names;
  const values = {
    id: 'ven_1',
    amount: NumberValue.from('850.00'),
    gone: undefined,
    lines: [{ price: NumberValue.from('1e-6') }],
    n: 3,
  };
  const asRead = { id: 'ven_1', amount: '850', lines: [{ price: /^(1e-6|0\.000001)$/ }], n: '3' };
  await client.send(new PutCommand({ TableName: vendors, Item: values }));
  const write = (TableName: string, id: string, name = 'id') => ({
    Put: { TableName, Item: { [name]: id, seq: 1, body: Buffer.from('reply') } },
  });
  await client.send(
    new TransactWriteCommand({
      TransactItems: [
        write(keys, 'a'),
        write(idempotency, 'i'),
        write(audit_log, 'ven_1', 'entity_id'),
        {
          ConditionCheck: { TableName: vendors, Key: { id: 'ven_2' }, ConditionExpression: 'attribute_not_exists(id)' },
        },
      ],
    }),
  );
  const get = async (TableName: string, id: string, more = {}) =>
    (await client.send(new GetCommand({ TableName, Key: { id }, ...more }))).Item;
  t.match(await get(vendors, 'ven_1'), asRead);
  t.match(await get(idempotency, 'i'), { body: Buffer.from('reply') });
  t.equal(await get(vendors, 'none'), undefined);
  const query = { KeyConditionExpression: 'id = :id', ExpressionAttributeValues: { ':id': 'ven_1' } };
  t.match((await client.send(new QueryCommand({ TableName: vendors, ...query }))).Items, [asRead]);
  const together = { [vendors]: { Keys: [{ id: 'ven_1' }] }, [keys]: { Keys: [{ id: 'a' }, { id: 'b' }] } };
  const batch = await client.send(new BatchGetCommand({ RequestItems: together }));
  t.match(batch.Responses?.[vendors], [asRead]);
  const all = await client.send(
    new TransactGetCommand({
      TransactItems: [
        { Get: { TableName: vendors, Key: { id: 'ven_1' } } },
        { Get: { TableName: keys, Key: { id: 'b' } } },
      ],
    }),
  );
  t.match(
    all.Responses?.map(({ Item }) => Item),
    [asRead, undefined],
  );
  const log = await client.send(new GetCommand({ TableName: audit_log, Key: { entity_id: 'ven_1', seq: 1 } }));
  t.notOk(log.Item?.[SEAL]);

  const { Items: [stored = {}] = [] } = await dynamo.client.send(new ScanCommand({ TableName: vendors }));
  t.ok(stored[SEAL]);
  await dynamo.client.send(new PutItemCommand({ TableName: vendors, Item: { ...stored, amount: { N: '851' } } }));
  await t.rejects(get(vendors, 'ven_1'), BROKEN);
  await t.rejects(client.send(new QueryCommand({ TableName: vendors, ...query })), BROKEN);
  await t.rejects(client.send(new BatchGetCommand({ RequestItems: together })), BROKEN);
  await t.rejects(
    client.send(new TransactGetCommand({ TransactItems: [{ Get: { TableName: vendors, Key: { id: 'ven_1' } } }] })),
    BROKEN,
  );
  const refused = (action: object) =>
    client.send(new TransactWriteCommand({ TransactItems: [action, write(keys, 'c')] }));
  const condition = {
    ConditionExpression: 'attribute_not_exists(id)',
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const,
  };
  await t.rejects(refused({ Put: { TableName: vendors, Item: { id: 'ven_1' }, ...condition } }), BROKEN);
  for (const action of ['Delete', 'ConditionCheck'])
    await t.rejects(refused({ [action]: { TableName: vendors, Key: { id: 'ven_1' }, ...condition } }), BROKEN);
  await t.rejects(refused({ Put: { TableName: keys, Item: { id: 'a' }, ...condition } }), {
    name: 'TransactionCanceledException',
    CancellationReasons: [{ Item: { body: { B: Buffer.from('reply') } } }, {}],
  });
  t.match(await get(vendors, 'ven_1', { ProjectionExpression: 'id' }), { id: 'ven_1' }, 'a part decides nothing');
  t.same(new Set(told), new Set(['vendors ven_1']));
  const update = { Key: { id: 'a' }, UpdateExpression: 'SET n = :n', ExpressionAttributeValues: { ':n': 1 } };
  await t.rejects(client.send(new UpdateCommand({ TableName: keys, ...update })), TypeError);
  const failing = createSeals({ vault, required: true });
  sealItems(
    client,
    {
      ...failing,
      reveal: () => {
        throw new RangeError('another');
      },
    },
    () => told.push('never'),
  );
  await t.rejects(get(keys, 'a'), RangeError);
  t.notOk(told.includes('never'));
  t.ok(new IntegrityError('integrity.rolled-back', 'vendors', 'ven_1') instanceof Error);
});

t.test('a failure other than a change meanwhile is not taken for one', async (t) => {
  const dynamo = await testDynamo(t);
  const client = createDocumentClient(dynamo.config);
  t.teardown(() => client.destroy());
  const replaced = replaceSealed(client, `${dynamo.names.vendors}_of_nobody`, ACCOUNT, ACCOUNT);
  await t.rejects(replaced, { name: 'ResourceNotFoundException' });
});
