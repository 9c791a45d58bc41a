/** The embedded database: Amazon's DynamoDB Local, started, watched and stopped with the server. */
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type AccessKey, loadAccessKey, newAccessKey } from './access-key.ts';
import { type FolderLock, lockFolder } from './folder-lock.ts';
import { answers, freePort, jarFolder, javaArguments, OTHER_WAYS } from './jvm.ts';
import { type Jvm, type JvmEnd, killLeftOver, startJvm } from './jvm-process.ts';

export interface DynamoDbLocalOptions {
  /** The data folder; the data is in memory only, and gone at the end, where absent. */
  readonly dataDir?: string | undefined;
  /** The java program, `java` on the PATH where absent. */
  readonly java?: string | undefined;
  /** Takes sentences for the person who started the server; stderr where absent. */
  readonly tell?: ((sentence: string) => void) | undefined;
  /** Called when the database is gone and does not come back. Where absent, the process is told and asked to end (SIGTERM, exit code 1). */
  readonly onFailure?: ((error: Error) => void) | undefined;
  /** Milliseconds to wait for the first answer. */
  readonly timeout?: number | undefined;
}

export interface DynamoDbLocal {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: AccessKey;
  /** The JVM's process number now; it changes when the JVM is restarted. */
  pid(): number;
  /** Stops the JVM and frees the folder. Safe to call twice. */
  stop(): Promise<void>;
}

const REGION = 'local';
const READY_MS = 120_000;
const POLL_MS = 25;
const QUIET_MS = 3_000;
const PORT_ATTEMPTS = 3;
const RESTARTS = 3;
const RESTARTS_WITHIN_MS = 60_000;

interface Launch {
  readonly java: string;
  readonly dbPath: string | undefined;
  readonly record: string | undefined;
  readonly timeout: number;
  readonly tell: (sentence: string) => void;
}

/** @throws FolderInUseError, or an Error whose message names what to do: no Java, not installed, not ready in time. */
export async function startDynamoDbLocal(options: DynamoDbLocalOptions = {}): Promise<DynamoDbLocal> {
  const { dataDir, java = 'java', tell = toStderr, timeout = READY_MS } = options;
  if (dataDir === undefined)
    return serve({ java, tell, timeout, dbPath: undefined, record: undefined }, newAccessKey(), options);
  const dbPath = join(resolve(dataDir), 'dynamodb');
  const lock = await lockFolder(resolve(dataDir));
  try {
    mkdirSync(dbPath, { recursive: true, mode: 0o700 });
    const record = join(dbPath, 'jvm.json');
    await killLeftOver(record);
    return await serve({ java, tell, timeout, dbPath, record }, await loadAccessKey(dbPath), options, lock);
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** Watches the JVM. A new one on the same folder and port loses nothing that was acknowledged, so that a restart beats an exit. */
async function serve(
  launch: Launch,
  credentials: AccessKey,
  { onFailure = endProcess(launch.tell) }: DynamoDbLocalOptions,
  lock?: FolderLock,
): Promise<DynamoDbLocal> {
  const first = await startOnFreePort(launch);
  let current = first.jvm;
  let stopping: Promise<void> | undefined;
  const restarts: number[] = [];
  const watch = async (): Promise<void> => {
    for (;;) {
      const end = await current.ended;
      if (stopping !== undefined) return;
      if (launch.dbPath === undefined) throw new Error(`DynamoDB Local ended, and its data was in memory.${said(end)}`);
      const since = Date.now() - RESTARTS_WITHIN_MS;
      if (restarts.filter((at) => at > since).length >= RESTARTS) {
        throw new Error(`DynamoDB Local keeps ending; the server stops. What was acknowledged is safe.${said(end)}`);
      }
      restarts.push(Date.now());
      launch.tell(`DynamoDB Local ended unexpectedly; starting it again. What was acknowledged is safe.${said(end)}`);
      current = await startOn(launch, first.port);
      if (stopping !== undefined) return current.stop();
    }
  };
  const watching = watch().catch((error: unknown) => {
    if (stopping === undefined) onFailure(error instanceof Error ? error : new Error(String(error)));
  });
  const stop = async (): Promise<void> => {
    await current.stop();
    await watching;
    lock?.release();
  };
  return {
    endpoint: address(first.port),
    region: REGION,
    credentials,
    pid: () => current.pid,
    stop: () => {
      stopping ??= stop();
      return stopping;
    },
  };
}

async function startOnFreePort(launch: Launch): Promise<{ readonly jvm: Jvm; readonly port: number }> {
  for (let attempt = 1; ; attempt++) {
    const port = await freePort();
    try {
      return { jvm: await startOn(launch, port), port };
    } catch (error) {
      // Another program may have taken the port meanwhile.
      const taken = error instanceof Error && /address already in use/i.test(error.message);
      if (!taken || attempt === PORT_ATTEMPTS) throw error;
    }
  }
}

async function startOn(launch: Launch, port: number): Promise<Jvm> {
  const folder = jarFolder();
  const jvm = await startJvm(
    [launch.java, ...javaArguments(folder, { port, dbPath: launch.dbPath })],
    folder,
    launch.record,
  );
  const began = Date.now();
  const progress = setInterval(() => {
    launch.tell(`DynamoDB Local is starting (${Math.round((Date.now() - began) / 1_000)} s) ...`);
  }, QUIET_MS);
  try {
    await ready(jvm, address(port), began + launch.timeout);
    return jvm;
  } catch (error) {
    await jvm.stop();
    throw error;
  } finally {
    clearInterval(progress);
  }
}

async function ready(jvm: Jvm, endpoint: string, deadline: number): Promise<void> {
  let end: JvmEnd | undefined;
  void jvm.ended.then((value) => {
    end = value;
  });
  for (;;) {
    const answered = await answers(endpoint);
    if (end !== undefined) throw explain(end);
    if (answered) return;
    if (Date.now() >= deadline) throw new Error('DynamoDB Local did not answer in time; is the machine overloaded?');
    await new Promise((done) => setTimeout(done, POLL_MS));
  }
}

/** 126 and 127 are the shell's: there is no such program. macOS ships a `java` that only says that there is none. */
function explain(end: JvmEnd): Error {
  const none =
    end.code === 126 || end.code === 127 || /unable to locate a java runtime|no java runtime/i.test(end.output);
  if (none) return new Error(`The embedded database needs Java, and none was found. ${OTHER_WAYS}`);
  if (/UnsupportedClassVersionError/.test(end.output)) {
    return new Error(`The embedded database needs Java 17, and the one found is older. ${OTHER_WAYS}`);
  }
  return new Error(`DynamoDB Local ended before it was ready (code ${end.code}).${said(end)}`);
}

const said = ({ output }: JvmEnd): string => (output.trim() === '' ? '' : ` It said: ${output.trim()}`);
const address = (port: number): string => `http://127.0.0.1:${port}`;
const toStderr = (sentence: string): void => {
  process.stderr.write(`${sentence}\n`);
};

const endProcess =
  (tell: (sentence: string) => void) =>
  (error: Error): void => {
    tell(error.message);
    process.exitCode = 1;
    process.kill(process.pid, 'SIGTERM');
  };
