/** What reaches prod is the image that dev tested, without findings that nobody allowed, and a way back to what ran before. */
import t from 'tap';
import { PLANS } from '../support/infra-plan.ts';
import { namesOf } from '../support/recorded-calls.ts';
import { answersFor, DIGEST, repositoryUrl } from '../support/release-calls.ts';
import { type Answers, type Ran, ran } from '../support/release-commands.ts';

const FROM = repositoryUrl('p2p-dev');
const TO = repositoryUrl('p2p-prod');
const commands = ({ said }: Ran): readonly string[] => said.map((words) => words.join(' '));
const promote = (answers: Answers): Ran => ran('scripts/promote-image', [FROM, TO, '1.1.0'], answers);
const TESTED = { 'aws ecr describe-images imageTag tested-1.1.0': DIGEST };

t.test('an image is copied as it is, by the digest that dev tested', async (t) => {
  const run = promote({ ...TESTED, 'aws ecr describe-images imageTag 1.1.0': ['', DIGEST] });
  t.equal(run.status, 0, run.stderr);
  const copies = commands(run).filter((line) => line.startsWith('docker buildx'));
  t.strictSame(copies, [`docker buildx imagetools create --prefer-index=false --tag ${TO}:1.1.0 ${FROM}@${DIGEST}`]);
  t.notOk(commands(run).some((line) => line.startsWith('docker build ')));
});

t.test('what dev did not test is not promoted', async (t) => {
  const run = promote({ 'aws ecr describe-images': null });
  t.equal(run.status, 1);
  t.match(run.stderr, /has no tested-1\.1\.0: release 1\.1\.0 to dev first/);
  t.notOk(commands(run).some((line) => line.startsWith('docker')));
});

t.test('another image under the same tag is refused, and the same one is left alone', async (t) => {
  const other = promote({ ...TESTED, 'aws ecr describe-images imageTag 1.1.0': `sha256:${'b'.repeat(64)}` });
  t.equal(other.status, 1);
  t.match(other.stderr, /but dev tested/);
  const again = promote({ ...TESTED, 'aws ecr describe-images imageTag 1.1.0': DIGEST });
  t.equal(again.status, 0);
  t.notOk(commands(again).some((line) => line.startsWith('docker')));
});

t.test('an image is marked as tested once dev is ready with it', async (t) => {
  const args = ['p2p-dev', '1.1.0', 'https://dev.example.com/'];
  const answers: Answers = { 'aws ecr describe-images imageTag 1.1.0': DIGEST, 'aws ecr batch-get-image': '{}' };
  const run = ran('scripts/mark-tested', args, answers);
  t.equal(run.status, 0, run.stderr);
  t.match(commands(run)[0], /^curl .* https:\/\/dev\.example\.com\/ready$/);
  t.match(commands(run).at(-1), /put-image --repository-name p2p-dev --image-tag tested-1\.1\.0/);
  const failing = ran('scripts/mark-tested', args, { ...answers, curl: null });
  t.equal(failing.status, 1);
  t.notOk(commands(failing).some((line) => line.includes('put-image')));
});

const day = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
const finding = (severity: string, id = 'CVE-2026-1') => JSON.stringify([[{ id, severity }], null]);
function scan(t: Tap, list: readonly object[], findings: string, args: readonly string[] = []): Ran {
  const folder = t.testdir({ 'list.json': JSON.stringify({ findings: list }) });
  const answers = { 'aws ecr describe-image-scan-findings': findings };
  return ran('scripts/check-image-scan', ['p2p-prod', '1.1.0', ...args], answers, {
    SCAN_ALLOW_LIST: `${folder}/list.json`,
  });
}
interface Tap {
  testdir(content: Record<string, string>): string;
}
const entry = (more: object = {}) => ({ cve: 'CVE-2026-1', reason: 'nobody fixes it', until: day(30), ...more });

t.test('a finding above the allowed severity is refused, however the registry scans', async (t) => {
  for (const findings of [finding('HIGH'), JSON.stringify([null, [{ id: 'CVE-2026-1', severity: 'CRITICAL' }]])]) {
    const run = scan(t, [], findings);
    t.equal(run.status, 1);
    t.match(run.stdout, /refused: CVE-2026-1/);
  }
  t.equal(scan(t, [], finding('MEDIUM')).status, 0);
  t.equal(scan(t, [], finding('MEDIUM'), ['LOW']).status, 1);
  t.equal(scan(t, [], '[null, null]').status, 0);
  t.equal(scan(t, [], finding('LOW'), ['CRITICAL']).status, 2);
});

t.test('an entry of the allow-list lets its finding through until its date, and that finding alone', async (t) => {
  const run = scan(t, [entry()], finding('HIGH'));
  t.equal(run.status, 0, run.stderr);
  t.match(run.stdout, new RegExp(`allowed until ${day(30)}: CVE-2026-1 HIGH: nobody fixes it`));
  t.equal(scan(t, [entry()], finding('HIGH', 'CVE-2026-2')).status, 1);
  t.equal(scan(t, [entry({ until: day(0) })], finding('HIGH')).status, 0, 'its last day counts');
});

