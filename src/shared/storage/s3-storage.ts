/** The S3 adapter, for AWS and for servers that speak S3. */

import { Readable } from 'node:stream';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  type HeadObjectCommandOutput,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandOutput,
  PutObjectCommand,
  S3Client,
  type S3ClientConfig,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { type Clock, systemClock, timestamp } from '../clock.ts';
import {
  attachment,
  checkDigest,
  checkedKey,
  type DownloadOptions,
  LIST_LIMIT,
  type ListOptions,
  type ObjectHead,
  type ObjectHistory,
  type ObjectPage,
  type ObjectStorage,
  objectDiffers,
  type PresignedRequest,
  type PutOptions,
  type StoredObject,
  sha256OfStream,
  type UploadOptions,
} from './storage.ts';

export interface S3StorageOptions {
  readonly client: S3Client;
  readonly bucket: string;
  /**
   * Whether a SHA-256 the server reports was checked by it against the bytes, as S3 does. Stand-ins may only repeat what the uploader
   * claimed, so that without trust `head` reads the object.
   */
  readonly trustChecksums: boolean;
  /** Signs URLs for callers who reach the bucket at another address than the server does. */
  readonly presignClient?: S3Client;
  readonly clock?: Clock;
}

const OCTETS = 'application/octet-stream';

/** A client for S3, or for what speaks S3 at `endpoint`: host names per bucket are AWS's alone, and so are its own checksums. */
export const s3Client = (config: S3ClientConfig): S3Client =>
  new S3Client({
    ...config,
    forcePathStyle: config.endpoint !== undefined,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  });

export function s3Storage(options: S3StorageOptions): ObjectStorage {
  const { client, bucket } = options;
  return {
    bucket,
    put: (key, bytes, put) => putObject(options, checkedKey(key), bytes, put),
    get: (key, version) => getObject(options, checkedKey(key), version),
    history: (prefix) => historyOf(options, prefix),
    head: (key) => headObject(options, checkedKey(key)),
    delete: async (key) => {
      await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: checkedKey(key) }));
    },
    presignUpload: (upload) => presignUpload(options, upload),
    presignDownload: (download) => presignDownload(options, download),
    list: (prefix, page) => listObjects(options, prefix, page),
    ready: async () => {
      await client.send(new HeadBucketCommand({ Bucket: bucket }));
    },
  };
}

async function putObject(options: S3StorageOptions, key: string, bytes: Uint8Array, put: PutOptions): Promise<void> {
  const { client, bucket } = options;
  checkDigest(bytes, put.sha256);
  // Asked first, so that a repeated command does not send a big file again; the condition decides between two at the same time.
  if (put.ifNoneMatch && (await isThere(options, key, put.sha256))) return;
  const command = new PutObjectCommand({
    Bucket: bucket,
    Key: key,
    Body: bytes,
    ContentType: put.content_type,
    ChecksumSHA256: base64(put.sha256),
    ...(put.ifNoneMatch && { IfNoneMatch: '*' }),
  });
  try {
    await client.send(command);
  } catch (error) {
    // 412: it is there; 409: another conditional write of this key was going on.
    if (!put.ifNoneMatch || !hasStatus(error, 412, 409)) throw error;
    if (!(await isThere(options, key, put.sha256))) throw error;
  }
}

/** @throws DomainError where an object with other content is there. */
async function isThere(options: S3StorageOptions, key: string, sha256: string): Promise<boolean> {
  const head = await headObject(options, key);
  if (head !== undefined && head.sha256 !== sha256) throw objectDiffers(options.bucket, key);
  return head !== undefined;
}

async function getObject(
  { client, bucket }: S3StorageOptions,
  key: string,
  VersionId?: string,
): Promise<StoredObject | undefined> {
  const reply = await unlessMissing(client.send(new GetObjectCommand({ Bucket: bucket, Key: key, VersionId })));
  if (!(reply?.Body instanceof Readable)) return undefined;
  return { body: reply.Body, size: reply.ContentLength ?? 0, content_type: reply.ContentType ?? OCTETS };
}

async function headObject(options: S3StorageOptions, key: string): Promise<ObjectHead | undefined> {
  const { client, bucket, trustChecksums } = options;
  const head = await unlessMissing(
    client.send(new HeadObjectCommand({ Bucket: bucket, Key: key, ChecksumMode: 'ENABLED' })),
  );
  if (head === undefined) return undefined;
  const sha256 = (trustChecksums ? reportedDigest(head) : undefined) ?? (await digestOf(options, key));
  return sha256 === undefined
    ? undefined
    : { size: head.ContentLength ?? 0, sha256, content_type: head.ContentType ?? OCTETS };
}

/** A checksum of a multipart upload is one of its parts' checksums and tells nothing here. */
const reportedDigest = (head: HeadObjectCommandOutput): string | undefined =>
  head.ChecksumSHA256 !== undefined && !head.ChecksumSHA256.includes('-')
    ? Buffer.from(head.ChecksumSHA256, 'base64').toString('hex')
    : undefined;

