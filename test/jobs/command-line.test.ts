import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import t from 'tap';
import { readConfig } from '../../src/config.ts';
import { EXIT, runCommandLine } from '../../src/jobs/command-line.ts';
import { createDocumentClient } from '../../src/shared/dynamo/client.ts';
import { s3Client } from '../../src/shared/storage/s3-storage.ts';
import { testDynamo } from '../support/dynamodb-local.ts';
import { testS3 } from '../support/s3-server.ts';

const SECRETS = {
  P2P_JWT_SECRET: 'a secret that only this test file knows',
  P2P_WEBHOOK_SECRET: 'a webhook secret that only this test knows',
  P2P_ENCRYPTION_KEY: randomBytes(32).toString('base64'),
};
/** What the process would have: the SDK takes credentials from there. */
process.env['AWS_ACCESS_KEY_ID'] = 'tests';
process.env['AWS_SECRET_ACCESS_KEY'] = 'tests';

async function run(args: readonly string[], environment: NodeJS.ProcessEnv = {}, terminal = false) {
  const [stdout, stderr]: [string[], string[]] = [[], []];
  const code = await runCommandLine({
    args,
    config: () => readConfig(environment),
    stdout: { write: (text: string) => stdout.push(text), isTTY: terminal },
    stderr: { write: (text: string) => stderr.push(text) },
    signal: new AbortController().signal,
    version: '0.0.0-test',
  });
  return { code, stdout: stdout.join(''), stderr: stderr.join('') };
}

