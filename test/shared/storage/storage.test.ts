import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { CreateBucketCommand, PutObjectTaggingCommand, type S3Client, S3ServiceException } from '@aws-sdk/client-s3';
import Fastify from 'fastify';
import t, { type Test } from 'tap';
import { answers, freePort } from '../../../src/local/jvm.ts';
import { storageRoutes } from '../../../src/local/storage-routes.ts';
import { systemClock } from '../../../src/shared/clock.ts';
import { DomainError } from '../../../src/shared/errors.ts';
import { createBuckets } from '../../../src/shared/storage/create-buckets.ts';
import { syncFolder, writeDurably } from '../../../src/shared/storage/durable-file.ts';
import { type FolderStorage, folderStorage } from '../../../src/shared/storage/folder-storage.ts';
import { s3Client, s3Storage, s3Tag } from '../../../src/shared/storage/s3-storage.ts';
import { SCAN_TAG } from '../../../src/shared/storage/scan.ts';
import { signUrl, verifyGrant } from '../../../src/shared/storage/signed-url.ts';
import { attachment, checkedKey, type ObjectStorage, readAll, sha256Hex } from '../../../src/shared/storage/storage.ts';
import { testS3 } from '../../support/s3-server.ts';

const SECRET = 'a secret of the tests';
const bytes = Buffer.from('<Document>é</Document>');
const sha256 = sha256Hex(bytes);
const xml = { content_type: 'application/xml', sha256 };

interface Folder {
  readonly storage: FolderStorage;
  readonly root: string;
  readonly baseUrl: string;
}

async function folderServer(t: Test): Promise<Folder> {
  const root = t.testdir();
  const app = Fastify();
  app.setErrorHandler((error, _request, reply) => {
    const known = error instanceof DomainError ? { forbidden: 403, not_found: 404, too_large: 413, rule: 422 } : {};
    const kind = error instanceof DomainError ? error.kind : '';
    const status = Object.entries(known).find(([name]) => name === kind)?.[1] ?? 500;
    return reply.code(status).send({ code: error instanceof DomainError ? error.code : String(error) });
  });
  let baseUrl = '';
  const storage = folderStorage({ root, bucket: 'p2p-documents', baseUrl: () => baseUrl, secret: SECRET });
  await app.register(storageRoutes, { storages: [storage], secret: SECRET, clock: systemClock });
  baseUrl = await app.listen({ host: '127.0.0.1', port: 0 });
  t.teardown(() => app.close());
  return { storage, root, baseUrl };
}

async function withFauxqs(t: Test): Promise<ObjectStorage> {
  const { config, bucket } = await testS3(t);
  const client = s3Client(config);
  t.teardown(() => client.destroy());
  return s3Storage({ client, bucket, trustChecksums: false });
}

/** undefined where moto_server is not installed. */
async function withMoto(t: Test): Promise<ObjectStorage | undefined> {
  const port = await freePort();
  const server = spawn('moto_server', ['-H', '127.0.0.1', '-p', String(port)], { stdio: 'ignore' });
  const failed = once(server, 'error').then(() => true);
  const ended = once(server, 'exit').then(() => true);
  t.teardown(() => {
    server.kill();
  });
  const endpoint = `http://127.0.0.1:${port}`;
  while (!(await answers(endpoint))) {
    if (await Promise.race([failed, ended, pause(100).then(() => false)])) return undefined;
  }
  const client = s3Client({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'tests', secretAccessKey: 'tests' },
  });
  t.teardown(() => client.destroy());
  await client.send(new CreateBucketCommand({ Bucket: 'p2p-documents' }));
  return s3Storage({ client, bucket: 'p2p-documents', trustChecksums: false });
}

