/** Creates buckets where Terraform does not: on a server that only speaks S3. */
import { CreateBucketCommand, HeadBucketCommand, type S3Client, S3ServiceException } from '@aws-sdk/client-s3';

/**
 * Creates what is missing; safe to run twice or in parallel.
 * @returns the names of the buckets this call created.
 */
export async function createBuckets(client: S3Client, names: readonly string[]): Promise<readonly string[]> {
  const created: string[] = [];
  for (const name of names) if (await createIfMissing(client, name)) created.push(name);
  return created;
}

async function createIfMissing(client: S3Client, name: string): Promise<boolean> {
  if (await exists(client, name)) return false;
  try {
    await client.send(new CreateBucketCommand({ Bucket: name }));
    return true;
  } catch (error) {
    if (await exists(client, name)) return false; // another process was faster
    throw error;
  }
}

async function exists(client: S3Client, name: string): Promise<boolean> {
  try {
    await client.send(new HeadBucketCommand({ Bucket: name }));
    return true;
  } catch (error) {
    if (error instanceof S3ServiceException && error.$metadata.httpStatusCode === 404) return false;
    throw error;
  }
}
