import { setTimeout as sleep } from 'node:timers/promises';
import { CreateBucketCommand, HeadBucketCommand, type S3Client } from '@aws-sdk/client-s3';
import t from 'tap';
import { createBuckets } from '../../../src/shared/storage/create-buckets.ts';
import { s3Client } from '../../../src/shared/storage/s3-storage.ts';
import { testS3 } from '../../support/s3-server.ts';

t.test('missing buckets are made, once', async (t) => {
  const s3 = await testS3(t);
  const client = s3Client(s3.config);
  t.teardown(() => client.destroy());
  t.strictSame(await createBuckets(client, [s3.bucket, 'made-now']), ['made-now']);
  t.strictSame(await createBuckets(client, [s3.bucket, 'made-now']), []);
});

/** Says of a bucket that it is missing until it was asked so often. */
const racing = (missing: number, failure: Error): S3Client => {
  let asked = 0;
  return {
    async send(command: unknown) {
      await sleep(0);
      if (command instanceof CreateBucketCommand) throw failure;
      if (!(command instanceof HeadBucketCommand)) throw new TypeError('no other command is expected');
      asked += 1;
      if (asked <= missing) throw await notFound();
      return {};
    },
  } as unknown as S3Client;
};

/** As the SDK reports it. */
async function notFound(): Promise<unknown> {
  const { NotFound } = await import('@aws-sdk/client-s3');
  return new NotFound({ message: 'no such bucket', $metadata: { httpStatusCode: 404 } });
}

t.test('a bucket that another process made meanwhile is fine, any other failure is told', async (t) => {
  const failure = new Error('BucketAlreadyOwnedByYou');
  t.strictSame(await createBuckets(racing(1, failure), ['made-meanwhile']), []);
  await t.rejects(createBuckets(racing(2, failure), ['refused']), failure);
  const unreachable = s3Client({
    endpoint: 'http://127.0.0.1:1',
    region: 'eu-west-1',
    maxAttempts: 1,
    credentials: { accessKeyId: 'tests', secretAccessKey: 'tests' },
  });
  t.teardown(() => unreachable.destroy());
  await t.rejects(createBuckets(unreachable, ['anywhere']), { message: /ECONNREFUSED/ });
});
