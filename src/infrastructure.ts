/** What a process stands on: clients, tables, buckets and keys, either AWS's (or the endpoints its variables name) or the embedded default's. */
import type { FastifyPluginAsync } from 'fastify';
import type { Config, Secrets } from './config.ts';
import type { Buckets, Infrastructure } from './dependencies.ts';
import { openFolderBuckets } from './local/folder-buckets.ts';
import { createVault, type Vault } from './shared/crypto.ts';
import { createDynamoClient, documentClientOf } from './shared/dynamo/client.ts';
import { tableReady } from './shared/dynamo/table-ready.ts';
import { tableNames } from './shared/dynamo/tables.ts';
import { folderOutbox } from './shared/mail/folder-outbox.ts';
import { type Mail, noMail } from './shared/mail/mail.ts';
import { sesMail } from './shared/mail/ses-mail.ts';
import { s3Client, s3Storage, s3Tag } from './shared/storage/s3-storage.ts';
import { commandScan, SCAN_TAG, type Scan, tagScan } from './shared/storage/scan.ts';
import type { SdkClient } from './tracing.ts';

export interface RunningInfrastructure {
  readonly infrastructure: Infrastructure;
  readonly secrets: Secrets;
  /** Whose calls are traced. */
  readonly clients: readonly SdkClient[];
  /** For `/ready`. */
  readonly checks: Readonly<Record<string, () => Promise<void>>>;
  readonly localRoutes?: FastifyPluginAsync | undefined;
  /** Told the address once the server listens: the embedded store signs URLs with it. */
  listening(address: string): void;
  stop(): Promise<void>;
}

/** Tables and buckets exist already: Terraform made them. Nothing is created and nothing inferred from credentials. */
export function openAws(config: Config): RunningInfrastructure {
  const secrets = requiredSecrets(config);
  const region = config.region ?? '';
  const dynamo = createDynamoClient({
    region,
    ...(config.dynamodbEndpoint === undefined ? {} : { endpoint: config.dynamodbEndpoint }),
  });
  const vault = createVault(secrets.encryptionKey, secrets.previousEncryptionKey);
  const files = config.storageDir === undefined ? openS3(config, region) : openFolder(config, config.storageDir, vault);
  const letters = openMail(config, region);
  const names = tableNames(config.tablePrefix);
  const client = documentClientOf(dynamo);
  return {
    infrastructure: {
      client,
      tableNames: names,
      vault,
      storage: files.storage,
      coolingHours: 24,
      secondAdmin: true,
      secondFactor: config.secondFactor,
      unsealedItems: config.unsealedItems,
      mail: letters.mail,
      showLinks: !config.production,
      enrolmentPage: config.enrolmentPage,
      oidc: config.oidc && { ...config.oidc, clientSecret: config.secrets.oidcClientSecret },
      regions: { here: region, writing: config.writingRegion },
      documentScan: files.guardduty ?? commandScan(files.storage.documents, config.clamavCommand),
    },
    secrets,
    clients: [client, ...files.clients, ...letters.clients],
    checks: { dynamodb: () => tableReady(client, names.settings), storage: () => files.storage.payments.ready() },
    localRoutes: files.routes,
    listening: files.listening,
    async stop() {
      dynamo.destroy();
      files.stop();
      letters.stop();
    },
  };
}

interface Letters {
  readonly mail: Mail;
  readonly clients: readonly SdkClient[];
  stop(): void;
}

function openMail({ mailFrom, mailDir }: Config, region: string): Letters {
  if (mailFrom === undefined) {
    const mail = mailDir === undefined ? noMail : folderOutbox(mailDir);
    return { mail, clients: [], stop: () => undefined };
  }
  const mail = sesMail(mailFrom, { region });
  return { mail, clients: [mail.client], stop: () => mail.client.destroy() };
}

interface Files {
  readonly storage: Buckets;
  readonly clients: readonly SdkClient[];
  readonly routes?: FastifyPluginAsync;
  /** Where it is switched on, and there are buckets that it scans. */
  readonly guardduty?: Scan | undefined;
  listening(address: string): void;
  stop(): void;
}

function openS3(config: Config, region: string): Files {
  const { s3Endpoint: endpoint, storagePublicUrl } = config;
  const client = s3Client({ region, ...(endpoint === undefined ? {} : { endpoint }) });
  const presign =
    storagePublicUrl === undefined ? {} : { presignClient: s3Client({ region, endpoint: storagePublicUrl }) };
  const bucket = (name: string) =>
    s3Storage({ client, bucket: name, trustChecksums: endpoint === undefined, ...presign });
  return {
    storage: {
      payments: bucket(config.buckets.payments),
      documents: bucket(config.buckets.documents),
      backups: bucket(config.buckets.backups),
      anchors: config.buckets.anchors === undefined ? undefined : bucket(config.buckets.anchors),
    },
    clients: [client],
    guardduty: config.guardduty
      ? tagScan((key) => s3Tag({ client, bucket: config.buckets.documents }, key, SCAN_TAG))
      : undefined,
    listening: () => undefined,
    stop() {
      client.destroy();
      presign.presignClient?.destroy();
    },
  };
}

/** Every task on that folder signs with the same key. */
function openFolder(config: Config, root: string, vault: Vault): Files {
  const secret = vault.sign('local links', 'storage folder');
  return { ...openFolderBuckets(config, root, secret), clients: [], stop: () => undefined };
}

function requiredSecrets({ secrets }: Config): Secrets {
  const { webhookSecret, encryptionKey } = secrets;
  if (webhookSecret === undefined || encryptionKey === undefined)
    throw new TypeError('readConfig lets no store but the embedded one go without secrets');
  return { ...secrets, webhookSecret, encryptionKey };
}
