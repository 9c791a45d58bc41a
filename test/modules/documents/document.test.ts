import t from 'tap';
import type { CreateDocument, StoredDocument } from '../../../src/modules/documents/document.schema.ts';
import {
  completed,
  downloaded,
  newDocument,
  readPermissionOf,
  requireReadable,
} from '../../../src/modules/documents/document.ts';
import { DomainError } from '../../../src/shared/errors.ts';
import { newId } from '../../../src/shared/ids.ts';

const BODY: CreateDocument = {
  entity: 'invoice',
  entity_id: newId('invoice'),
  filename: 'invoice.pdf',
  content_type: 'application/pdf',
  size: 3,
  sha256: 'a'.repeat(64),
};
const document = (status: StoredDocument['status']): StoredDocument => ({
  ...newDocument(newId('document'), BODY, newId('user')),
  status,
  version: 1,
  created_at: '2026-01-01T00:00:00.000Z',
  updated_at: '2026-01-01T00:00:00.000Z',
  audit: { seq: 1, hash: '' },
});

t.test('a document is announced with a name that fits its content type and an id that fits its entity', async (t) => {
  const cases: readonly [Partial<CreateDocument>, readonly string[]][] = [
    [{}, []],
    [{ filename: 'INVOICE.PDF' }, []],
    [{ filename: 'scan.jpeg', content_type: 'image/jpeg' }, []],
    [{ filename: 'scan.jpg', content_type: 'image/jpeg' }, []],
    [{ filename: 'invoice.exe' }, ['/filename']],
    [{ filename: 'pdf' }, ['/filename']],
    [{ filename: '../invoice.pdf' }, ['/filename']],
    [{ filename: 'a\\b.pdf' }, ['/filename']],
    [{ entity: 'payment_batch', filename: 'x/y.txt' }, ['/entity_id', '/filename', '/filename']],
  ];
  for (const [change, pointers] of cases) {
    const make = () => newDocument('doc_1', { ...BODY, ...change }, 'usr_1');
    if (pointers.length === 0) t.match(make(), { status: 'pending', stored_at: null, created_by: 'usr_1' });
    else
      try {
        make();
        t.fail(`${JSON.stringify(change)} is refused`);
      } catch (error) {
        t.ok(error instanceof DomainError && error.code === 'document.invalid');
        if (error instanceof DomainError)
          t.same(
            error.errors.map(({ pointer }) => pointer),
            pointers,
          );
      }
  }
});

t.test('stored bytes make a document stored or rejected, once', async (t) => {
  const at = '2026-01-02T00:00:00.000Z';
  const right = { size: 3, sha256: BODY.sha256 };
  t.match(completed(document('pending'), right, at), { document: { status: 'stored', stored_at: at } });
  t.notOk(completed(document('pending'), right, at).refusal);
  const wrong = completed(document('pending'), { size: 4, sha256: 'b'.repeat(64) }, at);
  t.match(wrong.document, { status: 'rejected', stored_at: null });
  t.match(wrong.refusal, { kind: 'rule', code: 'document.content-differs' });
  t.same(
    wrong.refusal?.errors.map(({ pointer }) => pointer),
    ['/size', '/sha256'],
  );
  t.throws(() => completed(document('pending'), undefined, at), { code: 'document.not-uploaded' });
  t.throws(() => completed(document('stored'), right, at), { code: 'document.wrong-status' });
  t.throws(() => completed(document('rejected'), right, at), { code: 'document.wrong-status' });
});

t.test('bytes of another type reject a document, malware puts it into quarantine', async (t) => {
  const at = '2026-01-02T00:00:00.000Z';
  const right = { size: 3, sha256: BODY.sha256 };
  const other = completed(document('pending'), { ...right, typeFinding: 'the stored bytes are image/gif' }, at);
  t.match(other, {
    document: { status: 'rejected' },
    action: 'rejected',
    refusal: { code: 'document.content-differs' },
  });
  t.same(other.refusal?.errors, [{ pointer: '/content_type', detail: 'the stored bytes are image/gif' }]);
  const infected = completed(document('pending'), { ...right, scan: { kind: 'infected', found: 'Eicar' } }, at);
  t.match(infected, { document: { status: 'quarantined', scan: 'infected' }, action: 'quarantined' });
  t.match(infected.refusal, { kind: 'rule', code: 'document.infected' });
  for (const kind of ['clean', 'pending'] as const)
    t.match(completed(document('pending'), { ...right, scan: { kind } }, at).document, {
      status: 'stored',
      scan: kind,
    });
  t.equal(completed(document('pending'), right, at).document.scan, null);
});

t.test('only a stored document whose scan is not pending or bad has content', async (t) => {
  const stored = { ...document('stored'), scan: 'pending' } as const;
  t.match(downloaded(document('stored'), undefined), { action: 'downloaded', document: { scan: null } });
  t.match(downloaded(stored, { kind: 'clean' }), { action: 'downloaded', document: { scan: 'clean' } });
  t.throws(() => downloaded(stored, { kind: 'pending' }), { kind: 'conflict', code: 'document.scan-pending' });
  t.match(downloaded(stored, { kind: 'infected', found: 'x' }), {
    document: { status: 'quarantined' },
    refusal: { code: 'document.infected' },
  });
  t.throws(() => downloaded(document('quarantined'), undefined), { code: 'document.quarantined' });
  t.throws(() => downloaded(document('pending'), undefined), { code: 'document.not-stored' });
  t.throws(() => downloaded(document('rejected'), undefined), { code: 'document.not-stored' });
});

t.test('a document takes the permission to read what it lies beside', async (t) => {
  t.equal(readPermissionOf('purchase_order'), 'purchase_order:read');
  t.doesNotThrow(() => requireReadable(new Set(['invoice:read']), 'invoice'));
  t.throws(() => requireReadable(new Set(['vendor:read']), 'invoice'), { code: 'auth.permission-missing' });
});
