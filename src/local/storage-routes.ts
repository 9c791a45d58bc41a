/** Serves the signed URLs of the local-folder storage, which are S3's part otherwise. */
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Clock } from '../shared/clock.ts';
import { DomainError, ruleError } from '../shared/errors.ts';
import type { FolderStorage } from '../shared/storage/folder-storage.ts';
import { type Grant, STORAGE_PATH, verifyGrant } from '../shared/storage/signed-url.ts';
import { attachment } from '../shared/storage/storage.ts';

export interface StorageRoutesOptions {
  readonly storages: readonly FolderStorage[];
  readonly secret: string;
  readonly clock: Clock;
}

/** Registered without fastify-plugin: its body parser, which takes everything as it is, stays inside. */
export async function storageRoutes(
  app: FastifyInstance,
  { storages, secret, clock }: StorageRoutesOptions,
): Promise<void> {
  const buckets = new Map(storages.map((storage) => [storage.bucket, storage]));
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, payload, done) => done(null, payload));

  const granted = (request: FastifyRequest, method: Grant['method']): { grant: Grant; storage: FolderStorage } => {
    const [path = '', query = ''] = request.url.split('?', 2);
    const [bucket = '', ...segments] = path
      .slice(path.indexOf(STORAGE_PATH) + STORAGE_PATH.length + 1)
      .split('/')
      .map(decodeURIComponent);
    // What was signed is a key the server made; nothing else gets past this line, `..` included.
    const grant = verifyGrant(
      secret,
      { method, bucket, key: segments.join('/') },
      new URLSearchParams(query),
      clock.now(),
    );
    const storage = buckets.get(bucket);
    if (storage === undefined) throw noSuchFile();
    return { grant, storage };
  };

  const route = { url: `${STORAGE_PATH}/*`, schema: { hide: true }, config: { public: true } } as const;
  app.route({
    ...route,
    method: 'PUT',
    handler: async (request, reply) => {
      const { grant, storage } = granted(request, 'PUT');
      const { content_type = '' } = grant;
      if (request.headers['content-type'] !== content_type) {
        throw ruleError('storage.content-type-differs', `This URL takes content of the type ${content_type} alone.`);
      }
      const body = request.body instanceof Readable ? request.body : Readable.from([]);
      try {
        await storage.putStream(grant.key, exactly(body, grant), content_type);
      } finally {
        body.resume(); // what a refusal left unread, or the connection waits for ever
      }
      return reply.code(200).send();
    },
  });
  app.route({
    ...route,
    method: 'GET',
    handler: async (request, reply) => {
      const { grant, storage } = granted(request, 'GET');
      const object = await storage.get(grant.key);
      if (object === undefined) throw noSuchFile();
      return reply
        .headers({
          'content-type': object.content_type,
          'content-length': object.size,
          'content-disposition': attachment(grant.filename),
          'x-content-type-options': 'nosniff',
          'cache-control': 'private, no-store',
        })
        .send(object.body);
    },
  });
}

/** Passes on what was granted and fails on anything else, at the first byte too many. */
async function* exactly(body: Readable, { size, sha256 }: Grant): AsyncGenerator<Uint8Array> {
  const limit = size ?? 0;
  const hash = createHash('sha256');
  let received = 0;
  // Destroying the stream would close the connection before the refusal is sent.
  for await (const chunk of body.iterator({ destroyOnReturn: false })) {
    received += chunk.length;
    if (received > limit) {
      throw new DomainError('too_large', 'storage.too-large', `This URL takes ${limit} bytes, and more were sent.`);
    }
    hash.update(chunk);
    yield chunk;
  }
  if (received < limit)
    throw ruleError('storage.incomplete', `This URL takes ${limit} bytes, and ${received} were sent.`);
  if (hash.digest('hex') !== sha256) {
    throw ruleError('storage.digest-differs', 'The content sent has another SHA-256 than the one announced.');
  }
}

const noSuchFile = (): DomainError => new DomainError('not_found', 'storage.not-found', 'There is no such file.');
