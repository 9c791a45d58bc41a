/** A stand-in for S3 in this process: an address, and a bucket that exists. */
import { randomBytes } from 'node:crypto';
import { startFauxqs } from 'fauxqs';

interface Teardown {
  teardown(fn: () => Promise<void> | void): unknown;
}

export interface TestS3 {
  readonly config: {
    readonly endpoint: string;
    readonly region: string;
    readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  };
  readonly bucket: string;
}

export async function testS3(t: Teardown): Promise<TestS3> {
  const server = await startFauxqs({ port: 0, logger: false, host: '127.0.0.1' });
  t.teardown(() => server.stop());
  const bucket = `test-${randomBytes(4).toString('hex')}`;
  server.createBucket(bucket);
  return {
    config: {
      endpoint: `http://127.0.0.1:${server.port}`,
      region: 'eu-west-1',
      credentials: { accessKeyId: 'tests', secretAccessKey: 'tests' },
    },
    bucket,
  };
}
