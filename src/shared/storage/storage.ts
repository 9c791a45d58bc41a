/** Where files are kept: one port, an S3 bucket or a local folder behind it, the same promises from both. */
import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { conflictError, type DomainError } from '../errors.ts';

export interface ObjectStorage {
  /** The bucket's name. */
  readonly bucket: string;
  /**
   * Returns once the object is durable. With `ifNoneMatch` nothing is ever replaced: an object already there with the same SHA-256 is fine.
   * @throws DomainError `storage.object-differs` (conflict) where it has another.
   */
  put(key: string, bytes: Uint8Array, options: PutOptions): Promise<void>;
  /** undefined where there is no such object. */
  get(key: string, version?: string): Promise<StoredObject | undefined>;
  /** What ever lay under that prefix, deleted or not, by key: the version that was first, and how often it was put or deleted since. */
  history(prefix: string): Promise<ReadonlyMap<string, ObjectHistory>>;
  /** The SHA-256 is that of the bytes stored, never what an uploader claimed; undefined where there is no such object. */
  head(key: string): Promise<ObjectHead | undefined>;
  /** Deleting what is not there is fine. */
  delete(key: string): Promise<void>;
  /** A request that whoever holds it may send until it expires; it takes exactly the content named here. */
  presignUpload(options: UploadOptions): Promise<PresignedRequest>;
  presignDownload(options: DownloadOptions): Promise<PresignedRequest>;
  /** In the order of the keys. */
  list(prefix: string, page?: ListOptions): Promise<ObjectPage>;
  /** Resolves while the bucket is reachable and writable as far as can be told without writing; rejects otherwise. */
  ready(): Promise<void>;
}

export interface PutOptions {
  readonly content_type: string;
  /** Lower-case hex of the bytes. */
  readonly sha256: string;
  readonly ifNoneMatch?: boolean;
}

export interface StoredObject {
  readonly body: Readable;
  readonly size: number;
  readonly content_type: string;
}

export interface ObjectHistory {
  /** Absent where the store keeps one version only. */
  readonly first?: string | undefined;
  /** 1 for what was put once and left. */
  readonly changes: number;
}

export interface ObjectHead {
  readonly size: number;
  readonly sha256: string;
  readonly content_type: string;
}

export interface UploadOptions {
  readonly key: string;
  readonly content_type: string;
  /** Exact size in bytes. */
  readonly size: number;
  readonly sha256: string;
  /** Seconds. */
  readonly expires_in: number;
}

export interface DownloadOptions {
  readonly key: string;
  /** The name a browser saves it under. */
  readonly filename?: string;
  /** Seconds. */
  readonly expires_in: number;
}

/** Every header is signed and must be sent as given. */
export interface PresignedRequest {
  readonly url: string;
  readonly method: 'PUT' | 'GET';
  readonly headers: Readonly<Record<string, string>>;
  readonly expires_at: string;
}

export interface ListOptions {
  /** `next_cursor` of the page before. */
  readonly cursor?: string | undefined;
  /** 1,000 at most and where absent. */
  readonly limit?: number | undefined;
}

export interface ObjectSummary {
  readonly key: string;
  readonly size: number;
  readonly modified_at: string;
}

export interface ObjectPage {
  readonly objects: readonly ObjectSummary[];
  readonly next_cursor: string | null;
}

export const LIST_LIMIT = 1_000;

export const sha256Hex = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex');

export async function sha256OfStream(stream: AsyncIterable<Uint8Array>): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of stream) hash.update(chunk);
  return hash.digest('hex');
}

/** A whole object in memory: for files of known, small size. */
export async function readAll(object: StoredObject): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of object.body) chunks.push(chunk);
  return Buffer.concat(chunks);
}

export const objectDiffers = (bucket: string, key: string): DomainError =>
  conflictError(
    'storage.object-differs',
    `${bucket} already holds another file under ${key}; files are never replaced.`,
  );

const SEGMENT = /^[A-Za-z0-9_=@+,.()-]{1,200}$/;

/**
 * Keys that mean the same in S3, in a URL and in a folder: segments of letters, digits and `_=@+,.()-`, none of them `.`, `..` or hidden.
 * @throws Error otherwise: keys are made by the server, so a bad one is a defect.
 */
export function checkedKey(key: string): string {
  const good =
    key.length <= 900 && key.split('/').every((segment) => SEGMENT.test(segment) && !segment.startsWith('.'));
  if (!good) throw new Error(`not a storage key: ${JSON.stringify(key.slice(0, 200))}`);
  return key;
}

/** @throws Error when the caller's digest is not that of its bytes. */
export function checkDigest(bytes: Uint8Array, sha256: string): void {
  if (sha256Hex(bytes) !== sha256) throw new Error('the SHA-256 given is not that of the bytes');
}

/** RFC 6266: the name in the form every browser understands. */
export const attachment = (filename: string | undefined): string =>
  filename === undefined
    ? 'attachment'
    : `attachment; filename*=UTF-8''${encodeURIComponent(filename).replace(/['()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)}`;