t.test('an entry that is expired, without its parts or without an end that anybody sees fails by itself', async (t) => {
  for (const [wrong, sentence] of [
    [{ until: day(-1) }, /CVE-2026-1 expired on/],
    [{ until: day(120) }, /more than 90 days ahead/],
    [{ until: 'some day' }, /needs cve, reason and until/],
    [{ reason: '' }, /needs cve, reason and until/],
  ] as const) {
    const run = scan(t, [entry(wrong)], '[null, null]');
    t.equal(run.status, 1);
    t.match(run.stderr, sentence);
  }
});

const ANSWERS = answersFor(namesOf(PLANS.prod));
const put = (run: Ran, name: string): readonly string[] =>
  commands(run).filter((line) => line.startsWith(`aws ssm put-parameter --name ${name} `));

t.test('a release names the task definitions that ran before it', async (t) => {
  const run = ran('scripts/deploy-service', ['prod', '1.1.0'], ANSWERS);
  t.equal(run.status, 0, run.stderr);
  const [before = ''] = put(run, '/p2p-prod/release-before');
  t.match(before, /"tag":"1\.0\.0","server":"[^"]+p2p-prod:7","jobs":"[^"]+p2p-prod-jobs:7"/);
  t.match(put(run, '/p2p-prod/image-tag')[0], '--value 1.1.0');
  const again = ran('scripts/deploy-service', ['prod', '1.0.0'], ANSWERS);
  t.strictSame(put(again, '/p2p-prod/release-before'), [], 'the same release once more has not another before it');
});

const definition = (family: string, revision: string, image: string, level: string) =>
  JSON.stringify({
    tags: [{ key: 'Environment', value: 'prod' }],
    taskDefinition: {
      family,
      revision,
      taskDefinitionArn: 'x',
      containerDefinitions: [{ name: 'server', image, environment: [{ name: 'LOG_LEVEL', value: level }] }],
    },
  });

t.test('the way back is to the task definition before, with its settings, and to its jobs', async (t) => {
  const run = ran('scripts/deploy-service', ['prod', '--back'], {
    ...ANSWERS,
    'aws ssm get-parameter /p2p-prod/release-before':
      '{"tag":"0.9.0","server":"arn:p2p-prod:6","jobs":"arn:p2p-prod-jobs:5"}',
    'aws ecs describe-services services[0].taskDefinition':
      'arn:aws:ecs:eu-west-1:123456789012:task-definition/p2p-prod:8',
    'aws ecs describe-task-definition TAGS arn:p2p-prod:6': definition('p2p-prod', '6', 'r:0.9.0', 'warn'),
    'aws ecs describe-task-definition TAGS arn:p2p-prod-jobs:5': definition('p2p-prod-jobs', '5', 'r:0.9.0', 'warn'),
  });
  t.equal(run.status, 0, run.stderr);
  const registered = run.said
    .filter((words) => words.includes('register-task-definition'))
    .map((words) => JSON.parse(words.at(-1) ?? ''));
  t.match(registered, [
    {
      family: 'p2p-prod',
      containerDefinitions: [{ image: 'r:0.9.0', environment: [{ value: 'warn' }] }],
      tags: [{ key: 'Environment' }],
    },
    { family: 'p2p-prod-jobs', containerDefinitions: [{ image: 'r:0.9.0' }] },
  ]);
  t.match(put(run, '/p2p-prod/image-tag')[0], '--value 0.9.0');
});

t.test('there is no way back where nothing was released before', async (t) => {
  const run = ran('scripts/deploy-service', ['prod', '--back'], { ...ANSWERS, 'aws ssm get-parameter': null });
  t.equal(run.status, 1);
  t.match(run.stderr, /names no release before this one/);
});

t.test('dev goes back to the version of the function before', async (t) => {
  const run = ran('scripts/deploy-service', ['dev', '--back'], {
    'aws ssm get-parameter': '{"tag":"0.9.0","version":"7"}',
  });
  t.equal(run.status, 0, run.stderr);
  t.ok(
    commands(run).some((line) =>
      line.includes('update-alias --function-name p2p-dev --name live --function-version 7'),
    ),
  );
});

t.test('a deployment that ECS rolled back fails, and the released tag stays', async (t) => {
  const run = ran('scripts/deploy-service', ['prod', '1.1.0'], {
    ...ANSWERS,
    'aws ecs describe-services services[0].taskDefinition':
      'arn:aws:ecs:eu-west-1:123456789012:task-definition/p2p-prod:7',
  });
  t.equal(run.status, 1);
  t.match(run.stderr, /was rolled back/);
  t.strictSame(put(run, '/p2p-prod/image-tag'), []);
});
