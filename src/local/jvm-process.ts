/** One JVM that cannot outlive this process, not even one that is killed with -9. */
import { spawn } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { commandLine, startedAt } from './process-identity.ts';

export interface JvmEnd {
  readonly code: number | null;
  /** The last of what it wrote on stderr and stdout. */
  readonly output: string;
}

export interface Jvm {
  readonly pid: number;
  readonly ended: Promise<JvmEnd>;
  /** SIGTERM, and SIGKILL after 5 seconds. */
  stop(): Promise<void>;
}

/**
 * The shell keeps one end of a pipe whose other end only this process holds. However this process ends, the pipe closes and the inner watch
 * kills the JVM; the watch survives the outer shell, and the JVM's own end ends both. The first line written is the JVM's number.
 */
const SUPERVISED = `
exec 3<&0
"$@" </dev/null 3<&- &
jvm=$!
echo $jvm
( read -r line <&3; kill -9 $jvm ) >/dev/null 2>&1 &
watch=$!
exec 3<&-
wait $jvm
code=$?
kill $watch 2>/dev/null
exit $code
`;

const OUTPUT_KEPT = 4_000;
const STOP_MS = 5_000;

/** @param record where the JVM's number is kept, for killLeftOver. */
export async function startJvm(command: readonly string[], folder: string, record?: string): Promise<Jvm> {
  // A session of its own: Ctrl-C in the terminal must not stop the database under a server that is still finishing requests.
  const shell = spawn('/bin/sh', ['-c', SUPERVISED, 'dynamodb-local', ...command], { cwd: folder, detached: true });
  let output = '';
  let pid = 0;
  const ended = new Promise<JvmEnd>((resolve) => {
    shell.once('error', (error) => resolve({ code: null, output: error.message }));
    shell.once('exit', (code) => {
      shell.stdin.destroy();
      killIfOurs(pid);
      // What it said last is still in the pipes.
      setImmediate(() => resolve({ code, output }));
    });
  });
  shell.stdin.on('error', () => undefined);
  shell.stderr.on('data', (chunk: Buffer) => {
    output = `${output}${chunk}`.slice(-OUTPUT_KEPT);
  });
  pid = await new Promise<number>((resolve) => {
    let first = '';
    shell.stdout.on('data', (chunk: Buffer) => {
      if (pid !== 0) output = `${output}${chunk}`.slice(-OUTPUT_KEPT);
      else first += chunk;
      if (first.includes('\n')) resolve(Number.parseInt(first, 10));
    });
    void ended.then(() => resolve(0));
  });
  if (record !== undefined) writeFileSync(record, JSON.stringify({ pid, started_at: startedAt(pid) }), { mode: 0o600 });
  return { pid, ended, stop: () => stop(pid, ended, record) };
}

/** Ends the JVM that an earlier server on this folder left behind, after making sure that it is that one. */
export async function killLeftOver(record: string): Promise<void> {
  const left = readRecord(record);
  if (left === undefined || startedAt(left.pid) !== left.started_at) return;
  while (killIfOurs(left.pid)) await new Promise((resolve) => setTimeout(resolve, 20));
  rmSync(record, { force: true });
}

async function stop(pid: number, ended: Promise<JvmEnd>, record: string | undefined): Promise<void> {
  // Until the shell has ended it has not reaped the JVM, so that its number is still its own.
  let running = pid > 0;
  void ended.then(() => {
    running = false;
  });
  const late = setTimeout(() => running && signal(pid, 'SIGKILL'), STOP_MS);
  await Promise.resolve(); // an end that lies behind is known from here on
  if (running) signal(pid, 'SIGTERM');
  await ended;
  clearTimeout(late);
  if (record !== undefined) rmSync(record, { force: true });
}

/** A number may have gone to another program since. A JVM that is dead but not yet reaped has no command line. */
const isOurs = (pid: number): boolean => pid > 0 && commandLine(pid).includes('DynamoDBLocal.jar');

const killIfOurs = (pid: number): boolean => isOurs(pid) && signal(pid, 'SIGKILL');

function signal(pid: number, name: 'SIGTERM' | 'SIGKILL'): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false; // it ended just before
  }
}

function readRecord(record: string): { pid: number; started_at: string } | undefined {
  try {
    return JSON.parse(readFileSync(record, 'utf8')) as { pid: number; started_at: string };
  } catch {
    return undefined;
  }
}