/** What every adapter promises. */
async function contract(t: Test, storage: ObjectStorage): Promise<void> {
  await t.test('what was put is there, with its size, type and digest', async (t) => {
    await storage.ready();
    await storage.put('out/2026/file.xml', bytes, xml);
    t.strictSame(await storage.head('out/2026/file.xml'), { size: bytes.length, ...xml });
    const object = await storage.get('out/2026/file.xml');
    t.match(object, { size: bytes.length, content_type: 'application/xml' });
    t.strictSame(object && (await readAll(object)), bytes);
    await storage.put('empty', Buffer.alloc(0), { content_type: 'text/plain', sha256: sha256Hex('') });
    t.match(await storage.head('empty'), { size: 0, sha256: sha256Hex('') });
  });

  await t.test('what was put once has one version', async (t) => {
    await storage.put('history/file', bytes, xml);
    const history = await storage.history('history/');
    // A stand-in that keeps no versions may not list them either.
    t.ok(history.size <= 1);
    for (const [key, { changes, first }] of history) {
      t.same([key, changes], ['history/file', 1]);
      const object = await storage.get(key, first);
      t.strictSame(object && (await readAll(object)), bytes);
    }
  });

  await t.test('what was never put is nowhere, and deleting it is fine', async (t) => {
    t.equal(await storage.get('out/none'), undefined);
    t.equal(await storage.head('out/none'), undefined);
    t.equal(await storage.head('out/2026/file.xml/below'), undefined);
    t.equal(await storage.head('out/2026'), undefined, 'a part of a key is no key');
    await storage.delete('out/none');
  });

  await t.test('put replaces, but with ifNoneMatch never: the same again is fine, another is a conflict', async (t) => {
    const other = { content_type: 'text/plain', sha256: sha256Hex('other') };
    await storage.put('once', bytes, { ...xml, ifNoneMatch: true });
    await storage.put('once', bytes, { ...xml, ifNoneMatch: true });
    await t.rejects(storage.put('once', Buffer.from('other'), { ...other, ifNoneMatch: true }), {
      kind: 'conflict',
      code: 'storage.object-differs',
    });
    t.strictSame(await storage.head('once'), { size: bytes.length, ...xml }, 'and changes nothing');
    await storage.put('once', Buffer.from('other'), other);
    t.strictSame(await storage.head('once'), { size: 5, ...other });
    await storage.delete('once');
    t.equal(await storage.head('once'), undefined);
  });

  await t.test('a digest that is not that of the bytes is a defect of the caller', async (t) => {
    await t.rejects(storage.put('wrong', bytes, { ...xml, sha256: sha256Hex('x') }), /not that of the bytes/);
    t.equal(await storage.head('wrong'), undefined);
  });

  await t.test('keys that could leave the bucket are refused by every operation', async (t) => {
    for (const key of ['../up', 'a/../../up', '/etc/passwd', 'a//b', '', '.', 'a/.hidden', 'a\\b', 'a\0b', 'a%2fb']) {
      await t.rejects(async () => storage.put(key, bytes, xml), /not a storage key/, JSON.stringify(key));
      await t.rejects(async () => storage.get(key), /not a storage key/);
      await t.rejects(async () => storage.head(key), /not a storage key/);
      await t.rejects(async () => storage.delete(key), /not a storage key/);
      await t.rejects(async () => storage.presignDownload({ key, expires_in: 60 }), /not a storage key/);
      await t.rejects(async () => storage.presignUpload({ key, ...xml, size: 1, expires_in: 60 }), /not a storage key/);
    }
  });

  await t.test('a list has the keys under a prefix in order, page by page', async (t) => {
    for (const name of ['c', 'a', 'b/1', 'b0', 'b/0']) await storage.put(`list/x${name}`, bytes, xml);
    await storage.put('lisu', bytes, xml);
    const keys: string[] = [];
    let cursor: string | undefined;
    let pages = 0;
    do {
      const page = await storage.list('list/x', { limit: 2, cursor });
      t.ok(page.objects.length <= 2);
      t.ok(page.objects.every((object) => object.size === bytes.length && Date.parse(object.modified_at) > 0));
      keys.push(...page.objects.map((object) => object.key));
      cursor = page.next_cursor ?? undefined;
      pages++;
    } while (cursor !== undefined);
    t.strictSame(keys, ['list/xa', 'list/xb/0', 'list/xb/1', 'list/xb0', 'list/xc']);
    t.equal(pages, 3);
    t.strictSame(await storage.list('nothing/'), { objects: [], next_cursor: null });
  });

  await t.test('a presigned upload takes the file, a presigned download gives it under its name', async (t) => {
    const key = 'documents/doc_1/Rechnung.xml';
    const upload = await storage.presignUpload({ key, ...xml, size: bytes.length, expires_in: 300 });
    t.equal(upload.method, 'PUT');
    t.ok(Date.parse(upload.expires_at) > Date.now());
    const put = await fetch(upload.url, { method: upload.method, headers: upload.headers, body: bytes });
    t.equal(put.status, 200, await put.text());
    t.strictSame(await storage.head(key), { size: bytes.length, ...xml });

    const download = await storage.presignDownload({ key, filename: "Rechnung (März) d'or.xml", expires_in: 300 });
    const reply = await fetch(download.url, { method: download.method, headers: download.headers });
    t.equal(reply.status, 200);
    t.strictSame(Buffer.from(await reply.arrayBuffer()), bytes);
  });
}

