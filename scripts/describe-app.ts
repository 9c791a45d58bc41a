/** The server assembled as always, over nothing: what its routes say of themselves, without a store behind them. */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { pino } from 'pino';
import { buildApp } from '../src/app.ts';
import { readConfig } from '../src/config.ts';
import { createDependencies } from '../src/dependencies.ts';
import { createVault } from '../src/shared/crypto.ts';
import { createDocumentClient } from '../src/shared/dynamo/client.ts';
import { tableNames } from '../src/shared/dynamo/tables.ts';
import { folderStorage } from '../src/shared/storage/folder-storage.ts';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

/** The OpenAPI document; nothing the server stands on is ever called. */
export async function describeApp(): Promise<object> {
  const secret = randomBytes(32).toString('base64');
  const bucket = (name: string) => folderStorage({ root: tmpdir(), bucket: name, baseUrl: () => '', secret });
  const app = await buildApp({
    config: readConfig({ P2P_JWT_SECRET: secret, P2P_WEBHOOK_SECRET: secret, P2P_ENCRYPTION_KEY: secret }),
    dependencies: createDependencies({
      client: createDocumentClient({ region: 'none', endpoint: 'http://127.0.0.1:1' }),
      tableNames: tableNames('p2p_'),
      vault: createVault(secret),
      storage: { payments: bucket('payments'), documents: bucket('documents'), backups: bucket('backups') },
      coolingHours: 0,
      secondAdmin: false,
      mail: { send: async () => undefined },
      showLinks: true,
    }),
    logger: pino({ level: 'silent' }),
    version,
    checks: {},
    // A schema that does not compile is found here, not by the first request that needs it.
    compileAtStart: true,
  });
  await app.ready();
  const described = app.swagger();
  await app.close();
  return described;
}
