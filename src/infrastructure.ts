/** What a process stands on: clients, tables, buckets and keys, either AWS's (or the endpoints its variables name) or the embedded default's. */
import type { FastifyPluginAsync } from 'fastify';
import type { Config, Secrets } from './config.ts';
import type { Infrastructure } from './dependencies.ts';
import { createVault } from './shared/crypto.ts';
import { createDynamoClient, documentClientOf } from './shared/dynamo/client.ts';
import { tableReady } from './shared/dynamo/table-ready.ts';
import { tableNames } from './shared/dynamo/tables.ts';
import { s3Client, s3Storage } from './shared/storage/s3-storage.ts';

export interface RunningInfrastructure {
  readonly infrastructure: Infrastructure;
  readonly secrets: Secrets;
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
  const s3 = s3Client({ region, ...(config.s3Endpoint === undefined ? {} : { endpoint: config.s3Endpoint }) });
  const bucket = (name: string) =>
    s3Storage({ client: s3, bucket: name, trustChecksums: config.s3Endpoint === undefined });
  const storage = {
    payments: bucket(config.buckets.payments),
    documents: bucket(config.buckets.documents),
    backups: bucket(config.buckets.backups),
  };
  const names = tableNames(config.tablePrefix);
  const client = documentClientOf(dynamo);
  return {
    infrastructure: {
      client,
      tableNames: names,
      vault: createVault(secrets.encryptionKey),
      storage,
      coolingHours: 24,
      secondAdmin: true,
    },
    secrets,
    checks: { dynamodb: () => tableReady(client, names.settings), storage: () => storage.payments.ready() },
    listening: () => undefined,
    async stop() {
      dynamo.destroy();
      s3.destroy();
    },
  };
}

function requiredSecrets({ secrets }: Config): Secrets {
  const { webhookSecret, encryptionKey } = secrets;
  if (webhookSecret === undefined || encryptionKey === undefined)
    throw new TypeError('readConfig lets no store but the embedded one go without secrets');
  return { ...secrets, webhookSecret, encryptionKey };
}
