import { createHash } from 'node:crypto';
import t from 'tap';
import { newId } from '../../../src/shared/ids.ts';
import { ROLES } from '../../../src/shared/permissions.ts';
import { sha256Hex } from '../../../src/shared/storage/storage.ts';
import { type Loose, testApi } from '../../support/api.ts';
import { commandOf } from '../../support/invoices.ts';

const api = await testApi(t);
await api.app.listen({ host: '127.0.0.1', port: 0 });
const clerk = await api.as('ap_clerk');
const manager = await api.as('vendor_manager');
const vendor = (
  await manager.post('/vendors', {
    name: 'Northwind Paper BV',
    email: 'billing@northwind.example',
    payment_terms: 'NET 30',
    currency: 'EUR',
  })
).body;

const CONTENT = Buffer.from('%PDF-1.7 a contract');
const sha256 = createHash('sha256').update(CONTENT).digest('hex');
const ANNOUNCED = {
  entity: 'vendor',
  entity_id: vendor.id,
  filename: 'Vertrag für „Papier“.pdf',
  content_type: 'application/pdf',
  size: CONTENT.length,
  sha256,
};

async function announced(body: object = {}): Promise<Loose> {
  const created = await clerk.post('/documents', { ...ANNOUNCED, ...body });
  t.equal(created.status, 201, JSON.stringify(created.body));
  return created.body;
}