t.test('the local folder keeps the contract', async (t) => {
  const { storage } = await folderServer(t);
  t.strictSame(await storage.list(''), { objects: [], next_cursor: null }, 'a bucket nobody wrote to is empty');
  await contract(t, storage);
});

t.test('S3 keeps the contract (fauxqs)', async (t) => contract(t, await withFauxqs(t)));

t.test('S3 keeps the contract (moto)', async (t) => {
  const storage = await withMoto(t);
  if (storage === undefined) t.comment('skipped: moto_server is not installed here');
  else await contract(t, storage);
});

t.test('keys and names', async (t) => {
  t.equal(checkedKey('payments/2026-11/bat_1.pain.001.xml'), 'payments/2026-11/bat_1.pain.001.xml');
  t.throws(() => checkedKey(`${'a/'.repeat(460)}b`), /not a storage key/, 'longer than S3 takes');
  t.equal(attachment(undefined), 'attachment');
  t.equal(attachment("Ré (1)'*.pdf"), "attachment; filename*=UTF-8''R%C3%A9%20%281%29%27%2A.pdf");
});

t.test('a file is written whole or not at all', async (t) => {
  const folder = t.testdir({ taken: 'first' });
  const broken = async function* (): AsyncGenerator<Uint8Array> {
    yield bytes;
    throw new Error('the line is cut');
  };
  await t.rejects(writeDurably(join(folder, 'new'), broken()), /the line is cut/);
  await t.rejects(writeDurably(join(folder, 'taken'), 'x', { exclusive: true }), { code: 'EEXIST' });
  t.strictSame(readdirSync(folder), ['taken'], 'nothing is left beside it');
  await writeDurably(join(folder, 'secret'), 'x');
  t.equal(statSync(join(folder, 'secret')).mode & 0o777, 0o600);
  await t.rejects(syncFolder(join(folder, 'none')), { code: 'ENOENT' });
});

t.test('a folder that cannot be used is told', async (t) => {
  const root = t.testdir({ file: '', 'p2p-documents': 'not a folder' });
  const options = { root, baseUrl: () => '', secret: SECRET };
  const storage = folderStorage({ ...options, bucket: 'p2p-documents' });
  await t.rejects(storage.ready(), { code: 'EEXIST' });
  await t.rejects(storage.put('a', bytes, xml), { code: /EEXIST|ENOTDIR/ });
  await t.rejects(storage.list(''), { code: 'ENOTDIR' });
  t.throws(() => folderStorage({ ...options, bucket: '../file' }), /not a storage key/);
  const looping = folderStorage({ ...options, bucket: 'loop' });
  mkdirSync(join(root, 'loop'));
  symlinkSync('self', join(root, 'loop', 'self'));
  await t.rejects(looping.head('self'), { code: 'ELOOP' }, 'a failing disk is not a missing file');
});

t.test('what a crash left half written is never listed, what a person laid there is', async (t) => {
  const { storage, root } = await folderServer(t);
  await storage.put('kept', bytes, xml);
  writeFileSync(join(root, 'p2p-documents', '.1234.draft'), 'half');
  writeFileSync(join(root, 'p2p-documents', 'by-hand'), 'x');
  const { objects } = await storage.list('');
  t.strictSame(
    objects.map((object) => object.key),
    ['by-hand', 'kept'],
  );
  t.match(await storage.head('by-hand'), { size: 1, content_type: 'application/octet-stream' });
});

