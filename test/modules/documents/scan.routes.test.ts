/** Documents under a scanner: what is found stays in quarantine, what is not scanned yet waits, and each download is on record. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { commandScan, type ScanVerdict } from '../../../src/shared/storage/scan.ts';
import { sha256Hex } from '../../../src/shared/storage/storage.ts';
import { caller, type Loose, testApi } from '../../support/api.ts';
import { activeVendor } from '../../support/orders.ts';

const api = await testApi(t);
const verdicts = new Map<string, ScanVerdict>();
const storage = api.infrastructure.storage.documents;
const scanning = await api.another({ documentScan: async (key) => verdicts.get(key) ?? { kind: 'pending' } });
const person = await api.as(['vendor_manager', 'ap_clerk']);
const auditor = await api.as(['auditor', 'vendor_manager']);
const clerk = caller(scanning, person.id, person.token);
const vendor = await activeVendor(api);
const keyOf = (document: Loose): string => `${document.entity}/${document.entity_id}/${document.id}`;
/** A harmless file that every scanner takes for malware, in two parts so that this file is not taken for it. */
const EICAR = ['X5O!P%@AP[4\\PZX54(P^)7CC)7}$', 'EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*'].join('');

async function uploaded(bytes: Buffer, content_type = 'application/pdf', filename = 'a.pdf'): Promise<Loose> {
  const body = { entity: 'vendor', entity_id: vendor.id, filename, content_type };
  const made = await clerk.post('/documents', { ...body, size: bytes.length, sha256: sha256Hex(bytes) });
  t.equal(made.status, 201, JSON.stringify(made.body));
  await storage.put(keyOf(made.body), bytes, { content_type, sha256: sha256Hex(bytes) });
  return made.body;
}
const complete = (document: Loose, who = clerk) => who.post(`/documents/${document.id}/complete`);
const download = (document: Loose, who = clerk) => who.get(`/documents/${document.id}/content`);
const actionsOf = async ({ id }: Loose): Promise<string[]> =>
  (await auditor.get(`/audit?entity=document&entity_id=${id}`)).body.data.map(({ action }: Loose) => action);
const securityOf = async ({ id }: Loose): Promise<Loose[]> => {
  await api.dependencies.securityLog.drain();
  const { data } = (await auditor.get('/audit/security?limit=100')).body;
  return data.filter(({ subject_id }: Loose) => subject_id === id);
};

t.test('a file that is another than its type says is rejected, and goes', async (t) => {
  const document = await uploaded(Buffer.from('MZ is no invoice'));
  const refused = await complete(document);
  t.match(refused, {
    status: 422,
    body: { code: 'document.content-differs', errors: [{ pointer: '#/content_type' }] },
  });
  t.equal((await clerk.get(`/documents/${document.id}`)).body.status, 'rejected');
  t.equal(await storage.head(keyOf(document)), undefined);
});

t.test(
  'malware puts a document into quarantine: it stays, nobody downloads it, and the security log says so',
  async (t) => {
    const document = await uploaded(Buffer.from('%PDF-1.7 bad'));
    verdicts.set(keyOf(document), { kind: 'infected', found: 'Test.Word' });
    const headers = { 'idempotency-key': 'infected' };
    const refused = await clerk.post(`/documents/${document.id}/complete`, {}, { headers });
    t.match(refused, { status: 422, body: { code: 'document.infected' } });
    t.match((await clerk.get(`/documents/${document.id}`)).body, { status: 'quarantined', scan: 'infected' });
    t.match(await download(document), { status: 409, body: { code: 'document.quarantined' } });
    t.match(await clerk.post(`/documents/${document.id}/complete`, {}, { headers }), { status: 409 });
    t.same(await actionsOf(document), ['quarantined', 'created']);
    const found = { kind: 'document_infected', actor_id: person.id, detail: 'Test.Word' };
    t.match(await securityOf(document), [found]);
    t.ok(await storage.head(keyOf(document)), 'kept as evidence');
    t.equal(await api.dependencies.documents.isNamed(keyOf(document)), true, 'and not cleaned up');
  },
);

t.test('a document that is not scanned yet is downloaded once it is clean', async (t) => {
  const document = await uploaded(Buffer.from('%PDF-1.7 later'));
  t.match((await complete(document)).body, { status: 'stored', scan: 'pending' });
  t.match(await download(document), { status: 409, body: { code: 'document.scan-pending' } });
  verdicts.set(keyOf(document), { kind: 'clean' });
  t.equal((await download(document)).status, 302);
  verdicts.delete(keyOf(document));
  t.equal((await download(document)).status, 302, 'it is not scanned again');
  t.match((await clerk.get(`/documents/${document.id}`)).body, { status: 'stored', scan: 'clean' });
  t.same(await actionsOf(document), ['downloaded', 'downloaded', 'completed', 'created']);
});

t.test('what is found after a document was stored puts it into quarantine at its download', async (t) => {
  const document = await uploaded(Buffer.from('%PDF-1.7 from before the scanner'));
  t.match((await complete(document, person)).body, { status: 'stored', scan: null });
  verdicts.set(keyOf(document), { kind: 'infected', found: 'THREATS_FOUND' });
  const replies = await Promise.all([download(document), download(document), download(document)]);
  t.equal(replies.filter(({ body }) => body.code === 'document.infected').length, 1);
  for (const { body } of replies) t.match(body.code, /^document\.(infected|quarantined)$/);
  t.match(await download(document, person), { status: 409, body: { code: 'document.quarantined' } });
  t.equal((await securityOf(document)).length, 1);
});

t.test('ClamAV itself finds the test file', async (t) => {
  const [clamscan, sigtool] = ['/usr/bin/clamscan', '/usr/bin/sigtool'];
  if (!existsSync(clamscan) || !existsSync(sigtool)) return t.comment('no ClamAV here: apt-get install clamav');
  // The public signatures take a network and minutes to load: one of our own, of the test file, is enough.
  const folder = mkdtempSync(join(tmpdir(), 'p2p-clamav-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'sample'), EICAR);
  const [digest, size] = execFileSync(sigtool, ['--md5', join(folder, 'sample')])
    .toString()
    .split(':');
  writeFileSync(join(folder, 'test.hdb'), `${digest}:${size}:Eicar-Test-Signature\n`);
  const documentScan = commandScan(storage, `${clamscan} --no-summary --database=${join(folder, 'test.hdb')} -`);
  const other = await api.another({ documentScan });
  const who = caller(other, person.id, person.token);
  const bad = await uploaded(Buffer.from(EICAR), 'text/plain', 'a.txt');
  t.match(await complete(bad, who), { status: 422, body: { code: 'document.infected' } });
  t.match(await securityOf(bad), [{ kind: 'document_infected', detail: /Eicar-Test-Signature/ }]);
  const good = await uploaded(Buffer.from('a note'), 'text/plain', 'a.txt');
  t.match((await complete(good, who)).body, { status: 'stored', scan: 'clean' });
});
