/** The embedded default (P2P_STORE=local): DynamoDB Local, the storage folder, tables and secrets, all in one data folder. */
import { join, resolve } from 'node:path';
import type { Config } from '../config.ts';
import type { RunningInfrastructure } from '../infrastructure.ts';
import { createVault } from '../shared/crypto.ts';
import { createDynamoClient, documentClientOf } from '../shared/dynamo/client.ts';
import { createTables } from '../shared/dynamo/create-tables.ts';
import { tableReady } from '../shared/dynamo/table-ready.ts';
import { tableNames } from '../shared/dynamo/tables.ts';
import { folderOutbox } from '../shared/mail/folder-outbox.ts';
import { noMail } from '../shared/mail/mail.ts';
import { commandScan } from '../shared/storage/scan.ts';
import { addCommitBarrier } from './commit-barrier.ts';
import { startDynamoDbLocal } from './dynamodb-local.ts';
import { openFolderBuckets } from './folder-buckets.ts';
import { loadLocalSecrets } from './secrets.ts';

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
    const files = openFolderBuckets(config, join(resolve(config.dataDir), 'storage'), secrets.storageSecret);
    const documents = documentClientOf(client);
    const names = tableNames(config.tablePrefix);
    return {
      infrastructure: {
        client: documents,
        tableNames: names,
        vault: createVault(secrets.encryptionKey, config.secrets.previousEncryptionKey),
        storage: files.storage,
        coolingHours: 0,
        secondAdmin: false,
        secondFactor: config.secondFactor,
        documentScan: commandScan(files.storage.documents, config.clamavCommand),
        unsealedItems: secrets.sealed ? config.unsealedItems : 'accepted',
        mail: config.mailDir === undefined ? noMail : folderOutbox(config.mailDir),
        showLinks: true,
        enrolmentPage: config.enrolmentPage,
        oidc: config.oidc && { ...config.oidc, clientSecret: config.secrets.oidcClientSecret },
      },
      secrets,
      clients: [documents],
      checks: { dynamodb: () => tableReady(documents, names.settings), storage: () => files.storage.payments.ready() },
      localRoutes: files.routes,
      listening: files.listening,
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