t.test('the server of signed URLs', async (t) => {
  const { storage, root, baseUrl } = await folderServer(t);
  const upload = await storage.presignUpload({ key: 'd/one.xml', ...xml, size: bytes.length, expires_in: 300 });
  const send = (url: string, init: RequestInit = {}): Promise<Response> =>
    fetch(url, { method: 'PUT', headers: upload.headers, body: bytes, ...init });
  const expectRefusal = async (t: Test, reply: Response, status: number, code: string): Promise<void> => {
    t.strictSame([reply.status, await reply.json()], [status, { code }]);
    t.equal(await storage.head('d/one.xml'), undefined, 'nothing is stored');
  };

  await t.test('takes nothing but what was announced', async (t) => {
    await expectRefusal(t, await send(upload.url, { body: 'x'.repeat(bytes.length) }), 422, 'storage.digest-differs');
    await expectRefusal(t, await send(upload.url, { body: 'short' }), 422, 'storage.incomplete');
    await expectRefusal(t, await send(upload.url, { body: '' }), 422, 'storage.incomplete');
    await expectRefusal(t, await send(upload.url, { body: Buffer.alloc(3_000_000) }), 413, 'storage.too-large');
    await expectRefusal(t, await send(upload.url, { body: 'and then the next' }), 422, 'storage.incomplete');
    const html = { headers: { 'content-type': 'text/html' } };
    await expectRefusal(t, await send(upload.url, html), 422, 'storage.content-type-differs');
    t.notOk(existsSync(join(root, 'p2p-documents', 'd', 'one.xml')));
    t.strictSame(readdirSync(join(root, 'p2p-documents', 'd')), [], 'no draft is left');
  });

  await t.test('refuses every URL it did not sign', async (t) => {
    const altered: readonly (readonly [string, string, string])[] = [
      ['another key', 'one.xml', 'two.xml'],
      ['another bucket', 'p2p-documents', 'p2p-payments'],
      ['a later end', 'expires=', 'expires=9'],
      ['another size', `size=${bytes.length}`, 'size=9000'],
      ['no size', `&size=${bytes.length}`, ''],
      ['another digest', `sha256=${sha256.slice(0, 2)}`, 'sha256=00'],
      ['another type', 'application%2Fxml', 'text%2Fhtml'],
      ['a key that climbs', 'd/one.xml', '..%2F..%2Fone.xml'],
      ['no signature', 'signature=', 'unsigned='],
      ['a signature that is none', 'signature=', 'signature=zz'],
    ];
    for (const [title, from, to] of altered) {
      t.ok(upload.url.includes(from), title);
      const reply = await send(upload.url.replace(from, to));
      t.strictSame([reply.status, await reply.json()], [403, { code: 'storage.signature-invalid' }], title);
    }
    const read = await fetch(upload.url);
    t.equal(read.status, 403, 'an upload URL does not read');
    t.equal((await fetch(`${baseUrl}/local-storage/%ff`)).status, 400);
    t.equal((await fetch(`${baseUrl}/local-storage/`)).status, 403);
  });

  await t.test('refuses an expired URL, and what is not there', async (t) => {
    const past = await storage.presignUpload({ key: 'd/one.xml', ...xml, size: bytes.length, expires_in: 0 });
    await expectRefusal(t, await send(past.url), 403, 'storage.url-expired');
    const missing = await fetch((await storage.presignDownload({ key: 'none', expires_in: 60 })).url);
    t.equal(missing.status, 404);
    const grant = { method: 'GET' as const, bucket: 'another', key: 'a' };
    t.equal((await fetch(signUrl(baseUrl, SECRET, grant, new Date(), 60).url)).status, 404);
  });

  await t.test('gives a file in a way no browser runs it', async (t) => {
    t.equal((await send(upload.url)).status, 200);
    const { url } = await storage.presignDownload({ key: 'd/one.xml', filename: 'é.xml', expires_in: 60 });
    const { headers } = await fetch(url);
    t.equal(headers.get('content-disposition'), "attachment; filename*=UTF-8''%C3%A9.xml");
    t.equal(headers.get('x-content-type-options'), 'nosniff');
    t.equal(headers.get('content-length'), String(bytes.length));
    t.equal(headers.get('content-type'), 'application/xml');
  });
});

