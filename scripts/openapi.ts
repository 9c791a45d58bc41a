/** Writes openapi/openapi.json from the route schemas; with --check it fails where the committed document differs. */
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { pino } from 'pino';
import { buildApp } from '../src/app.ts';
import { readConfig } from '../src/config.ts';
import { createDependencies } from '../src/dependencies.ts';
import { createVault } from '../src/shared/crypto.ts';
import { createDocumentClient } from '../src/shared/dynamo/client.ts';
import { tableNames } from '../src/shared/dynamo/tables.ts';
import { folderStorage } from '../src/shared/storage/folder-storage.ts';

const FILE = new URL('../openapi/openapi.json', import.meta.url);
const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

const document = `${JSON.stringify(await describe(), null, 2)}\n`;
if (!process.argv.includes('--check')) {
  writeFileSync(FILE, document);
  console.log(`openapi/openapi.json: ${Object.keys(JSON.parse(document).paths).length} paths`);
} else if (readFileSync(FILE, 'utf8') !== document) {
  console.error('openapi/openapi.json is not what the routes say. Run `npm run openapi` and commit it.');
  process.exitCode = 1;
} else console.log('openapi/openapi.json is what the routes say');

/** The server is assembled as always; nothing it stands on is ever called. */
async function describe(): Promise<object> {
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
    }),
    logger: pino({ level: 'silent' }),
    version,
    checks: {},
  });
  await app.ready();
  const described = app.swagger();
  await app.close();
  return described;
}