/** As a client does: over the network, to the address and with the headers it was given. */
const put = (upload: Loose, bytes: Buffer, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(upload.url, {
    method: upload.method,
    headers: { ...upload.headers, ...headers },
    body: new Uint8Array(bytes),
  });

const keyOf = (document: Loose): string => `${document.entity}/${document.entity_id}/${document.id}`;

t.test('a file is announced, uploaded under its signed URL, completed and downloaded', async (t) => {
  const created = await clerk.post('/documents', ANNOUNCED);
  t.equal(created.status, 201, JSON.stringify(created.body));
  t.equal(created.headers.location, `/api/v1/documents/${created.body.id}`);
  t.equal(created.headers.etag, '"1"');
  const { upload, ...document } = created.body;
  t.match(document, { status: 'pending', version: 1, stored_at: null, ...ANNOUNCED });
  t.notHas(document, 'audit');
  t.match(upload, { method: 'PUT', headers: { 'content-type': 'application/pdf' } });
  t.ok(Date.parse(upload.expires_at) > Date.now());

  t.match((await clerk.post(`/documents/${document.id}/complete`)).body, { code: 'document.not-uploaded' });
  t.match((await clerk.get(`/documents/${document.id}/content`)).body, { status: 409, code: 'document.not-stored' });
  t.equal((await put(upload, CONTENT)).status, 200);
  const completed = await clerk.post(`/documents/${document.id}/complete`, undefined, { version: 1 });
  t.equal(completed.status, 200, JSON.stringify(completed.body));
  t.match(completed.body, { status: 'stored', version: 2, sha256 });
  t.equal(completed.headers.etag, '"2"');
  t.match((await clerk.post(`/documents/${document.id}/complete`)).body, { code: 'document.wrong-status' });
  t.equal((await clerk.post(`/documents/${document.id}/complete`, {}, { version: 1 })).status, 409);
  t.match((await clerk.get(`/documents/${document.id}`)).body, completed.body);

  const content = await clerk.get(`/documents/${document.id}/content`);
  t.equal(content.status, 302, JSON.stringify(content.body));
  t.equal(content.headers['cache-control'], 'no-store');
  const download = await fetch(String(content.headers.location));
  t.equal(download.status, 200);
  t.match(download.headers.get('content-disposition'), /^attachment; filename\*=UTF-8''Vertrag%20f%C3%BCr/);
  t.equal(download.headers.get('content-type'), 'application/pdf');
  t.same(Buffer.from(await download.arrayBuffer()), CONTENT);
});

t.test('the signed URL takes exactly what was announced, and nothing else', async (t) => {
  const { upload, ...document } = await announced();
  const wrong = Buffer.from(CONTENT);
  wrong[0] = 0x21;
  const refused = await put(upload, wrong);
  t.equal(refused.status, 422);
  t.match(await refused.json(), { code: 'storage.digest-differs' });
  t.equal((await put(upload, Buffer.concat([CONTENT, CONTENT]))).status, 413);
  t.equal((await put(upload, CONTENT, { 'content-type': 'text/html' })).status, 422);
  t.equal((await put({ ...upload, url: upload.url.replace(sha256, sha256Hex('other')) }, CONTENT)).status, 403);
  const elsewhere = upload.url.replace(document.id, newId('document'));
  t.equal((await put({ ...upload, url: elsewhere }, CONTENT)).status, 403);
  t.match((await clerk.post(`/documents/${document.id}/complete`)).body, { code: 'document.not-uploaded' });
  t.equal((await clerk.get(`/documents/${document.id}`)).body.status, 'pending');
  t.equal((await put(upload, CONTENT)).status, 200, 'the right content still lands');
});

t.test('bytes in storage that are not the announced ones reject the document and go', async (t) => {
  const document = await announced();
  const other = Buffer.from('something else');
  const { storage } = api.infrastructure;
  await storage.documents.put(keyOf(document), other, { content_type: 'application/pdf', sha256: sha256Hex(other) });
  const headers = { 'idempotency-key': 'complete-1' };
  const refused = await clerk.post(`/documents/${document.id}/complete`, {}, { headers });
  t.match(refused.body, { status: 422, code: 'document.content-differs' });
  t.same(
    refused.body.errors.map(({ pointer }: Loose) => pointer),
    ['#/size', '#/sha256'],
  );
  t.match((await clerk.get(`/documents/${document.id}`)).body, { status: 'rejected', version: 2, stored_at: null });
  t.equal(await storage.documents.head(keyOf(document)), undefined);
  const again = await clerk.post(`/documents/${document.id}/complete`, {}, { headers });
  t.match(again.body, { status: 409, code: 'document.wrong-status' });
});

t.test('completing twice at the same time is one decision', async (t) => {
  const document = await announced();
  t.equal((await put(document.upload, CONTENT)).status, 200);
  const replies = await Promise.all([1, 2, 3].map(() => clerk.post(`/documents/${document.id}/complete`)));
  t.same(replies.map(({ status }) => status).sort(), [200, 409, 409]);
  t.equal((await clerk.get(`/documents/${document.id}`)).body.version, 2);
  const stale = await announced();
  await put(stale.upload, CONTENT);
  t.equal((await clerk.post(`/documents/${stale.id}/complete`, {}, { version: 9 })).status, 412);
});

t.test('what is announced is checked whole, and its entity must exist', async (t) => {
  const malformed = await clerk.post('/documents', {
    entity: 'planet',
    entity_id: 'mars',
    filename: '',
    content_type: 'text/html',
    size: 26_214_401,
    sha256: 'AB',
    url: 'x',
  });
  t.equal(malformed.status, 400);
  const pointers = new Set(malformed.body.errors.map(({ pointer }: Loose) => pointer));
  for (const name of ['entity', 'entity_id', 'filename', 'content_type', 'size', 'sha256', 'url'])
    t.ok(pointers.has(`#/${name}`), `${name} is named`);
  const invalid = await clerk.post('/documents', { ...ANNOUNCED, entity: 'invoice', filename: 'contract.exe' });
  t.match(invalid.body, { status: 422, code: 'document.invalid' });
  t.same(
    invalid.body.errors.map(({ pointer }: Loose) => pointer),
    ['#/entity_id', '#/filename'],
  );
  for (const entity of ['vendor', 'purchase_order', 'receipt', 'invoice', 'payment', 'payment_batch'] as const) {
    const unknown = await clerk.post('/documents', { ...ANNOUNCED, entity, entity_id: newId(entity) });
    t.match(unknown.body, { status: 422, code: 'document.no-such-entity', errors: [{ pointer: '#/entity_id' }] });
  }
  t.equal((await clerk.post('/documents?dry_run=true', ANNOUNCED)).status, 400);
  const { id } = await announced();
  t.equal((await clerk.post(`/documents/${id}/complete?dry_run=true`)).status, 400);
  t.equal((await clerk.get(`/documents/${newId('document')}`)).status, 404);
  t.equal((await clerk.get(`/documents/${newId('invoice')}`)).status, 404);
});

t.test('lists are pages by entity and status', async (t) => {
  const other = (
    await manager.post('/vendors', { name: 'B', email: 'b@example.com', payment_terms: 'EOM', currency: 'EUR' })
  ).body;
  const made: string[] = [];
  for (let n = 0; n < 3; n += 1) made.unshift((await announced({ entity_id: other.id })).id);
  const first = await clerk.get(`/documents?entity_id=${other.id}&limit=2`);
  t.same(
    first.body.data.map(({ id }: Loose) => id),
    made.slice(0, 2),
  );
  t.match(first.body.data[0], { size: CONTENT.length, version: 1, entity: 'vendor', status: 'pending' });
  t.notHas(first.body.data[0], 'upload');
  const next = await clerk.get(`/documents?entity_id=${other.id}&limit=2&cursor=${first.body.next_cursor}`);
  t.same(
    next.body.data.map(({ id }: Loose) => id),
    made.slice(2),
  );
  t.equal(next.body.next_cursor, null);
  t.same((await clerk.get(`/documents?entity_id=${other.id}&status=stored`)).body.data, []);
  t.ok((await clerk.get('/documents?status=stored')).body.data.length > 0);
  t.equal((await clerk.get(`/documents?entity_id=${other.id}&created_to=2020-01-01`)).body.data.length, 0);
  t.equal((await clerk.get('/documents?entity=vendor')).status, 400);
});

t.test('a vendor with a document is not deleted', async (t) => {
  const own = await manager.post('/vendors', {
    name: 'C',
    email: 'c@example.com',
    payment_terms: 'EOM',
    currency: 'EUR',
  });
  await announced({ entity_id: own.body.id });
  const refused = await manager.delete(`/vendors/${own.body.id}`, { version: 1 });
  t.match(refused.body, { status: 409, code: 'vendor.in-use' });
});

t.test('every role may do with documents what the table says', async (t) => {
  const document = await announced();
  const writers = ['ap_clerk', 'ap_manager'];
  const readers = [...writers, 'admin', 'auditor'];
  for (const role of ROLES) {
    const caller = await api.as(role);
    const [created, completed, read, listed, content] = await Promise.all([
      caller.post('/documents', ANNOUNCED),
      caller.post(`/documents/${newId('document')}/complete`),
      caller.get(`/documents/${document.id}`),
      caller.get('/documents'),
      caller.get(`/documents/${document.id}/content`),
    ]);
    t.equal(created.status, writers.includes(role) ? 201 : 403, `${role} creates`);
    t.equal(completed.status, writers.includes(role) ? 404 : 403, `${role} completes`);
    t.equal(read.status, readers.includes(role) ? 200 : 403, `${role} reads`);
    t.equal(listed.status, readers.includes(role) ? 200 : 403, `${role} lists`);
    t.equal(content.status, readers.includes(role) ? 409 : 403, `${role} downloads`);
  }
  t.equal((await api.raw('GET', '/api/v1/documents')).status, 401);
});

t.test('a document follows the permission to read what it lies beside', async (t) => {
  const document = await announced();
  const scoped = { id: clerk.id, roles: [], permissions: new Set(['document:read', 'invoice:read'] as const) };
  const command = { ...commandOf(clerk), actor: scoped };
  const { documents } = api.dependencies;
  await t.rejects(documents.get(scoped, document.id), { code: 'auth.permission-missing' });
  await t.rejects(documents.download(command, document.id), { code: 'auth.permission-missing' });
  const page = { limit: 20, binding: { principal: 'x', query: 'x' } };
  t.same((await documents.list(scoped, { limit: 20, entity_id: vendor.id }, page)).data, []);
});