async function digestOf(options: S3StorageOptions, key: string): Promise<string | undefined> {
  const object = await getObject(options, key);
  return object && sha256OfStream(object.body);
}

async function presignUpload(options: S3StorageOptions, upload: UploadOptions): Promise<PresignedRequest> {
  const checksum = base64(upload.sha256);
  const command = new PutObjectCommand({
    Bucket: options.bucket,
    Key: checkedKey(upload.key),
    ContentType: upload.content_type,
    ContentLength: upload.size,
    ChecksumSHA256: checksum,
  });
  const url = await getSignedUrl(options.presignClient ?? options.client, command, {
    expiresIn: upload.expires_in,
    // Left to itself the SDK signs neither type nor size, and moves the checksum into the query, where S3 does not check it.
    signableHeaders: new Set(['host', 'content-type', 'content-length']),
    unhoistableHeaders: new Set(['x-amz-checksum-sha256']),
  });
  const headers = { 'content-type': upload.content_type, 'x-amz-checksum-sha256': checksum };
  return { url, method: 'PUT', headers, expires_at: expiry(options, upload.expires_in) };
}

async function presignDownload(options: S3StorageOptions, download: DownloadOptions): Promise<PresignedRequest> {
  const command = new GetObjectCommand({
    Bucket: options.bucket,
    Key: checkedKey(download.key),
    ResponseContentDisposition: attachment(download.filename),
  });
  const url = await getSignedUrl(options.presignClient ?? options.client, command, { expiresIn: download.expires_in });
  return { url, method: 'GET', headers: {}, expires_at: expiry(options, download.expires_in) };
}

/** What one tag of an object says; undefined without it, or without the object. */
export async function s3Tag(
  { client, bucket }: Pick<S3StorageOptions, 'client' | 'bucket'>,
  key: string,
  name: string,
): Promise<string | undefined> {
  const reply = await unlessMissing(client.send(new GetObjectTaggingCommand({ Bucket: bucket, Key: checkedKey(key) })));
  return reply?.TagSet?.find(({ Key }) => Key === name)?.Value;
}

async function listObjects(
  { client, bucket }: S3StorageOptions,
  prefix: string,
  { cursor, limit = LIST_LIMIT }: ListOptions = {},
): Promise<ObjectPage> {
  const reply = await client.send(
    new ListObjectsV2Command({
      Bucket: bucket,
      Prefix: prefix,
      StartAfter: cursor,
      MaxKeys: Math.min(limit, LIST_LIMIT),
    }),
  );
  const objects = (reply.Contents ?? []).map(({ Key = '', Size = 0, LastModified = new Date(0) }) => ({
    key: Key,
    size: Size,
    modified_at: timestamp(LastModified),
  }));
  return { objects, next_cursor: reply.IsTruncated ? (objects.at(-1)?.key ?? null) : null };
}

/** A version is named by S3's own id; `null` is that of an object from before the bucket kept versions. */
async function historyOf({ client, bucket }: S3StorageOptions, prefix: string) {
  const found = new Map<string, ObjectHistory>();
  const changesOf = (key: string): number => found.get(key)?.changes ?? 0;
  let [KeyMarker, VersionIdMarker]: readonly (string | undefined)[] = [];
  do {
    const reply: ListObjectVersionsCommandOutput = await client.send(
      new ListObjectVersionsCommand({ Bucket: bucket, Prefix: prefix, KeyMarker, VersionIdMarker }),
    );
    // Newest first: the last version of a key is its first.
    for (const { Key = '', VersionId } of reply.Versions ?? [])
      found.set(Key, { first: VersionId, changes: changesOf(Key) + 1 });
    for (const { Key = '' } of reply.DeleteMarkers ?? [])
      found.set(Key, { ...found.get(Key), changes: changesOf(Key) + 1 });
    [KeyMarker, VersionIdMarker] = reply.IsTruncated ? [reply.NextKeyMarker, reply.NextVersionIdMarker] : [];
  } while (KeyMarker !== undefined);
  return found;
}

async function unlessMissing<T>(reply: Promise<T>): Promise<T | undefined> {
  try {
    return await reply;
  } catch (error) {
    // A bucket that is missing is a wrong setting and not a missing object.
    if (hasStatus(error, 404) && !isNamed(error, 'NoSuchBucket')) return undefined;
    throw error;
  }
}

const hasStatus = (error: unknown, ...statuses: readonly number[]): boolean =>
  error instanceof S3ServiceException && statuses.some((status) => status === error.$metadata.httpStatusCode);
const isNamed = (error: unknown, name: string): boolean => error instanceof Error && error.name === name;
const base64 = (hex: string): string => Buffer.from(hex, 'hex').toString('base64');
const expiry = ({ clock = systemClock }: S3StorageOptions, seconds: number): string =>
  timestamp(new Date(clock.now().getTime() + seconds * 1_000));
