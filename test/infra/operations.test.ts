/** Scripts that people use in trouble: they refuse what would harm, say what they would do, and can be started again. */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import t from 'tap';
import { type Answers, type Ran, ran } from '../support/release-commands.ts';

const commands = ({ said }: Ran): readonly string[] => said.map((words) => words.join(' '));
const TASK = 'arn:aws:ecs:eu-west-1:123456789012:task/p2p-prod/0123456789abcdef';
const RUN: Answers = {
  'aws scheduler get-schedule': JSON.stringify({ Subnets: ['subnet-1'], SecurityGroups: ['sg-1'] }),
  'aws ecs run-task': JSON.stringify({ tasks: [{ taskArn: TASK }] }),
  'aws ecs describe-tasks text': ['PENDING', 'RUNNING', 'STOPPED'],
  'aws ecs describe-tasks json': JSON.stringify({ tasks: [{ containers: [{ name: 'job', exitCode: 3 }] }] }),
  'aws logs get-log-events': '2 findings',
};
const run = (args: readonly string[], answers: Answers = RUN): Ran =>
  ran('scripts/run-command', args, answers, { RUN_COMMAND_POLL: '0.01' });

t.test('a command runs as a task of the jobs, shows its log and ends with its exit code', async (t) => {
  const { status, stdout, stderr, said } = run(['prod', '--with', 'P2P_TABLE_PREFIX=p2p_r1_', 'repair', '--dry-run']);
  t.equal(status, 3, stderr);
  t.match(stdout, '2 findings');
  const started = said.find((words) => words.includes('run-task')) ?? [];
  t.strictSame(JSON.parse(started[started.indexOf('--overrides') + 1] ?? ''), {
    containerOverrides: [
      {
        name: 'job',
        command: ['node', 'dist/cli.js', 'repair', '--dry-run'],
        environment: [{ name: 'P2P_TABLE_PREFIX', value: 'p2p_r1_' }],
      },
    ],
  });
  t.match(started[started.indexOf('--network-configuration') + 1], '"subnets":["subnet-1"]');
  t.ok(commands({ status, stdout, stderr, said }).some((line) => line.includes('jobs/job/0123456789abcdef')));
});

t.test('a task that never ran, or was not started, is a failure that says why', async (t) => {
  const none = run(['prod', 'verify'], {
    ...RUN,
    'aws ecs run-task': '{"tasks":[],"failures":[{"reason":"RESOURCE:CPU"}]}',
  });
  t.equal(none.status, 1);
  t.match(none.stderr, 'RESOURCE:CPU');
  const stopped = JSON.stringify({
    tasks: [{ stoppedReason: 'CannotPullContainerError', containers: [{ name: 'job' }] }],
  });
  const never = run(['prod', 'verify'], { ...RUN, 'aws ecs describe-tasks json': stopped });
  t.equal(never.status, 1);
  t.match(never.stderr, 'CannotPullContainerError');
  t.equal(run(['dev', 'verify']).status, 2);
  t.equal(run(['prod', '--with', 'nothing', 'verify']).status, 2);
});

const ALARMS = [
  'p2p-prod-no-target\tNobody: docs/runbooks/no-healthy-target.md.',
  'p2p-prod-job-backup\tThe job backup failed: docs/runbooks/failed-jobs.md.',
  'p2p-prod-jobs-not-started\tNot started: docs/runbooks/failed-jobs.md.',
].join('\n');
const drill = (...args: readonly string[]): Ran =>
  ran('scripts/drill', args, {
    'aws cloudwatch describe-alarms': ALARMS,
    'aws sqs get-queue-url': 'https://queue',
    'aws sts get-caller-identity': 'arn:aws:iam::123456789012:user/tester',
  });

t.test('a drill lists the alarms with their runbooks and makes one, or every one, fire', async (t) => {
  t.match(drill('--list').stdout, 'no-target\tdocs/runbooks/no-healthy-target.md');
  const one = drill('no-target');
  t.equal(one.status, 0, one.stderr);
  t.match(commands(one).at(-2) ?? '', /sts get-caller-identity|set-alarm-state/);
  t.match(one.stdout, 'follows docs/runbooks/no-healthy-target.md');
  t.equal(commands(drill('--all')).filter((line) => line.includes('set-alarm-state')).length, 3);
  t.equal(drill('unheard-of').status, 2);
});

t.test('a drill gives a true cause where that is safe, and refuses where it is not', async (t) => {
  t.match(commands(drill('jobs-not-started', '--real')).at(-1), /sqs send-message --queue-url https:\/\/queue/);
  const events = drill('job-backup', '--real').said.at(-1)?.at(-1) ?? '[]';
  const [{ message }] = JSON.parse(events) as [{ message: string }];
  t.match(JSON.parse(message), {
    _aws: { CloudWatchMetrics: [{ Namespace: 'p2p-prod', Dimensions: [['job']], Metrics: [{ Name: 'job_failed' }] }] },
    job: 'backup',
    job_failed: 1,
  });
  const unsafe = drill('no-target', '--real');
  t.equal(unsafe.status, 2);
  t.notOk(commands(unsafe).some((line) => line.includes('set-alarm-state')));
});

