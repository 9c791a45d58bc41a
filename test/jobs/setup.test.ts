import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { type Config, readConfig } from '../../src/config.ts';
import { openAws } from '../../src/infrastructure.ts';
import { createReporter } from '../../src/jobs/report.ts';
import { setup } from '../../src/jobs/setup.ts';
import { type TestDynamo, testDynamo } from '../support/dynamodb-local.ts';
import { testS3 } from '../support/s3-server.ts';

process.env['AWS_ACCESS_KEY_ID'] = 'tests';
process.env['AWS_SECRET_ACCESS_KEY'] = 'tests';

/** The tables are there already, and deleted at the end: what is asked here is where files go. */
async function beside(t: Test, storage: NodeJS.ProcessEnv): Promise<Config> {
  const dynamo: TestDynamo = await testDynamo(t);
  await dynamo.createTables();
  return readConfig({
    P2P_STORE: 'aws',
    AWS_REGION: 'local',
    AWS_ENDPOINT_URL_DYNAMODB: String(dynamo.config.endpoint),
    P2P_TABLE_PREFIX: dynamo.prefix,
    P2P_JWT_SECRET: 'j'.repeat(32),
    P2P_WEBHOOK_SECRET: 'w'.repeat(32),
    P2P_ENCRYPTION_KEY: Buffer.alloc(32, 7).toString('base64'),
    ...storage,
  });
}

async function created(config: Config): Promise<unknown> {
  const report = createReporter({
    command: 'setup',
    namespace: 'tests',
    output: { write: () => undefined },
    now: () => new Date(),
  });
  return (await setup({ config, dryRun: false, report })).facts?.['created_buckets'];
}

t.test('a server that speaks S3 gets the buckets, and what it signs names the address callers use', async (t) => {
  const config = await beside(t, {
    AWS_ENDPOINT_URL_S3: (await testS3(t)).config.endpoint,
    P2P_STORAGE_PUBLIC_URL: 'http://p2p.example:7070',
  });
  t.same(await created(config), Object.values(config.buckets));
  t.same(await created(config), [], 'nothing twice');

  const running = openAws(config);
  t.teardown(() => running.stop());
  for (const [name, check] of Object.entries(running.checks)) await t.resolves(check(), name);
  const { url } = await running.infrastructure.storage.documents.presignDownload({ key: 'a.pdf', expires_in: 60 });
  t.match(url, /^http:\/\/p2p\.example:7070\/p2p-automation-documents\/a\.pdf\?/);
  t.equal(running.localRoutes, undefined, 'and that server serves it');
});

t.test('a folder takes the place of the buckets, and the server serves what it signed', async (t) => {
  const folder = join(t.testdir(), 'files');
  const config = await beside(t, {
    P2P_STORAGE_DIR: folder,
    P2P_STORAGE_PUBLIC_URL: 'http://p2p.example:8080',
    P2P_BUCKET_ANCHORS: 'p2p-anchors',
  });
  t.equal(Object.values(config.buckets).length, 4, 'anchors have a bucket of their own where one is named');
  t.same(await created(config), Object.values(config.buckets));
  t.same(readdirSync(folder).sort(), Object.values(config.buckets).sort());
  t.same(await created(config), [], 'nothing twice');

  const running = openAws(config);
  t.teardown(() => running.stop());
  running.listening('http://0.0.0.0:3000');
  for (const [name, check] of Object.entries(running.checks)) await t.resolves(check(), name);
  const { url } = await running.infrastructure.storage.documents.presignDownload({ key: 'a.pdf', expires_in: 60 });
  t.match(url, /^http:\/\/p2p\.example:8080\/local-storage\/p2p-automation-documents\/a\.pdf\?/);
  t.type(running.localRoutes, 'function');
});
