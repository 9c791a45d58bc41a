/** The real server in a process of its own, over a data folder of its own: for what only a process can show. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import type { TestDynamo } from './dynamodb-local.ts';

export interface ServerProcess {
  readonly url: string;
  readonly pid: number;
  /** All that it wrote to its terminal so far. */
  readonly output: () => string;
  signal(signal: NodeJS.Signals): void;
  /** Resolves with the exit code, null after a signal. */
  readonly ended: Promise<number | null>;
}

export const ADMIN = { email: 'admin@example.com', password: 'an administrator of tests' };
const READY_MS = 120_000;

export function serverEnvironment(dataDir: string, more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  return {
    PATH: process.env['PATH'],
    HOME: process.env['HOME'],
    HOST: '127.0.0.1',
    PORT: '0',
    P2P_DATA_DIR: dataDir,
    P2P_ADMIN_EMAIL: ADMIN.email,
    P2P_ADMIN_PASSWORD: ADMIN.password,
    P2P_RATE_LIMIT: '1000000',
    // A machine that runs many tests is late by itself.
    P2P_MAX_DELAY_MS: '0',
    LOG_LEVEL: 'error',
    ...more,
  };
}

/** One of several servers over the same tables and files, as tasks are; every call makes secrets of its own. */
export function taskEnvironment(
  { config, prefix }: TestDynamo,
  folder: string,
  more: NodeJS.ProcessEnv = {},
): NodeJS.ProcessEnv {
  return serverEnvironment('', {
    P2P_STORE: 'aws',
    // DynamoDB Local keeps a database for each Region and access key.
    AWS_REGION: String(config.region),
    AWS_ACCESS_KEY_ID: 'tests',
    AWS_SECRET_ACCESS_KEY: 'tests',
    AWS_ENDPOINT_URL_DYNAMODB: String(config.endpoint),
    P2P_TABLE_PREFIX: prefix,
    P2P_STORAGE_DIR: folder,
    P2P_JWT_SECRET: randomBytes(32).toString('base64'),
    P2P_WEBHOOK_SECRET: randomBytes(32).toString('base64'),
    P2P_ENCRYPTION_KEY: randomBytes(32).toString('base64'),
    // The line that tells the address.
    LOG_LEVEL: 'info',
    ...more,
  });
}

/** @throws Error with what the process said, where it ended before it was ready. */
export async function startServer(environment: NodeJS.ProcessEnv): Promise<ServerProcess> {
  const variables = Object.entries(environment).map(([name, value]) => `${name}=${value ?? ''}`);
  // env(1), since the runner adds variables to whatever Node starts: coverage of a process that is killed, or was compiled by another
  // loader, spoils what was counted.
  const child = spawn('env', ['-i', ...variables, process.execPath, '--import', 'tsx', 'src/server.ts'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  const url = await ready(child, () => output);
  return { url, pid: child.pid ?? 0, output: () => output, signal: (signal) => void child.kill(signal), ended };
}

/** What the embedded store's terminal says last, and what the log of one on AWS says. */
const GREETING = /API\s+(http:\/\/\S+)\/api\/v1.*Stop with/s;
const LISTENING = /"address":"(http:\/\/[^"]+)".*"msg":"listening"/;

function ready(child: ChildProcess, output: () => string): Promise<string> {
  return new Promise((resolve, reject) => {
    const fail = (why: string): void => {
      clearInterval(poll);
      clearTimeout(late);
      reject(new Error(`${why}:\n${output()}`));
    };
    const late = setTimeout(() => {
      child.kill('SIGKILL');
      fail('the server was not ready in time');
    }, READY_MS);
    const poll = setInterval(() => {
      const url = GREETING.exec(output())?.[1] ?? LISTENING.exec(output())?.[1];
      if (url === undefined) return;
      clearInterval(poll);
      clearTimeout(late);
      resolve(url);
    }, 20);
    child.once('exit', (code) => fail(`the server ended with code ${code}`));
  });
}
