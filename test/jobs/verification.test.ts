/** Books that agree, books torn apart as a restore may leave them, and what mends them. */
import { DeleteCommand, GetCommand, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import t from 'tap';
import { markRestored } from '../../src/jobs/restore.ts';
import { repair } from '../../src/jobs/verification/repair.ts';
import { verify } from '../../src/jobs/verification/verify.ts';
import type { TableName } from '../../src/shared/dynamo/tables.ts';
import { scanItems } from '../../src/shared/dynamo/wire.ts';
import { sha256Hex } from '../../src/shared/storage/storage.ts';
import { type Loose, testApi } from '../support/api.ts';
import { jobOver } from '../support/jobs.ts';
import { journeyOver } from '../support/journey.ts';
import { changeItem } from '../support/stored-items.ts';

t.setTimeout(300_000);
const api = await testApi(t);
const { client, dynamo } = api;
await journeyOver(api);

async function all(table: TableName): Promise<Loose[]> {
  const items: Loose[] = [];
  for await (const item of scanItems(client, dynamo.names[table])) items.push(item);
  return items;
}
const entities = async (table: TableName) => (await all(table)).filter(({ id }) => !id.includes('#'));
const set = (table: TableName, id: string, name: string, value: unknown) =>
  changeItem(client, dynamo.names[table], id, (item) => ({ ...item, [name]: value }));
const put = (table: TableName, Item: Loose) => client.send(new PutCommand({ TableName: dynamo.names[table], Item }));
const remove = (table: TableName, Key: Loose) =>
  client.send(new DeleteCommand({ TableName: dynamo.names[table], Key }));
const keyOf = async (kind: string): Promise<Loose> =>
  (await all('keys')).find(({ id }) => id.startsWith(`${kind}#`)) ?? t.fail(`no ${kind}`);

async function found(): Promise<{ readonly result: string; readonly findings: Loose[] }> {
  const job = jobOver(api);
  const { result } = await verify(job.context);
  return { result, findings: job.said.filter(({ kind }) => kind !== undefined) };
}

t.test('after a whole journey everything agrees, and nothing is repaired while commands are taken', async (t) => {
  t.same(await found(), { result: 'ok', findings: [] });
  await t.rejects(repair(jobOver(api).context), { name: 'UsageError', message: /before the service is opened/ });
});

t.test('what is torn apart is found, mended but for what people must judge, and stays mended', async (t) => {
  const [order] = await entities('purchase_orders');
  const [batch] = await entities('payment_batches');
  const [receipt] = await entities('goods_receipts');
  const [vendor] = await entities('vendors');
  const paid = (await entities('invoices')).find(({ status }) => status === 'paid');
  const number = await keyOf('po_number');
  await remove('keys', { id: number.id });
  await remove('keys', { id: `vendor_reference#${vendor.id}` });
  const invoiceNumber = await keyOf('invoice_number');
  await put('keys', { ...invoiceNumber, owner: 'inv_another' });
  const similar = await keyOf('invoice_number_loose');
  await put('keys', { ...similar, owners: ['inv_another'], version: Number(similar.version) });
  await put('keys', { id: 'po_number#PO-LOST', owner: 'po_lost' });
  await put('keys', { id: 'message_id#BATLOST', owner: 'bat_lost' });
  await set('purchase_orders', `${order.id}#counters`, 'lines', { 1: { received_quantity: 60 } });
  await set('invoices', paid.id, 'open_amount', 5);
  // The event came into the backup, the entity it tells of did not; and the other way round.
  await set('goods_receipts', receipt.id, 'audit', { seq: 0, hash: 'f'.repeat(64) });
  await remove('audit_log', { entity_id: vendor.id, seq: Number(vendor.audit.seq) });
  const bytes = Buffer.from('<Document/>');
  const lostFile = { content_type: 'application/xml', sha256: sha256Hex(bytes) };
  await api.infrastructure.storage.payments.put('bat_lost/BATLOST.xml', bytes, lostFile);
  await set('payment_batches', batch.id, 'control_sum', 1);

  const torn = await found();
  const kinds = torn.findings.map(({ kind }) => kind).sort();
  t.equal(torn.result, 'findings');
  const some = ['audit_head', 'audit_head', 'batch', ...Array(6).fill('claim'), 'counter', 'file', 'reservation'];
  t.same(kinds, [...some, 'trail', 'trail']);
  t.match(
    torn.findings.filter(({ kind }) => kind === 'trail').map(({ id, msg }) => [id, msg]),
    [
      [paid.id, /than its trail says: open_amount\./],
      [batch.id, /than its trail says: control_sum\./],
    ],
  );
  t.match(
    torn.findings.find(({ kind }) => kind === 'counter'),
    {
      id: order.id,
      mendable: true,
      msg: /received_quantity of line 1 is 60, its documents say 100; invoiced_quantity of line 1 is 0, its documents say 100/i,
    },
  );
  t.match(
    torn.findings.find(({ kind }) => kind === 'reservation'),
    { id: paid.id, msg: /open is 5.00, payments and credits say 0.00/ },
  );
  t.notMatch(JSON.stringify(torn.findings), /NL91ABNA|@example/, 'no bank detail nor address is told');

  await markRestored(jobOver(api).context, 'a test');
  const dry = await repair(jobOver(api, { dryRun: true }).context);
  t.match(dry, { result: 'findings', facts: { mended: 9, failed: 0, left: 5 } });
  t.same((await found()).findings.map(({ kind }) => kind).sort(), kinds, 'a dry run writes nothing');

  const [first, second] = await Promise.all([repair(jobOver(api).context), repair(jobOver(api).context)]);
  t.ok(Number(first.facts['mended']) + Number(second.facts['mended']) >= 9, 'two at once harm nothing');
  t.same((await found()).findings.map(({ kind, mendable }) => [kind, mendable]).sort(), [
    ['batch', false],
    ['claim', false],
    ['file', false],
    ['trail', false],
  ]);
  t.match(await repair(jobOver(api).context), { result: 'findings', facts: { mended: 0, failed: 0, left: 4 } });

  const { Item: key } = await client.send(new GetCommand({ TableName: dynamo.names.keys, Key: { id: number.id } }));
  t.match(key, { owner: order.id });
  t.same((await entities('invoices')).find(({ id }) => id === paid.id).open_amount, '0');
  const auditor = await api.as('auditor');
  const trail = (await auditor.get(`/audit?entity=purchase_order&entity_id=${order.id}`)).body.data;
  t.match(trail[0], { action: 'repaired', actor: 'system_jobs', reason: /Received_quantity of line 1/ });
  for (const [entity, id] of [
    ['purchase_order', order.id],
    ['receipt', receipt.id],
    ['vendor', vendor.id],
    ['invoice', paid.id],
  ])
    t.match((await auditor.get(`/audit/verify?entity=${entity}&entity_id=${id}`)).body, { valid: true }, entity);
  const { Items: events = [] } = await client.send(
    new QueryCommand({
      TableName: dynamo.names.audit_log,
      KeyConditionExpression: 'entity_id = :id',
      ExpressionAttributeValues: { ':id': 'recovery' },
    }),
  );
  t.ok(
    events.some(({ action }) => action === 'repaired'),
    'claims of nobody are told of in the trail of the restore',
  );
});
