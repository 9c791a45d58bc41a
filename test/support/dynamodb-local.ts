/**
 * DynamoDB Local for tests: one JVM in memory, shared by all test files (each is a process) and by the runs of one user, started by the
 * first that needs it. It ends by itself once no test process has been alive for IDLE_SECONDS.
 */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { DeleteTableCommand, DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import { FolderInUseError, lockFolder } from '../../src/local/folder-lock.ts';
import { answers, freePort, jarFolder, javaArguments } from '../../src/local/jvm.ts';
import { createTables } from '../../src/shared/dynamo/create-tables.ts';
import { type TableName, type TableNames, tableNames } from '../../src/shared/dynamo/tables.ts';

export interface TestDynamo {
  /** Pass it to `new DynamoDBClient(...)`. */
  readonly config: DynamoDBClientConfig;
  /** A client of its own, destroyed at the end of the test file. */
  readonly client: DynamoDBClient;
  /** Unique to this call, so that test files never meet. */
  readonly prefix: string;
  readonly names: TableNames;
  /** Creates all tables, or those named; they are deleted at the end. */
  createTables(...only: readonly TableName[]): Promise<void>;
}

interface Teardown {
  teardown(fn: () => Promise<void> | void): unknown;
}

const IDLE_SECONDS = 10;
const START_MS = 120_000;
const folder = join(tmpdir(), `p2p-test-dynamodb-${userInfo().uid}`);
const endpointFile = join(folder, 'endpoint');
const leases = join(folder, 'leases');

export async function testDynamo(t: Teardown): Promise<TestDynamo> {
  const config: DynamoDBClientConfig = {
    endpoint: await sharedEndpoint(),
    region: 'local',
    credentials: { accessKeyId: 'tests', secretAccessKey: 'tests' },
  };
  const client = new DynamoDBClient(config);
  const prefix = `t${randomBytes(5).toString('hex')}_`;
  const created: string[] = [];
  t.teardown(async () => {
    await Promise.all(created.map((name) => client.send(new DeleteTableCommand({ TableName: name }))));
    client.destroy();
  });
  return {
    config,
    client,
    prefix,
    names: tableNames(prefix),
    createTables: async (...only) => {
      created.push(...(await createTables(client, prefix, only.length > 0 ? { only } : {})));
    },
  };
}

/** The address of the running one, or of one started now. */
export async function sharedEndpoint(): Promise<string> {
  mkdirSync(leases, { recursive: true });
  // The lease comes first: from here on the JVM's watch sees this process and keeps it running.
  writeFileSync(join(leases, String(process.pid)), '');
  const deadline = Date.now() + START_MS;
  while (Date.now() < deadline) {
    const endpoint = await runningEndpoint();
    if (endpoint !== undefined) return endpoint;
    try {
      const lock = await lockFolder(folder);
      try {
        return (await runningEndpoint()) ?? (await start(deadline));
      } finally {
        lock.release();
      }
    } catch (error) {
      if (!(error instanceof FolderInUseError)) throw error;
      await pause(100); // another test file is starting it
    }
  }
  throw new Error('DynamoDB Local did not start in time');
}

async function runningEndpoint(): Promise<string | undefined> {
  try {
    const endpoint = readFileSync(endpointFile, 'utf8');
    return (await answers(endpoint)) ? endpoint : undefined;
  } catch {
    return undefined;
  }
}

async function start(deadline: number): Promise<string> {
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  spawn('/bin/sh', ['-c', WATCHED, 'p2p-test-dynamodb', 'java', ...javaArguments(jarFolder(), { port })], {
    cwd: folder,
    detached: true,
    stdio: 'ignore',
  }).unref();
  while (!(await answers(endpoint))) {
    if (Date.now() >= deadline) throw new Error('DynamoDB Local did not start in time; is Java 17 installed?');
    await pause(50);
  }
  const draft = `${endpointFile}.${process.pid}`;
  writeFileSync(draft, endpoint);
  renameSync(draft, endpointFile);
  return endpoint;
}

/** Runs the JVM until no process with a lease has been alive for a while, or until the JVM ends. */
const WATCHED = `
"$@" & jvm=$!
leased() {
  for lease in leases/*; do
    if kill -0 "\${lease#leases/}" 2>/dev/null; then return 0; fi
    rm -f "$lease"
  done
  return 1
}
idle=0
while kill -0 $jvm 2>/dev/null; do
  sleep 1
  if leased; then idle=0; else idle=$((idle + 1)); fi
  if [ $idle -ge ${IDLE_SECONDS} ]; then
    rm -f endpoint
    if leased; then idle=0; else kill -9 $jvm; exit 0; fi
  fi
done
`;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