const lines = (text: string): Record<string, unknown>[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

async function standIns(t: { teardown(fn: () => Promise<void> | void): unknown }) {
  const [dynamo, s3] = [await testDynamo(t), await testS3(t)];
  return {
    dynamo,
    s3,
    environment: {
      ...SECRETS,
      P2P_STORE: 'aws',
      AWS_REGION: 'local',
      AWS_ENDPOINT_URL_DYNAMODB: String(dynamo.config.endpoint),
      AWS_ENDPOINT_URL_S3: s3.config.endpoint,
      P2P_TABLE_PREFIX: dynamo.prefix,
      P2P_METRICS_NAMESPACE: 'tests',
    },
  };
}

t.test('wrong use is one clear sentence and exit code 2', async (t) => {
  const aws = { ...SECRETS, P2P_STORE: 'aws', AWS_REGION: 'eu-west-1' };
  const at = (dynamodb: string) => ({
    ...aws,
    AWS_ENDPOINT_URL_DYNAMODB: dynamodb,
    AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:1',
  });
  const cases: (readonly [string, readonly string[], NodeJS.ProcessEnv, RegExp])[] = [
    ['an unknown command', ['paint'], {}, /^There is no command 'paint'; p2p help lists them\.\n$/],
    ['a job without a name', ['job'], {}, /^p2p job needs a name: .*resume-batches.*\.\n$/],
    ['an unknown job', ['job', 'toString'], {}, /^There is no job 'toString'; there are /],
    ['an unknown option', ['job', 'resume-batches', '--force'], {}, /^Unknown option '--force'; p2p help/],
    ['an argument too many', ['job', 'resume-batches', 'now'], {}, /^'now' is one argument too many\.\n$/],
    ['setup of the embedded store', ['setup'], {}, /^p2p setup needs P2P_STORE=aws/],
    ['setup without endpoints', ['setup'], aws, /^p2p setup needs AWS_ENDPOINT_URL_DYNAMODB and AWS_ENDPOINT_URL_S3/],
    ['setup on AWS', ['setup'], at('https://dynamodb.eu-west-1.amazonaws.com'), /^p2p setup does not touch AWS itself/],
    ['setup on AWS in China', ['setup'], at('https://dynamodb.cn-north-1.amazonaws.com.cn'), /does not touch AWS/],
    ['setup on dual-stack AWS', ['setup'], at('https://dynamodb.eu-west-1.api.aws'), /does not touch AWS/],
    ['setup at no address', ['setup'], at('somewhere'), /^somewhere is not a URL\.\n$/],
    ['an unusable environment', ['setup'], { P2P_STORE: 'aws' }, /^The environment is not usable:\n {2}- P2P_JWT/],
  ];
  const moving = ['move-writing-region', '--to', 'eu-central-1'];
  const elsewhere = { ...aws, AWS_REGION: 'eu-central-1', P2P_WRITING_REGION: 'eu-west-1' };
  cases.push(
    ['moving to nowhere', ['move-writing-region'], aws, /^It needs --to; p2p help says more\.\n$/],
    ['moving the embedded store', moving, {}, /^p2p move-writing-region needs P2P_STORE=aws/],
    ['moving to another Region', moving, aws, /^It must run in .*: AWS_REGION is eu-west-1, not eu-central-1\.\n$/],
    ['moving against the environment', moving, elsewhere, /^P2P_WRITING_REGION is eu-west-1: set it to eu-central-1/],
  );
  for (const [title, args, environment, sentence] of cases) {
    const { code, stdout, stderr } = await run(args, environment);
    t.match({ code, stdout, stderr }, { code: EXIT.usage, stdout: '', stderr: sentence }, title);
  }
});

t.test('help names every job, and the version is the package’s', async (t) => {
  for (const args of [[], ['help'], ['--help'], ['-h']]) {
    const { code, stdout } = await run(args);
    t.equal(code, EXIT.ok);
    t.match(stdout, /resume-batches/);
  }
  t.strictSame(await run(['--version']), { code: EXIT.ok, stdout: '0.0.0-test\n', stderr: '' });
});

t.test('setup makes tables and buckets, and nothing twice', async (t) => {
  const { environment } = await standIns(t);
  const planned = await run(['setup', '--dry-run'], environment);
  t.match(lines(planned.stdout).at(-1), { result: 'ok', msg: /^20 tables .* and 3 buckets .* would be made/ });
  const [first, second] = await Promise.all([run(['setup'], environment), run(['setup'], environment)]);
  for (const { code, stderr } of [first, second]) t.strictSame({ code, stderr }, { code: EXIT.ok, stderr: '' });
  const again = await run(['setup'], environment, true);
  t.match(again.stdout, /0 of 20 tables and 0 of 3 buckets were made; the rest was there\.\n$/);
  const resumed = await run(['job', 'resume-batches'], environment);
  t.equal(resumed.code, EXIT.ok, resumed.stderr);
  const [metric, outcome] = lines(resumed.stdout).slice(-2);
  t.match(metric, {
    _aws: { CloudWatchMetrics: [{ Namespace: 'tests', Dimensions: [['job']], Metrics: [{ Name: 'job_succeeded' }] }] },
    job: 'resume-batches',
    job_succeeded: 1,
  });
  t.match(outcome, { command: 'resume-batches', result: 'ok', resumed: 0, failed: 0 });
});

t.test('writing is moved by the Region that takes it, and jobs run nowhere else', async (t) => {
  const { environment } = await standIns(t);
  await run(['setup'], environment);
  const moving = ['move-writing-region', '--to', 'local'];
  const said = async (args: readonly string[]) => lines((await run(args, environment)).stdout).at(-1);
  const planned = { result: 'ok', from: null, to: 'local', msg: 'local would write from now on.' };
  t.match(await said([...moving, '--dry-run']), planned);
  t.match(await said(moving), { ...planned, msg: 'local writes from now on.' }, 'a dry run moved nothing');
  t.match(await said(moving), { result: 'ok', from: 'local', msg: 'local writes already.' });

  const standby = { ...environment, P2P_WRITING_REGION: 'eu-west-1' };
  const refused = await run(['job', 'cleanup'], standby);
  t.equal(refused.code, EXIT.failed);
  t.match(refused.stderr, /^This server is in local and only reads, for eu-west-1 writes/);
  t.equal((await run(['job', 'cleanup', '--dry-run'], standby)).code, EXIT.ok, 'a dry run only reads');
});

t.test('what a command finds is exit code 3 and a line each, for a person as for a machine', async (t) => {
  const { dynamo, s3, environment } = await standIns(t);
  await run(['setup'], environment);
  const clean = await run(['verify'], environment);
  t.strictSame([clean.code, (await run(['verify-audit'], environment)).code], [EXIT.ok, EXIT.ok]);

  const client = createDocumentClient(dynamo.config);
  t.teardown(() => client.destroy());
  const stray = { entity_id: 'ven_stray', seq: 1, entity: 'vendor', action: 'created', changes: '[]' };
  await client.send(new PutCommand({ TableName: dynamo.names.audit_log, Item: stray }));
  const objects = s3Client(s3.config);
  t.teardown(() => objects.destroy());
  const file = { Bucket: readConfig(environment).buckets.payments, Key: 'bat_1/BAT1.xml', Body: '<Document/>' };
  await objects.send(new PutObjectCommand(file));

  const verified = await run(['verify'], environment);
  t.equal(verified.code, EXIT.findings, verified.stderr);
  const found = lines(verified.stdout).filter(({ kind }) => kind !== undefined);
  t.match(found, [
    { command: 'verify', kind: 'audit_head', id: 'ven_stray', mendable: false },
    { command: 'verify', kind: 'file', id: 'bat_1/BAT1.xml', mendable: false },
  ]);
  t.match(lines(verified.stdout).at(-1), { result: 'findings', file: 1, audit_head: 1 });
  const shown = await run(['verify', '--dry-run'], environment, true);
  t.match(shown.stdout, /\[#*-*\] \d+\/\d+ {2}\w+/, 'a bar');
  t.match(shown.stdout, / {2}kind=file {2}id=bat_1\/BAT1\.xml {2}mendable=false\n/);

  const audited = await run(['verify-audit'], environment);
  t.equal(audited.code, EXIT.findings, audited.stderr);
  t.match(lines(audited.stdout).at(-1), { result: 'findings', findings: 1, anchors: 0 });
  const refused = await run(['repair'], environment);
  t.match(refused, { code: EXIT.usage, stderr: /before the service is opened/ });
});

t.test('a job that cannot reach its store fails with exit code 1 and is counted', async (t) => {
  const { environment } = await standIns(t);
  const { code, stdout, stderr } = await run(['job', 'resume-batches'], environment);
  t.equal(code, EXIT.failed);
  t.match(lines(stdout).at(-1), { job: 'resume-batches', job_failed: 1 });
  t.match(stderr, /non-existent table/);
  const dry = await run(['job', 'resume-batches', '--dry-run'], environment);
  t.strictSame({ code: dry.code, stdout: dry.stdout }, { code: EXIT.failed, stdout: '' }, 'a dry run counts nothing');
});

t.test('the process passes on its arguments and its exit code', async (t) => {
  const { spawnSync } = await import('node:child_process');
  // env(1), as in test/support/server-process.ts: the runner's variables would spoil its coverage.
  const command = ['-i', process.execPath, '--import', 'tsx', 'src/cli.ts', 'job', 'nothing'];
  const { status, stderr } = spawnSync('env', command, { encoding: 'utf8' });
  t.equal(status, EXIT.usage);
  t.match(stderr, /^There is no job 'nothing'/);
  t.match(readFileSync('src/cli.ts', 'utf8'), /^#!\/usr\/bin\/env node\n/);
});