// Three of them, one of which expires: a stand-in for aws takes its time.
const ALL = JSON.parse(readFileSync('infra/tables.json', 'utf8')).tables as Readonly<Record<string, object>>;
const TABLES = ['idempotency', 'invoices', 'vendors'];
const FOLDER = t.testdir({
  'tables.json': JSON.stringify({ tables: Object.fromEntries(TABLES.map((name) => [name, ALL[name]])) }),
});
t.setTimeout(120_000);
const MOMENT = '2026-05-04T10:15:00Z';
const definition = (prefix: string): string =>
  JSON.stringify({
    taskDefinition: {
      containerDefinitions: [{ name: 'job', environment: [{ name: 'P2P_TABLE_PREFIX', value: prefix }] }],
    },
  });
const there = (prefix: string): Answers =>
  Object.fromEntries(
    TABLES.map((table) => [`aws dynamodb describe-table Table.TableStatus ${prefix}${table}`, 'ACTIVE']),
  );
const PAUSED: Answers = {
  'aws ecs describe-services': '0',
  'aws dynamodb describe-table Table.TableStatus': null,
  'aws dynamodb describe-table Table.SSEDescription.KMSMasterKeyArn': 'arn:key',
  'aws dynamodb describe-time-to-live': 'DISABLED',
  'aws ecs describe-task-definition': definition('p2p_'),
};
const restore = (answers: Answers, args: readonly string[] = [], more: NodeJS.ProcessEnv = {}): Ran =>
  ran('scripts/restore-table', ['prod', MOMENT, 'p2p_r1_', ...args], answers, {
    P2P_TABLES: `${FOLDER}/tables.json`,
    RUN_COMMAND_POLL: '0.01',
    ...more,
  });
const changes = (run: Ran): readonly string[] =>
  commands(run).filter((line) => /restore-table-to|update-|state rm|run-task/.test(line));

t.test('a restore says what it would do and changes nothing', async (t) => {
  const planned = restore(PAUSED, ['--plan']);
  t.equal(planned.status, 0, planned.stderr);
  t.match(planned.stdout, `0 of ${TABLES.length} are there, 0 are being made, ${TABLES.length} are to be started`);
  t.strictSame(changes(planned), []);
});

t.test(
  'nothing is restored while tasks run, without a confirmation, or under a prefix that no role reaches',
  async (t) => {
    const confirmed = { CONFIRM: 'p2p_r1_' };
    const writing = restore({ ...PAUSED, 'aws ecs describe-services': '2' }, [], confirmed);
    t.equal(writing.status, 1);
    t.match(writing.stdout, 'set paused = true');
    for (const run of [writing, restore(PAUSED)]) {
      t.equal(run.status, 1);
      t.strictSame(changes(run), []);
    }
    for (const prefix of ['restored_', 'p2p_', 'p2p_dev_'])
      t.equal(ran('scripts/restore-table', ['prod', MOMENT, prefix], PAUSED, confirmed).status, 2, prefix);
    t.equal(ran('scripts/restore-table', ['prod', 'yesterday', 'p2p_r1_'], PAUSED, confirmed).status, 2);
  },
);

t.test('started again it starts only the tables that are not there, and settles all', async (t) => {
  const written = 'infra/environments/prod/restored.tf';
  t.teardown(() => rmSync(written, { force: true }));
  const missing = TABLES[0] ?? '';
  const answers = {
    ...PAUSED,
    ...there('p2p_r1_'),
    [`aws dynamodb describe-table Table.TableStatus p2p_r1_${missing}`]: [null, null, 'ACTIVE'],
  };
  const state = JSON.stringify({
    resources: [
      {
        mode: 'managed',
        type: 'aws_dynamodb_table',
        name: 'on_demand',
        module: 'module.data',
        instances: [{ index_key: 'invoices', attributes: { name: 'p2p_invoices' } }],
      },
    ],
  });
  const folder = t.testdir({ infra: `#!/bin/sh\n[ "$3" = pull ] && echo '${state}' || echo "$@" >>"$SAID.infra"\n` });
  const run = ran(
    'bash',
    ['-c', `chmod +x ${folder}/infra; SAID=${folder}/said scripts/restore-table prod ${MOMENT} p2p_r1_`],
    answers,
    {
      CONFIRM: 'p2p_r1_',
      P2P_TABLES: `${FOLDER}/tables.json`,
      RESTORE_POLL: '0.01',
      P2P_INFRA: `${folder}/infra`,
    },
  );
  t.equal(run.status, 0, run.stderr);
  t.match(
    readFileSync(`${folder}/said.infra`, 'utf8'),
    'prod state rm module.data.aws_dynamodb_table.on_demand["invoices"]',
  );
  t.match(readFileSync(written, 'utf8'), `id       = "p2p_r1_\${each.key}"`);
  t.match(run.stdout, 'set table_prefix = "p2p_r1_"');
});

t.test('once Terraform starts tasks with the restored tables, they are marked before anything writes', async (t) => {
  const answers = { ...PAUSED, ...there('p2p_r1_'), ...RUN, 'aws ecs describe-task-definition': definition('p2p_r1_') };
  const zero = JSON.stringify({ tasks: [{ containers: [{ name: 'job', exitCode: 0 }] }] });
  const run = restore({ ...answers, 'aws ecs describe-tasks json': zero }, [], { CONFIRM: 'p2p_r1_' });
  t.equal(run.status, 0, run.stderr);
  const started = changes(run).filter((line) => line.includes('run-task'));
  t.equal(started.length, 1);
  t.match(started[0], `"mark-restored","--from","${MOMENT}"`);
  t.notOk(changes(run).some((line) => line.includes('restore-table-to')));
  t.notOk(existsSync('infra/environments/prod/restored.tf'));
});
