/** What makes a release: the image's labels, and the workflows that check and deploy it. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import t from 'tap';

const WORKFLOWS = '.github/workflows';
const workflow = (file: string): string => readFileSync(`${WORKFLOWS}/${file}`, 'utf8');

const SAYS = (name: string) => `#!/bin/sh\necho "${name} $*" >>"$SAID"\n`;
/** A registry without the image, or with it, and an engine that knows the base by its digest. */
const commands = (there: boolean) => ({
  aws: `${SAYS('aws')}case "$2" in describe-images) exit ${there ? 0 : 254};; esac\necho password\n`,
  docker: `${SAYS('docker')}case "$1 $2" in "image inspect") echo "node@sha256:${'a'.repeat(64)}";; login*) cat >/dev/null;; esac\n`,
});

function push(t: Tap, there: boolean, args: readonly string[], more: NodeJS.ProcessEnv = {}): readonly string[] {
  const folder = t.testdir({ ...commands(there), said: '' });
  spawnSync('chmod', ['755', `${folder}/aws`, `${folder}/docker`]);
  const { status, stderr } = spawnSync('scripts/push-image', args, {
    encoding: 'utf8',
    env: { PATH: `${folder}:${process.env['PATH']}`, SAID: `${folder}/said`, ...more },
  });
  t.equal(status, 0, stderr);
  return readFileSync(`${folder}/said`, 'utf8').trimEnd().split('\n');
}

interface Tap {
  testdir(content: Record<string, string>): string;
  equal(found: unknown, wanted: unknown, message: string): unknown;
}

const URL = '123456789012.dkr.ecr.eu-west-1.amazonaws.com/p2p-prod';

t.test('an image is built with all that its labels tell, on a base that is named by its digest', async (t) => {
  const dockerfile = readFileSync('Dockerfile', 'utf8');
  const labels = /\nLABEL [\s\S]*?\n\n/.exec(dockerfile)?.[0] ?? '';
  const told = [...labels.matchAll(/\$\{(\w+)\}/g)].map(([, name = '']) => name);
  t.ok(told.length >= 4, `${told}`);

  const said = push(t, false, [URL, '1.2.3']);
  t.match(said.at(-1), `docker push ${URL}:1.2.3`);
  const build = said.find((line) => line.startsWith('docker build')) ?? '';
  const given = Object.fromEntries(
    [...build.matchAll(/--build-arg (\w+)=(\S+)/g)].map(([, name, value]) => [name, value]),
  );
  t.same(Object.keys(given).sort(), told.sort());
  t.match(given, {
    NODE_IMAGE: new RegExp(`^public\\.ecr\\.aws/docker/library/node:\\S+@sha256:${'a'.repeat(64)}$`),
    VERSION: '1.2.3',
    REVISION: /^[\da-f]{40}$/,
    CREATED: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/,
  });
  // Lambda and the scan refuse an image index, and a laptop's platform may be another.
  t.match(build, /--platform linux\/amd64 --provenance=false/);
  t.match(build, /--target lambda .*--tag \S+:1\.2\.3 \.$/);

  const base = `node:24@sha256:${'b'.repeat(64)}`;
  const pinned = push(t, false, [URL, '1.2.3'], { NODE_IMAGE: base });
  t.notOk(
    pinned.some((line) => line.startsWith('docker pull')),
    'a digest is not asked for where it is given',
  );
  t.ok(pinned.some((line) => line.includes(`NODE_IMAGE=${base} `)));
  t.match(push(t, false, [URL, '1.2.3', 'server']).join('\n'), '--target server');
});

t.test('a tag that is there already is left alone', async (t) => {
  t.notMatch(push(t, true, [URL, '1.2.3']).join('\n'), /^docker/m);
});

t.test('every action is pinned by its commit, with the version for people beside it', async (t) => {
  const files = readdirSync(WORKFLOWS);
  const uses = files.flatMap((file) => workflow(file).match(/uses: .*/g) ?? []);
  t.ok(uses.length >= 10);
  for (const use of uses) t.match(use, /^uses: [\w.-]+\/[\w.-]+@[\da-f]{40} # v\d+\.\d+\.\d+$/);
  for (const file of files)
    t.match(workflow(file), /^permissions:\n {2}contents: read$/m, `${file} may read, unless a job says more`);
});

t.test('CI runs the check, the image and the infrastructure; what runs a script finds it', async (t) => {
  const ci = workflow('ci.yml');
  for (const command of ['bash .ci/run', 'npm run test:image', 'scripts/check-infra']) t.match(ci, `run: ${command}`);
  const scripts = readdirSync(WORKFLOWS).flatMap((file) => workflow(file).match(/(?<=run: )scripts\/[\w-]+/g) ?? []);
  t.ok(scripts.includes('scripts/push-image'));
  for (const script of scripts) t.ok(existsSync(script), script);
  const { engines } = JSON.parse(readFileSync('package.json', 'utf8')) as { engines: { node: string } };
  const oldest = /\d+/.exec(engines.node)?.[0];
  t.match(ci, new RegExp(`node: \\[${oldest},`), 'also on the oldest Node that package.json allows');
});
