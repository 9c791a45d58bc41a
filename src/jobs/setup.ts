/** Tables and buckets on stand-ins for AWS, as in compose. On AWS itself Terraform makes them, and this refuses to. */
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
  const { dynamodb, s3: storage } = endpointsOf(config);
  const names = Object.values(config.buckets);
  const tables = TABLES.map((table) => tableNames(config.tablePrefix)[table]);
  if (dryRun)
    return {
      result: 'ok',
      sentence: `${tables.length} tables at ${dynamodb} and ${names.length} buckets at ${storage} would be made where missing.`,
      facts: { tables, buckets: names },
    };
  const region = config.region ?? '';
  const dynamo = createDynamoClient({ region, endpoint: dynamodb });
  const s3 = s3Client({ region, endpoint: storage });
  try {
    report.progress('tables', 0);
    const createdTables = await createTables(dynamo, config.tablePrefix);
    report.progress('buckets', 0);
    const createdBuckets = await createBuckets(s3, names);
    return {
      result: 'ok',
      sentence: `${createdTables.length} of ${tables.length} tables and ${createdBuckets.length} of ${names.length} buckets were made; the rest was there.`,
      facts: { created_tables: createdTables, created_buckets: createdBuckets },
    };
  } finally {
    dynamo.destroy();
    s3.destroy();
  }
}

function endpointsOf({ store, dynamodbEndpoint: dynamodb, s3Endpoint: s3 }: Config) {
  if (store === 'local')
    throw new UsageError(
      'p2p setup needs P2P_STORE=aws: the embedded store makes its own tables when the server starts.',
    );
  if (dynamodb === undefined || s3 === undefined)
    throw new UsageError(
      'p2p setup needs AWS_ENDPOINT_URL_DYNAMODB and AWS_ENDPOINT_URL_S3: on AWS itself Terraform makes tables and buckets.',
    );
  for (const endpoint of [dynamodb, s3])
    if (isAws(endpoint))
      throw new UsageError(
        `p2p setup does not touch AWS itself (${endpoint}): there Terraform makes tables and buckets.`,
      );
  return { dynamodb, s3 };
}

function isAws(endpoint: string): boolean {
  if (!URL.canParse(endpoint)) throw new UsageError(`${endpoint} is not a URL.`);
  return /(^|\.)(amazonaws\.com(\.cn)?|api\.aws|api\.amazonwebservices\.com\.cn|aws)$/i.test(
    new URL(endpoint).hostname,
  );
}