t.test('a grant is worth nothing with another secret', async (t) => {
  const grant = { method: 'GET' as const, bucket: 'b', key: 'k' };
  const now = new Date('2026-11-24T00:00:00Z');
  const { url, expires_at } = signUrl('', SECRET, grant, now, 60);
  t.equal(expires_at, '2026-11-24T00:01:00.000Z');
  const query = new URLSearchParams(url.split('?')[1]);
  t.match(verifyGrant(SECRET, grant, query, new Date('2026-11-24T00:00:59Z')), grant);
  t.throws(() => verifyGrant(SECRET, grant, query, new Date(expires_at)), { code: 'storage.url-expired' });
  t.throws(() => verifyGrant('another', grant, query, now), { code: 'storage.signature-invalid' });
});

t.test('S3', async (t) => {
  const { config, bucket } = await testS3(t);
  const statusError = (status: number): S3ServiceException =>
    new S3ServiceException({ name: `S${status}`, $fault: 'client', $metadata: { httpStatusCode: status } });
  /** Answers commands in S3's place where the stand-in cannot give that answer. */
  const client = (answer: (command: string, call: number) => object | undefined): ReturnType<typeof s3Client> => {
    const s3 = s3Client(config);
    let call = 0;
    s3.middlewareStack.add(
      (next, context) => async (args) => {
        const instead = answer(String(context['commandName']), ++call);
        if (instead instanceof Error) throw instead;
        const reply = await next(args);
        Object.assign(reply.output, instead);
        return reply;
      },
      { step: 'initialize' },
    );
    t.teardown(() => s3.destroy());
    return s3;
  };
  const stored = s3Storage({ client: client(() => undefined), bucket, trustChecksums: false });
  await stored.put('there', bytes, xml);

  await t.test('of an object that was put again the first version is read, page after page', async (t) => {
    const asked: unknown[] = [];
    const pages = [
      {
        Versions: [
          { Key: 'a', VersionId: '3' },
          { Key: 'a', VersionId: '2' },
        ],
        DeleteMarkers: [
          { Key: 'b', VersionId: '9' },
          { Key: 'gone', VersionId: '8' },
        ],
        IsTruncated: true,
        NextKeyMarker: 'a',
        NextVersionIdMarker: '2',
      },
      {
        Versions: [
          { Key: 'a', VersionId: '1' },
          { Key: 'b', VersionId: 'null' },
        ],
        DeleteMarkers: undefined,
        IsTruncated: false,
      },
    ];
    const versioned = s3Client(config);
    t.teardown(() => versioned.destroy());
    versioned.middlewareStack.add(
      (next, context) => async (args) => {
        if (context['commandName'] === 'GetObjectCommand') {
          asked.push(args.input);
          return next({ ...args, input: { Bucket: bucket, Key: 'there' } as never });
        }
        asked.push((args.input as { KeyMarker?: string }).KeyMarker);
        return { output: { $metadata: {}, ...pages.shift() }, response: {} } as never;
      },
      { step: 'initialize' },
    );
    const storage = s3Storage({ client: versioned, bucket, trustChecksums: false });
    t.strictSame(
      await storage.history('anchors/'),
      new Map([
        ['a', { first: '1', changes: 3 }],
        ['b', { first: 'null', changes: 2 }],
        ['gone', { changes: 1 }],
      ]),
    );
    t.ok(await storage.get('a', '1'));
    t.match(asked, [undefined, 'a', { Key: 'a', VersionId: '1' }]);
  });

  await t.test('of two conditional writes at the same time the condition decides', async (t) => {
    for (const status of [409, 412]) {
      const racing = s3Storage({
        bucket,
        trustChecksums: false,
        client: client((command, call) => {
          if (command === 'HeadObjectCommand' && call === 1) return statusError(404);
          return command === 'PutObjectCommand' ? statusError(status) : undefined;
        }),
      });
      await racing.put('there', bytes, { ...xml, ifNoneMatch: true });
      t.pass(`${status} and the same content is fine`);
    }
    const losing = client((command, call) => {
      if (command === 'HeadObjectCommand' && call === 1) return statusError(404);
      return command === 'PutObjectCommand' ? statusError(412) : undefined;
    });
    const other = { content_type: 'text/plain', sha256: sha256Hex('other'), ifNoneMatch: true };
    await t.rejects(
      s3Storage({ client: losing, bucket, trustChecksums: false }).put('there', Buffer.from('other'), other),
      {
        code: 'storage.object-differs',
      },
    );
    const gone = client((command) => (command === 'PutObjectCommand' ? statusError(409) : undefined));
    await t.rejects(
      s3Storage({ client: gone, bucket, trustChecksums: false }).put('gone', bytes, { ...xml, ifNoneMatch: true }),
      { name: 'S409' },
      'a conflict about what is not there stays one',
    );
    const down = client((command) => (command === 'PutObjectCommand' ? statusError(503) : undefined));
    await t.rejects(s3Storage({ client: down, bucket, trustChecksums: false }).put('gone', bytes, xml), {
      name: 'S503',
    });
  });

  await t.test('a checksum is believed only where the server is known to check it', async (t) => {
    const claimed = Buffer.alloc(32).toString('base64');
    const claiming = client((command) => (command === 'HeadObjectCommand' ? { ChecksumSHA256: claimed } : undefined));
    t.match(await s3Storage({ client: claiming, bucket, trustChecksums: true }).head('there'), {
      sha256: '0'.repeat(64),
    });
    t.match(await s3Storage({ client: claiming, bucket, trustChecksums: false }).head('there'), { sha256 });
    const parts = client((command) => (command === 'HeadObjectCommand' ? { ChecksumSHA256: 'abc=-2' } : undefined));
    t.match(
      await s3Storage({ client: parts, bucket, trustChecksums: true }).head('there'),
      { sha256 },
      'of parts it tells nothing',
    );
    t.match(await s3Storage({ client: client(() => undefined), bucket, trustChecksums: true }).head('there'), {
      sha256,
    });
  });

  await t.test('an object deleted between two looks is not there', async (t) => {
    const vanishing = client((command) => (command === 'GetObjectCommand' ? statusError(404) : undefined));
    t.equal(await s3Storage({ client: vanishing, bucket, trustChecksums: false }).head('there'), undefined);
  });

  await t.test('what a server leaves out has a default', async (t) => {
    const mute = { ContentLength: undefined, ContentType: undefined };
    const sparse = client((command) =>
      command === 'ListObjectsV2Command' ? { Contents: [{}], IsTruncated: true } : mute,
    );
    const storage = s3Storage({ client: sparse, bucket, trustChecksums: false });
    t.match(await storage.head('there'), { size: 0, content_type: 'application/octet-stream' });
    t.match(await storage.get('there'), { size: 0, content_type: 'application/octet-stream' });
    t.strictSame(await storage.list(''), {
      objects: [{ key: '', size: 0, modified_at: '1970-01-01T00:00:00.000Z' }],
      next_cursor: '',
    });
    const empty = client(() => ({ Contents: undefined, IsTruncated: true }));
    t.strictSame(await s3Storage({ client: empty, bucket, trustChecksums: false }).list(''), {
      objects: [],
      next_cursor: null,
    });
  });

  await t.test('a bucket that is missing is a wrong setting, not a missing object', async (t) => {
    const nowhere = s3Storage({ client: client(() => undefined), bucket: 'no-such-bucket', trustChecksums: false });
    await t.rejects(nowhere.ready());
    await t.rejects(nowhere.get('a'), { name: 'NoSuchBucket' });
  });

  await t.test(
    'a presigned upload has type, size and checksum under its signature, and ends when it says',
    async (t) => {
      const clock = { now: () => new Date('2026-11-24T10:00:00Z') };
      const storage = s3Storage({ client: client(() => undefined), bucket, trustChecksums: false, clock });
      const upload = await storage.presignUpload({ key: 'a', ...xml, size: 22, expires_in: 60 });
      const query = new URL(upload.url).searchParams;
      t.equal(query.get('X-Amz-SignedHeaders'), 'content-length;content-type;host;x-amz-checksum-sha256');
      t.equal(query.get('X-Amz-Expires'), '60');
      t.notOk(query.has('x-amz-checksum-crc32'), 'no checksum of an empty body is asked for');
      t.equal(upload.expires_at, '2026-11-24T10:01:00.000Z');
      t.strictSame(upload.headers, {
        'content-type': 'application/xml',
        'x-amz-checksum-sha256': Buffer.from(sha256, 'hex').toString('base64'),
      });
    },
  );

  await t.test('without an endpoint the bucket is a host of AWS', async (t) => {
    const aws = s3Client({ region: 'eu-west-1', credentials: config.credentials });
    const { url } = await s3Storage({ client: aws, bucket: 'acme', trustChecksums: true }).presignDownload({
      key: 'a',
      expires_in: 9,
    });
    t.equal(new URL(url).host, 'acme.s3.eu-west-1.amazonaws.com');
  });
});

