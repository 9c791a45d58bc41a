/** The embedded default (P2P_STORE=local): DynamoDB Local, the storage folder, tables and secrets, all in one data folder. */
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Config } from '../config.ts';
import type { RunningInfrastructure } from '../infrastructure.ts';
import { systemClock } from '../shared/clock.ts';
import { createVault } from '../shared/crypto.ts';
import { createDynamoClient, documentClientOf } from '../shared/dynamo/client.ts';
import { createTables } from '../shared/dynamo/create-tables.ts';
import { tableReady } from '../shared/dynamo/table-ready.ts';
import { tableNames } from '../shared/dynamo/tables.ts';
import { type FolderStorage, folderStorage } from '../shared/storage/folder-storage.ts';
import { addCommitBarrier } from './commit-barrier.ts';
import { startDynamoDbLocal } from './dynamodb-local.ts';
import { loadLocalSecrets } from './secrets.ts';
import { storageRoutes } from './storage-routes.ts';

/** @throws Error whose message says what to do: no Java, the folder in use, not ready in time. */
export async function openLocal(config: Config): Promise<RunningInfrastructure> {
  const dynamodb = await startDynamoDbLocal({ dataDir: config.dataDir });
  try {
    const secrets = await loadLocalSecrets(config);
    const client = createDynamoClient({
      endpoint: dynamodb.endpoint,
      region: dynamodb.region,
      credentials: dynamodb.credentials,
    });
    await createTables(client, config.tablePrefix);
    addCommitBarrier(client);
    let address = '';
    const buckets = openBuckets(config, secrets.storageSecret, () => address);
    const documents = documentClientOf(client);
    const names = tableNames(config.tablePrefix);
    return {
      infrastructure: {
        client: documents,
        tableNames: names,
        vault: createVault(secrets.encryptionKey),
        storage: buckets,
        coolingHours: 0,
        secondAdmin: false,
      },
      secrets,
      checks: { dynamodb: () => tableReady(documents, names.settings), storage: () => buckets.payments.ready() },
      localRoutes: (app) =>
        storageRoutes(app, { storages: Object.values(buckets), secret: secrets.storageSecret, clock: systemClock }),
      listening(url) {
        address = url;
      },
      async stop() {
        client.destroy();
        await dynamodb.stop();
      },
    };
  } catch (error) {
    await dynamodb.stop();
    throw error;
  }
}

function openBuckets(config: Config, secret: string, baseUrl: () => string) {
  const root = join(resolve(config.dataDir), 'storage');
  const open = (bucket: string): FolderStorage => {
    mkdirSync(join(root, bucket), { recursive: true, mode: 0o700 });
    return folderStorage({ root, bucket, baseUrl, secret });
  };
  const { payments, documents, backups } = config.buckets;
  return { payments: open(payments), documents: open(documents), backups: open(backups) };
}
