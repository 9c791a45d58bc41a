/** A server of the demo's own: the embedded store in a folder of its own, on a free port, ended with the demo. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';

export interface DemoServer {
  readonly url: string;
  readonly admin: { readonly email: string; readonly password: string };
  /** One that a server named by URL has already. */
  readonly secondAdmin?: { readonly email: string; readonly password: string } | undefined;
  readonly webhookSecret: string | undefined;
  /** Where its buckets' files lie; undefined for a server named by URL. */
  readonly storageFolder: string | undefined;
  stop(): Promise<void>;
}

const DATA_DIR = '.p2p/demo';
/** Known on purpose: the server listens on loopback, for the demo alone, and ends with it. */
const ADMIN = { email: 'admin@example.com', password: 'demo administrator' };
const READY_MS = 120_000;

export async function startOwnServer(): Promise<DemoServer> {
  const webhookSecret = randomBytes(32).toString('hex');
  const child = spawn(process.execPath, ['--import', 'tsx', 'src/server.ts'], {
    env: {
      ...process.env,
      P2P_STORE: 'local',
      NODE_ENV: 'development',
      P2P_DATA_DIR: DATA_DIR,
      P2P_ADMIN_EMAIL: ADMIN.email,
      P2P_ADMIN_PASSWORD: ADMIN.password,
      P2P_WEBHOOK_SECRET: webhookSecret,
      HOST: '127.0.0.1',
      PORT: '0',
      LOG_LEVEL: 'warn',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const url = await addressOf(child);
  return {
    url,
    admin: ADMIN,
    webhookSecret,
    storageFolder: `${DATA_DIR}/storage`,
    stop: () =>
      new Promise((resolve) => {
        if (child.exitCode !== null) return resolve();
        child.once('exit', () => resolve());
        child.kill('SIGTERM');
      }),
  };
}

/** The greeting names it. */
function addressOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = '';
    const late = setTimeout(() => {
      child.kill('SIGTERM');
      reject(new Error(`the server was not ready within ${READY_MS / 1000} s:\n${output}`));
    }, READY_MS);
    child.stdout?.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      const address = /API\s+(http:\/\/\S+)\/api\/v1/.exec(output)?.[1];
      if (address !== undefined && output.includes('Stop with')) {
        clearTimeout(late);
        resolve(address);
      }
    });
    child.once('exit', (code) => {
      clearTimeout(late);
      reject(new Error(`the server ended with code ${code} before it was ready:\n${output}`));
    });
  });
}
