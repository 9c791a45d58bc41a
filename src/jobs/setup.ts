/** Tables and buckets on stand-ins for AWS, as in compose. On AWS itself Terraform makes them, and this refuses to. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../config.ts';
import { createDynamoClient } from '../shared/dynamo/client.ts';
import { createTables } from '../shared/dynamo/create-tables.ts';
import { TABLES, tableNames } from '../shared/dynamo/tables.ts';
import { createBuckets } from '../shared/storage/create-buckets.ts';
import { s3Client } from '../shared/storage/s3-storage.ts';
import { type Outcome, UsageError } from './job.ts';
import type { Reporter } from './report.ts';

export interface SetupOptions {
  readonly config: Config;
  readonly dryRun: boolean;
  readonly report: Reporter;
}

/** @throws UsageError where the environment names AWS itself, or nothing to set up. */
export async function setup({ config, dryRun, report }: SetupOptions): Promise<Outcome> {
  const { dynamodb, ...storage } = placesOf(config);
  const names = Object.values(config.buckets);
  const tables = TABLES.map((table) => tableNames(config.tablePrefix)[table]);
  if (dryRun)
    return {
      result: 'ok',
      sentence: `${tables.length} tables at ${dynamodb} and ${names.length} buckets at ${storage.folder ?? storage.s3} would be made where missing.`,
      facts: { tables, buckets: names },
    };
  const region = config.region ?? '';
  const dynamo = createDynamoClient({ region, endpoint: dynamodb });
  try {
    report.progress('tables', 0);
    const createdTables = await createTables(dynamo, config.tablePrefix);
    report.progress('buckets', 0);
    const createdBuckets =
      storage.folder === undefined ? await makeBuckets(storage.s3, region, names) : makeFolders(storage.folder, names);
    return {
      result: 'ok',
      sentence: `${createdTables.length} of ${tables.length} tables and ${createdBuckets.length} of ${names.length} buckets were made; the rest was there.`,
      facts: { created_tables: createdTables, created_buckets: createdBuckets },
    };
  } finally {
    dynamo.destroy();
  }
}

async function makeBuckets(endpoint: string, region: string, names: readonly string[]): Promise<readonly string[]> {
  const client = s3Client({ region, endpoint });
  try {
    return await createBuckets(client, names);
  } finally {
    client.destroy();
  }
}

/** The server makes them too: made here, a folder nobody may write to is found before it starts. */
const makeFolders = (root: string, names: readonly string[]): readonly string[] =>
  names.filter((name) => mkdirSync(join(root, name), { recursive: true, mode: 0o700 }) !== undefined);

type Places =
  | { readonly dynamodb: string; readonly s3: string; readonly folder?: undefined }
  | { readonly dynamodb: string; readonly folder: string; readonly s3?: undefined };

function placesOf({ store, dynamodbEndpoint: dynamodb, s3Endpoint: s3, storageDir: folder }: Config): Places {
  if (store === 'local')
    throw new UsageError(
      'p2p setup needs P2P_STORE=aws: the embedded store makes its own tables when the server starts.',
    );
  if (dynamodb === undefined || (s3 === undefined && folder === undefined))
    throw new UsageError(
      'p2p setup needs AWS_ENDPOINT_URL_DYNAMODB and AWS_ENDPOINT_URL_S3 (or P2P_STORAGE_DIR): on AWS itself Terraform makes tables and buckets.',
    );
  for (const endpoint of [dynamodb, s3])
    if (endpoint !== undefined && isAws(endpoint))
      throw new UsageError(
        `p2p setup does not touch AWS itself (${endpoint}): there Terraform makes tables and buckets.`,
      );
  return folder === undefined ? { dynamodb, s3: s3 ?? '' } : { dynamodb, folder };
}

function isAws(endpoint: string): boolean {
  if (!URL.canParse(endpoint)) throw new UsageError(`${endpoint} is not a URL.`);
  return /(^|\.)(amazonaws\.com(\.cn)?|api\.aws|api\.amazonwebservices\.com\.cn|aws)$/i.test(
    new URL(endpoint).hostname,
  );
}
