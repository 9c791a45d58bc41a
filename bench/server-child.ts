/** The whole server, built and set up as in production but for its address; on demand it tells the DynamoDB calls it made last. */
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { pino } from 'pino';
import { cpuMicroseconds, endOnSigterm, type Store } from './child.ts';

// What tsx makes of the sources on the way is slower than what `npm start` runs.
const built = <T>(file: string): Promise<T> => import(new URL(`../dist/${file}.js`, import.meta.url).href);
const { buildApp } = await built<typeof import('../src/app.ts')>('app');
const { readConfig } = await built<typeof import('../src/config.ts')>('config');
const { createDependencies } = await built<typeof import('../src/dependencies.ts')>('dependencies');
const { ensureFirstAdmin } = await built<typeof import('../src/modules/users/index.ts')>('modules/users/index');
const { createVault } = await built<typeof import('../src/shared/crypto.ts')>('shared/crypto');
const { createDynamoClient, documentClientOf } =
  await built<typeof import('../src/shared/dynamo/client.ts')>('shared/dynamo/client');
const { tableNames } = await built<typeof import('../src/shared/dynamo/tables.ts')>('shared/dynamo/tables');
const { collectedLog, loggerOptions } = await built<typeof import('../src/shared/logging.ts')>('shared/logging');
const { folderStorage } = await built<typeof import('../src/shared/storage/folder-storage.ts')>(
  'shared/storage/folder-storage',
);

const store = JSON.parse(process.argv[2] ?? '') as Store;
const secret = randomBytes(32).toString('base64');
const config = readConfig({
  P2P_JWT_SECRET: secret,
  P2P_WEBHOOK_SECRET: secret,
  P2P_ENCRYPTION_KEY: secret,
  P2P_RATE_LIMIT: '100000000',
});
const dynamo = createDynamoClient({ ...store, region: 'local' });
const recorded: { command: string; input: unknown }[] = [];
let recording = false;
dynamo.middlewareStack.add(
  (next, context) => (args) => {
    if (recording) recorded.push({ command: String(context['commandName']), input: args.input });
    return next(args);
  },
  { step: 'build' },
);
const bucket = (name: string) => folderStorage({ root: tmpdir(), bucket: name, baseUrl: () => '', secret });
const infrastructure = {
  client: documentClientOf(dynamo),
  tableNames: tableNames('bench_'),
  vault: createVault(secret),
  storage: { payments: bucket('payments'), documents: bucket('documents'), backups: bucket('backups') },
  coolingHours: 0,
  secondAdmin: false,
  mail: { send: async () => undefined },
  showLinks: true,
};
const dependencies = createDependencies(infrastructure);
// The log is written as in production, to nowhere.
const logger = pino(loggerOptions('info'), collectedLog('/dev/null'));
const app = await buildApp({ config, dependencies, logger, version: 'bench', checks: {} });
await ensureFirstAdmin(
  { ...infrastructure, users: dependencies.userRepository, unitOfWork: dependencies.unitOfWork },
  { email: 'admin@example.com', password: 'an administrator of benches', now: new Date() },
);
const url = await app.listen({ host: '127.0.0.1', port: 0 });

process.on('message', (question: { ask: string; claims?: object }) => {
  if (question.ask === 'cpu') process.send?.(cpuMicroseconds());
  if (question.ask === 'record') {
    recorded.length = 0;
    recording = true;
    process.send?.(true);
  }
  if (question.ask === 'recorded') {
    recording = false;
    process.send?.(recorded);
  }
  // Tokens that outlast the measurement: minutes of warm-up would end a common one.
  if (question.ask === 'token') process.send?.(app.jwt.sign(question.claims ?? {}, { expiresIn: '2h' }));
});
endOnSigterm();
process.send?.({ url });