t.test('a bucket is made once, whoever comes first', async (t) => {
  const { config } = await testS3(t);
  const client = s3Client(config);
  t.teardown(() => client.destroy());
  t.same(await createBuckets(client, ['p2p-new']), ['p2p-new']);
  t.same(await createBuckets(client, ['p2p-new']), []);
});

t.test('a bucket that another process makes at the same moment is there; any other refusal is told', async (t) => {
  const answersTo = async (...statuses: readonly number[]): Promise<S3Client> => {
    const left = [...statuses];
    const server = createServer((_request, response) => {
      response.writeHead(left.shift() ?? 500).end();
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    t.teardown(() => server.close());
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const credentials = { accessKeyId: 'tests', secretAccessKey: 'tests' };
    const client = s3Client({ endpoint: `http://127.0.0.1:${port}`, region: 'eu-west-1', credentials, maxAttempts: 1 });
    t.teardown(() => client.destroy());
    return client;
  };
  const refusal = (made: Promise<unknown>): Promise<number | undefined> =>
    made.then(
      () => undefined,
      (error: unknown) => (error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined),
    );
  t.same(await createBuckets(await answersTo(404, 409, 200), ['p2p-new']), []);
  t.equal(await refusal(createBuckets(await answersTo(404, 403, 404), ['p2p-new'])), 403);
  t.equal(await refusal(createBuckets(await answersTo(403), ['p2p-new'])), 403);
});

t.test('URLs are signed for the address callers use', async (t) => {
  const { config, bucket } = await testS3(t);
  const [client, presignClient] = [s3Client({ ...config, endpoint: 'http://s3.invalid:7070' }), s3Client(config)];
  t.teardown(() => [client, presignClient].forEach((one) => void one.destroy()));
  const storage = s3Storage({ client, presignClient, bucket, trustChecksums: false });
  const upload = await storage.presignUpload({ key: 'a.xml', ...xml, size: bytes.length, expires_in: 60 });
  t.equal((await fetch(upload.url, { method: 'PUT', headers: upload.headers, body: bytes })).status, 200);
  const { url } = await storage.presignDownload({ key: 'a.xml', expires_in: 60 });
  t.same(Buffer.from(await (await fetch(url)).arrayBuffer()), bytes);
});

t.test('a tag of an object is read, and its absence is none', async (t) => {
  const { config, bucket } = await testS3(t);
  const client = s3Client(config);
  t.teardown(() => client.destroy());
  await s3Storage({ client, bucket, trustChecksums: false }).put('tagged', bytes, xml);
  t.equal(await s3Tag({ client, bucket }, 'tagged', SCAN_TAG), undefined);
  const Tagging = { TagSet: [{ Key: SCAN_TAG, Value: 'NO_THREATS_FOUND' }] };
  await client.send(new PutObjectTaggingCommand({ Bucket: bucket, Key: 'tagged', Tagging }));
  t.equal(await s3Tag({ client, bucket }, 'tagged', SCAN_TAG), 'NO_THREATS_FOUND');
  t.equal(await s3Tag({ client, bucket }, 'nothing', SCAN_TAG), undefined);
});
