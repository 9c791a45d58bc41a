/**
 * The local-folder adapter: files lie under `<root>/<bucket>/<key>` as they are, their content types under `<root>/.types`.
 * Other than in S3, a key cannot also be the beginning of another up to a slash: a file is no folder.
 */
import { createReadStream } from 'node:fs';
import { access, constants, mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Clock } from '../clock.ts';
import { systemClock } from '../clock.ts';
import { syncFolder, writeDurably } from './durable-file.ts';
import { signUrl } from './signed-url.ts';
import {
  checkDigest,
  checkedKey,
  LIST_LIMIT,
  type ListOptions,
  type ObjectHead,
  type ObjectPage,
  type ObjectStorage,
  type ObjectSummary,
  objectDiffers,
  type StoredObject,
  sha256OfStream,
} from './storage.ts';

export interface FolderStorageOptions {
  readonly root: string;
  readonly bucket: string;
  /** The address under which this server serves signed URLs, without a slash at the end; known only once it listens. */
  readonly baseUrl: () => string;
  /** Signs URLs; whoever has it may read and write every file. */
  readonly secret: string;
  readonly clock?: Clock;
}

export interface FolderStorage extends ObjectStorage {
  /** Like `put`, from a stream. Content of another size or SHA-256 is refused and leaves nothing behind. */
  putStream(key: string, body: AsyncIterable<Uint8Array>, contentType: string): Promise<void>;
}

export function folderStorage(options: FolderStorageOptions): FolderStorage {
  const { bucket, clock = systemClock } = options;
  const folder = join(options.root, checkedKey(bucket));
  const types = join(options.root, '.types', bucket);
  const place = { bucket, folder, types };
  return {
    bucket,
    put: async (key, bytes, { content_type, sha256, ifNoneMatch = false }) => {
      checkDigest(bytes, sha256);
      try {
        await write(place, key, bytes, content_type, ifNoneMatch);
      } catch (error) {
        const there = ifNoneMatch && hasCode(error, 'EEXIST') ? await head(place, key) : undefined;
        if (there === undefined) throw error;
        if (there.sha256 !== sha256) throw objectDiffers(bucket, key);
      }
    },
    putStream: (key, body, contentType) => write(place, key, body, contentType, false),
    get: (key) => get(place, key),
    // A folder keeps no versions: what lies there is all there was.
    history: async (prefix) =>
      new Map((await keysIn(place.folder)).filter((key) => key.startsWith(prefix)).map((key) => [key, { changes: 1 }])),
    head: (key) => head(place, key),
    delete: async (key) => {
      await rm(fileOf(place, key), { force: true });
      await rm(typeOf(place, key), { force: true });
    },
    presignUpload: async ({ key, content_type, size, sha256, expires_in }) => {
      const grant = { method: 'PUT' as const, bucket, key: checkedKey(key), content_type, size, sha256 };
      const signed = signUrl(options.baseUrl(), options.secret, grant, clock.now(), expires_in);
      return { ...signed, method: 'PUT', headers: { 'content-type': content_type } };
    },
    presignDownload: async ({ key, filename, expires_in }) => {
      const grant = { method: 'GET' as const, bucket, key: checkedKey(key), filename };
      return {
        ...signUrl(options.baseUrl(), options.secret, grant, clock.now(), expires_in),
        method: 'GET',
        headers: {},
      };
    },
    list: (prefix, page) => list(place, prefix, page),
    ready: async () => {
      await mkdir(folder, { recursive: true });
      await access(folder, constants.R_OK | constants.W_OK);
    },
  };
}

interface Place {
  readonly bucket: string;
  readonly folder: string;
  readonly types: string;
}

const fileOf = (place: Place, key: string): string => join(place.folder, checkedKey(key));
const typeOf = (place: Place, key: string): string => join(place.types, checkedKey(key));

/** The type goes first: the object's own appearance is what makes it exist. */
async function write(
  place: Place,
  key: string,
  bytes: Uint8Array | AsyncIterable<Uint8Array>,
  contentType: string,
  exclusive: boolean,
): Promise<void> {
  const [file, type] = [fileOf(place, key), typeOf(place, key)];
  await Promise.all([makeFolder(dirname(file)), makeFolder(dirname(type))]);
  if (!(exclusive && (await sizeOf(file)) !== undefined)) await writeDurably(type, contentType);
  await writeDurably(file, bytes, { exclusive });
}

/** A folder that was just made is durable once its parent is. */
async function makeFolder(folder: string): Promise<void> {
  const first = await mkdir(folder, { recursive: true });
  if (first === undefined) return;
  for (let made = folder; made.length >= first.length; made = dirname(made)) await syncFolder(dirname(made));
}

async function get(place: Place, key: string): Promise<StoredObject | undefined> {
  const file = fileOf(place, key);
  const size = await sizeOf(file);
  if (size === undefined) return undefined;
  return { body: createReadStream(file), size, content_type: await contentType(typeOf(place, key)) };
}

/** A file that somebody laid there by hand has none. */
async function contentType(file: string): Promise<string> {
  if ((await sizeOf(file)) === undefined) return 'application/octet-stream';
  return readFile(file, 'utf8');
}

async function head(place: Place, key: string): Promise<ObjectHead | undefined> {
  const object = await get(place, key);
  if (object === undefined) return undefined;
  return { size: object.size, sha256: await sha256OfStream(object.body), content_type: object.content_type };
}

/** undefined where there is no such file; a folder is none. */
async function sizeOf(file: string): Promise<number | undefined> {
  const found = await stat(file).catch((error: unknown) => {
    if (hasCode(error, 'ENOENT') || hasCode(error, 'ENOTDIR')) return undefined;
    throw error;
  });
  return found?.isFile() ? found.size : undefined;
}

async function list(
  place: Place,
  prefix: string,
  { cursor = '', limit = LIST_LIMIT }: ListOptions = {},
): Promise<ObjectPage> {
  const keys = (await keysIn(place.folder))
    .filter((key) => key.startsWith(prefix) && key > cursor)
    .sort((a, b) => (a < b ? -1 : 1));
  const page = keys.slice(0, Math.min(limit, LIST_LIMIT));
  const objects = await Promise.all(page.map((key) => summary(place, key)));
  const last = page.at(-1);
  return { objects, next_cursor: last !== undefined && keys.length > page.length ? last : null };
}

/** Hidden files are drafts that a crash left behind. */
async function keysIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((error: unknown) => {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  });
  return entries
    .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
}

async function summary(place: Place, key: string): Promise<ObjectSummary> {
  const { size, mtime } = await stat(fileOf(place, key));
  return { key, size, modified_at: mtime.toISOString() };
}

const hasCode = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code;
