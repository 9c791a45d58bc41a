/** The README's examples run when pasted: its shell blocks, in order, against a real server. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import t from 'tap';
import { ADMIN, serverEnvironment, startServer } from '../support/server-process.ts';

t.setTimeout(180_000);

t.test('the journey with curl ends in a bank file', async (t) => {
  if (spawnSync('curl', ['--version']).status !== 0) return t.comment('skipped: there is no curl on this machine');
  const server = await startServer(serverEnvironment(t.testdir()));
  t.teardown(async () => {
    server.signal('SIGTERM');
    await server.ended;
  });
  const readme = readFileSync('README.md', 'utf8');
  const journey = /<!-- journey: a test[^\n]*-->([\s\S]*?)<!-- journey: end -->/.exec(readme)?.[1] ?? '';
  const blocks = [...journey.matchAll(/```bash\n([\s\S]*?)```/g)].map(([, block]) => block ?? '');
  t.ok(blocks.length >= 6);
  const script = blocks
    .join('\n')
    .replace('the password that npm start printed', ADMIN.password)
    .replace('http://127.0.0.1:3000', server.url);
  const { stdout, stderr, status } = spawnSync('bash', ['-euo', 'pipefail', '-c', script], { encoding: 'utf8' });
  t.equal(status, 0, `${stdout}\n${stderr}`);
  t.match(stdout, /<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain\.001\.001\.09"/, `${stdout}\n${stderr}`);
  for (const word of ['active', 'sent', 'posted', 'approved', 'generated'])
    t.match(stdout, new RegExp(`^${word}$`, 'm'));
  t.notMatch(stdout, /undefined/);
});
