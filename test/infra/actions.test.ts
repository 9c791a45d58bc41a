/** infra/actions.json is what Terraform lets the roles of the server and of its jobs do: it must be what they do, no less and no more. */
import { readFileSync } from 'node:fs';
import { CreateBucketCommand, PutObjectTaggingCommand, type S3Client } from '@aws-sdk/client-s3';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import t from 'tap';
import { anchorAudit } from '../../src/jobs/anchor-audit.ts';
import { JOBS } from '../../src/jobs/index.ts';
import type { JobContext } from '../../src/jobs/job.ts';
import { markRestored } from '../../src/jobs/restore.ts';
import { repair } from '../../src/jobs/verification/repair.ts';
import { verify } from '../../src/jobs/verification/verify.ts';
import { verifyAudit } from '../../src/jobs/verify-audit.ts';
import { TABLES } from '../../src/shared/dynamo/tables.ts';
import { s3Client, s3Storage, s3Tag } from '../../src/shared/storage/s3-storage.ts';
import { SCAN_TAG, tagScan } from '../../src/shared/storage/scan.ts';
import { sha256Hex } from '../../src/shared/storage/storage.ts';
import { type Json, type Loose, TEST_PASSWORD, testApi } from '../support/api.ts';
import { jobOver } from '../support/jobs.ts';
import { journeyOver } from '../support/journey.ts';
import { testS3 } from '../support/s3-server.ts';

type Actions = Readonly<Record<string, readonly string[]>>;
const { server: ALLOWED, jobs: MORE } = JSON.parse(
  readFileSync(new URL('../../infra/actions.json', import.meta.url), 'utf8'),
) as { server: Actions; jobs: Actions };
const TERRAFORM = readFileSync(new URL('../../infra/modules/access/main.tf', import.meta.url), 'utf8');
const APPEND_ONLY = ['audit_log', 'security_log'];
const BUCKETS = ['payments', 'documents', 'backups', 'anchors'] as const;

/** The action that IAM asks for, by the operation of S3 that needs another one than its name. */
const S3_ACTIONS: Readonly<Record<string, string>> = {
  HeadBucket: 's3:ListBucket',
  ListObjectsV2: 's3:ListBucket',
  ListObjectVersions: 's3:ListBucketVersions',
  HeadObject: 's3:GetObject',
};

const done = new Map<string, Set<string>>();
const note = (group: string, action: string): void =>
  void (done.get(group) ?? done.set(group, new Set()).get(group))?.add(action);

const s3 = await testS3(t);
const objects = s3Client(s3.config);
for (const name of BUCKETS) await objects.send(new CreateBucketCommand({ Bucket: name }));
const bucket = (name: (typeof BUCKETS)[number]) => s3Storage({ client: objects, bucket: name, trustChecksums: false });
const storage = { payments: bucket('payments'), documents: bucket('documents'), backups: bucket('backups') };
const anchorsApart = { ...storage, anchors: bucket('anchors') };
// The stand-in gives the tags of keys without a folder alone: all documents have this one's.
await storage.documents.put('scanned', Buffer.from('.'), { content_type: 'text/plain', sha256: sha256Hex('.') });
const Tagging = { TagSet: [{ Key: SCAN_TAG, Value: 'NO_THREATS_FOUND' }] };
await objects.send(new PutObjectTaggingCommand({ Bucket: 'documents', Key: 'scanned', Tagging }));
const documentScan = tagScan(() => s3Tag({ client: objects, bucket: 'documents' }, 'scanned', SCAN_TAG));
const api = await testApi(t, {}, { storage: anchorsApart, documentScan });
t.teardown(() => objects.destroy());
recordTables(api.client, new Map(TABLES.map((name) => [api.dynamo.names[name], name])));
recordBuckets(objects);

t.test('the whole journey, and what people do beside it', async (t) => {
  await journeyOver(api);
  const { email } = (await (await api.as('admin')).get('/auth/me')).body;
  await signInAndOut(t, email);
  await vendorWithDrawnBackApplication(t);
  await documents(t);
  await reading(t);
  await storage.payments.ready();
});

t.test('what the server did is what its role may do', async (t) => {
  for (const group of Object.keys(ALLOWED))
    t.same([...(done.get(group) ?? [])].sort(), ALLOWED[group], `${group}: actions.json names exactly what was done`);
  t.same(
    [...done.keys()].filter((group) => ALLOWED[group] === undefined),
    [],
    'nothing else was touched',
  );
});

t.test('what jobs do besides is what their role may do besides', async (t) => {
  done.clear();
  for (const job of Object.values(JOBS)) await job.run(jobOver(api).context);
  // Anchors from before they had a bucket of their own.
  const before = { ...api, infrastructure: { ...api.infrastructure, storage } };
  await anchorAudit.run(jobOver(before).context);
  const commands = [verify, verifyAudit, (context: JobContext) => markRestored(context, 'a test'), repair];
  for (const command of commands) t.equal((await command(jobOver(api).context)).result, 'ok');
  for (const group of Object.keys(ALLOWED)) {
    const besides = [...(done.get(group) ?? [])].filter((action) => !ALLOWED[group]?.includes(action));
    t.same(besides.sort(), MORE[group], `${group}: actions.json names exactly what was done besides`);
  }
  t.same(Object.keys(MORE), Object.keys(ALLOWED));
});

