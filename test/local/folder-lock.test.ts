import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { FolderInUseError, lockFolder } from '../../src/local/folder-lock.ts';
import { commandLine, isAlive, startedAt } from '../../src/local/process-identity.ts';

const deadPid = (): number => spawnSync(process.execPath, ['-e', '']).pid;

t.test('a folder has one holder until it lets go', async (t) => {
  const folder = join(t.testdir(), 'made', 'when-missing');
  const lock = await lockFolder(folder);
  const refusal = {
    name: 'FolderInUseError',
    pid: process.pid,
    message: new RegExp(`${folder} is in use by the process`),
  };
  await t.rejects(lockFolder(folder), refusal);
  lock.release();
  t.strictSame(readdirSync(folder), []);
  const next = await lockFolder(folder);
  lock.release();
  await t.rejects(lockFolder(folder), refusal, 'letting go twice does not free what another holds now');
  next.release();
});

t.test('what a dead process left is taken over', async (t) => {
  const folder = t.testdir();
  const file = join(folder, 'server.lock');
  const cases: readonly (readonly [title: string, content: string])[] = [
    ['a dead process', JSON.stringify({ pid: deadPid(), started_at: 'x', nonce: 'a' })],
    ['a living process that got the same number', JSON.stringify({ pid: process.pid, started_at: 'x', nonce: 'b' })],
    ['a file that a power failure left empty', ''],
  ];
  for (const [title, content] of cases) {
    writeFileSync(file, content);
    const lock = await lockFolder(folder);
    t.equal(JSON.parse(readFileSync(file, 'utf8')).pid, process.pid, title);
    lock.release();
  }
});

t.test('of many who find the same dead holder one gets the lock', async (t) => {
  const folder = t.testdir({ 'server.lock': JSON.stringify({ pid: deadPid(), started_at: 'x', nonce: 'a' }) });
  const outcomes = await Promise.allSettled(Array.from({ length: 10 }, () => lockFolder(folder)));
  t.equal(outcomes.filter((outcome) => outcome.status === 'fulfilled').length, 1);
  for (const outcome of outcomes) if (outcome.status === 'rejected') t.type(outcome.reason, FolderInUseError);
  t.strictSame(readdirSync(folder), ['server.lock']);
});

t.test('a process is known by more than its number', async (t) => {
  t.ok(isAlive(process.pid));
  t.ok(isAlive(1), 'also one that belongs to another user');
  t.match(commandLine(process.pid), process.execPath.split('/').at(-1));
  t.equal(startedAt(process.pid), startedAt(process.pid));
  t.not(startedAt(process.pid), startedAt(process.ppid));
  const gone = deadPid();
  t.notOk(isAlive(gone));
  t.equal(commandLine(gone), '');
  t.equal(startedAt(gone), '');
});