t.test('Terraform puts append-only tables apart as this test does', async (t) => {
  t.match(TERRAFORM, `append_only = ${JSON.stringify(APPEND_ONLY).replace(',', ', ')}`);
});

async function signInAndOut(t: Tap, email: string): Promise<void> {
  const post = (path: string, payload: Json) => api.raw('POST', `/api/v1${path}`, { payload });
  t.equal((await post('/auth/token', { email, password: 'not the password' })).status, 401);
  const { body } = await post('/auth/token', { email, password: TEST_PASSWORD });
  const refreshed = await post('/auth/refresh', { refresh_token: body.refresh_token });
  t.equal(refreshed.status, 200);
  t.equal((await post('/auth/logout', { refresh_token: refreshed.body.refresh_token })).status, 204);
}

/** A vendor that is deleted frees its claims; a dry run asks and writes nothing. */
async function vendorWithDrawnBackApplication(t: Tap): Promise<void> {
  const manager = await api.as('vendor_manager');
  const body = { name: 'Paper Mill', email: 'a@mill.example', payment_terms: 'NET 30', currency: 'EUR', tax_id: 'NL1' };
  t.equal((await manager.post('/vendors?dry_run=true', body)).status, 201);
  const vendor = (await manager.post('/vendors', body)).body;
  t.equal((await manager.delete(`/vendors/${vendor.id}`, { version: vendor.version })).status, 204);
}

async function documents(t: Tap): Promise<void> {
  const clerk = await api.as('ap_clerk');
  const vendors = await clerk.get('/vendors');
  const content = '%PDF-1.7 a contract';
  const announce = async () =>
    (
      await clerk.post('/documents', {
        entity: 'vendor',
        entity_id: vendors.body.data[0].id,
        filename: 'contract.pdf',
        content_type: 'application/pdf',
        size: content.length,
        sha256: sha256Hex(Buffer.from(content)),
      })
    ).body;
  const kept = await announce();
  await fetch(kept.upload.url, { method: 'PUT', headers: kept.upload.headers, body: content });
  t.equal((await clerk.post(`/documents/${kept.id}/complete`)).status, 200);
  t.equal((await clerk.get(`/documents/${kept.id}/content`)).status, 302);
  const other = await announce();
  const wrong = { content_type: 'application/pdf', sha256: sha256Hex(Buffer.from('another')) };
  await storage.documents.put(`vendor/${vendors.body.data[0].id}/${other.id}`, Buffer.from('another'), wrong);
  t.equal((await clerk.post(`/documents/${other.id}/complete`)).status, 422, 'not what was announced: deleted');
}

async function reading(t: Tap): Promise<void> {
  const admin = await api.as('admin');
  const auditor = await api.as('auditor');
  for (const path of ['/audit/security', '/approvals', '/users', '/invoices', '/payments', '/payment-batches'])
    t.equal((await (path === '/users' ? admin : auditor).get(path)).status, 200, path);
}

/** One call is as many actions as IAM asks for: a transaction is asked for every write in it. */
function recordTables(client: DynamoDBDocumentClient, tables: ReadonlyMap<string, string>): void {
  client.middlewareStack.add(
    (next, context) => async (args) => {
      for (const [action, table, index] of dynamoActions(String(context.commandName), args.input as Loose)) {
        const name = tables.get(table) ?? table;
        const group = index === undefined ? (APPEND_ONLY.includes(name) ? 'append_only_tables' : 'tables') : 'indexes';
        note(group, `dynamodb:${action}`);
      }
      return next(args);
    },
    { step: 'build', name: 'recordTables' },
  );
}

type Done = readonly [action: string, table: string, index?: string | undefined];

function dynamoActions(command: string, input: Loose): readonly Done[] {
  const operation = command.replace(/Command$/, '');
  const of = (item: Loose, kind: string, action: string): Done[] =>
    item[kind] ? [[action, item[kind].TableName]] : [];
  switch (operation) {
    case 'TransactWriteItems':
      return input.TransactItems.flatMap((item: Loose) => [
        ...of(item, 'Put', 'PutItem'),
        ...of(item, 'Update', 'UpdateItem'),
        ...of(item, 'Delete', 'DeleteItem'),
        ...of(item, 'ConditionCheck', 'ConditionCheckItem'),
      ]);
    case 'TransactGetItems':
      return input.TransactItems.flatMap((item: Loose) => of(item, 'Get', 'GetItem'));
    case 'BatchGetItem':
    case 'BatchWriteItem':
      return Object.keys(input.RequestItems).map((table) => [operation, table]);
    default:
      return [[operation, input.TableName, input.IndexName]];
  }
}

function recordBuckets(client: S3Client): void {
  client.middlewareStack.add(
    (next, context) => async (args) => {
      const operation = String(context.commandName).replace(/Command$/, '');
      const action = S3_ACTIONS[operation] ?? `s3:${operation}`;
      const { Bucket } = args.input as Loose;
      const listed = Bucket === 'anchors' ? 'anchors_bucket' : 'buckets';
      note(action.startsWith('s3:ListBucket') ? listed : Bucket, action);
      // The stand-in keeps no versions; S3 is asked for the first of each by its id.
      if (operation === 'ListObjectVersions') note(Bucket, 's3:GetObjectVersion');
      return next(args);
    },
    { step: 'build', name: 'recordBuckets' },
  );
}

interface Tap {
  equal(found: unknown, wanted: unknown, ...message: [] | [string]): boolean;
}
