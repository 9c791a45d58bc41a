import { createHash } from 'node:crypto';
import t from 'tap';
import { newId } from '../../../src/shared/ids.ts';
import { permissionsOf, ROLES, type Role } from '../../../src/shared/permissions.ts';
import { type Loose, testApi } from '../../support/api.ts';
import { ciiInvoice, ublInvoice } from '../../support/e-invoices.ts';
import { payables } from '../../support/payables.ts';

const api = await testApi(t);
await api.app.listen({ host: '127.0.0.1', port: 0 });
const clerk = await api.as('ap_clerk');
const store = payables(api);
const vendor = await store.vendor({});

/** A file beside an invoice, as a client brings it: announced, uploaded, completed. */
async function attach(
  invoiceId: string,
  content: string | Buffer,
  content_type = 'application/xml',
  filename = 'invoice.xml',
): Promise<Loose> {
  const bytes = Buffer.from(content);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const announced = await clerk.post('/documents', {
    entity: 'invoice',
    entity_id: invoiceId,
    filename,
    content_type,
    size: bytes.length,
    sha256,
  });
  t.equal(announced.status, 201, JSON.stringify(announced.body));
  const { url, method, headers } = announced.body.upload;
  t.equal((await fetch(url, { method, headers, body: new Uint8Array(bytes) })).status, 200);
  const completed = await clerk.post(`/documents/${announced.body.id}/complete`);
  t.equal(completed.status, 200);
  return completed.body;
}

const invoiceWith = async (content: string | Buffer): Promise<string> => {
  const { id } = await store.invoice(vendor.id);
  await attach(id, content);
  return id;
};

t.test('the e-invoice among the documents of an invoice is read and checked', async (t) => {
  const { id } = await store.invoice(vendor.id);
  await attach(id, '%PDF-1.7', 'application/pdf', 'invoice.pdf');
  t.match((await clerk.get(`/invoices/${id}/e-invoice`)).body, { status: 404, code: 'e_invoice.not-found' });
  const document = await attach(id, ublInvoice());
  const { status, body } = await clerk.get(`/invoices/${id}/e-invoice`);
  t.equal(status, 200, JSON.stringify(body));
  t.strictSame(body, {
    invoice_id: id,
    document_id: document.id,
    sha256: document.sha256,
    syntax: 'ubl',
    kind: 'invoice',
    specification: 'urn:cen.eu:en16931:2017',
    number: 'INV-2026-17',
    issue_date: '2026-10-01',
    currency: 'EUR',
    seller_name: 'Example Tools GmbH',
    seller_vat_id: 'DE123456789',
    purchase_order: 'PO-4711',
    total_with_vat: '226.10',
    amount_due: '200.00',
    valid: true,
    findings: [],
  });
});

t.test('all findings come at once, and the newest e-invoice counts; other XML beside it does not', async (t) => {
  const id = await invoiceWith(ublInvoice());
  await attach(id, ciiInvoice().replace('>226.10<', '>226.11<').replace('unitCode="HUR"', 'unitCode="HOURS"'));
  await attach(id, '<DespatchAdvice xmlns="urn:oasis:names:specification:ubl:schema:xsd:DespatchAdvice-2"/>');
  const { body } = await clerk.get(`/invoices/${id}/e-invoice`);
  t.match(body, { syntax: 'cii', valid: false });
  t.strictSame(
    body.findings.map(({ rule }: Loose) => rule),
    ['BR-CO-15', 'BR-CO-16', 'BR-CL-23'],
  );
});

t.test(
  'the page for people has a policy that lets nothing run, and masks accounts for those who may not see them',
  async (t) => {
    const id = await invoiceWith(ublInvoice());
    const page = await api.app.inject({
      url: `/api/v1/invoices/${id}/readable`,
      headers: { authorization: `Bearer ${clerk.token}` },
    });
    t.equal(page.statusCode, 200, page.body);
    t.equal(page.headers['content-type'], 'text/html; charset=utf-8');
    t.match(
      page.headers['content-security-policy'],
      /^default-src 'none'; style-src 'sha256-[^']+'; frame-ancestors 'none';/,
    );
    t.notMatch(page.headers['content-security-policy'], /script|unsafe/);
    t.equal(page.headers['cache-control'], 'no-store');
    t.match(page.body, /<h1>Invoice INV-2026-17<\/h1>/);
    const shows = async (roles: readonly Role[]): Promise<boolean> => {
      const { token } = await api.as(roles);
      const headers = { authorization: `Bearer ${token}` };
      const { statusCode, body } = await api.app.inject({ url: `/api/v1/invoices/${id}/readable`, headers });
      t.equal(statusCode, 200, roles.join());
      return body.includes('DE89370400440532013000');
    };
    t.notOk(await shows(['auditor']));
    t.ok(await shows(['auditor', 'treasurer']), 'who may see accounts sees them');
  },
);

t.test('a file that is made to do harm is refused by a problem, by both routes', async (t) => {
  const entity = '<!DOCTYPE Invoice [<!ENTITY x SYSTEM "file:///etc/passwd">]>';
  const bomb = '<!DOCTYPE a [<!ENTITY b "bbbbbbbb"><!ENTITY c "&b;&b;&b;&b;">]><a>&c;</a>';
  const cases: readonly (readonly [string, string | Buffer])[] = [
    ['e_invoice.doctype', ublInvoice().replace('<Invoice', `${entity}<Invoice`)],
    ['e_invoice.doctype', bomb],
    ['e_invoice.not-well-formed', '<a>'.repeat(10_000) + '</a>'.repeat(10_000)],
    ['e_invoice.not-well-formed', '<no XML'],
    ['e_invoice.encoding-wrong', Buffer.from(ublInvoice(), 'latin1')],
    ['e_invoice.encoding-unknown', '<?xml version="1.0" encoding="EBCDIC-CP-US"?><a/>'],
    ['e_invoice.too-large', `<a>${'<b/>'.repeat(250_000)}</a>`],
  ];
  for (const [code, content] of cases) {
    const id = await invoiceWith(content);
    for (const route of ['e-invoice', 'readable'])
      t.match((await clerk.get(`/invoices/${id}/${route}`)).body, { status: 422, code }, `${code}, ${route}`);
  }
  const id = await invoiceWith(`<a>${' '.repeat(10 * 1024 * 1024)}</a>`);
  t.match((await clerk.get(`/invoices/${id}/readable`)).body, { status: 413, code: 'document.too-large' });
});

t.test('an encoding that is declared is read', async (t) => {
  const id = await invoiceWith(
    Buffer.from(ublInvoice({ sellerName: 'Müller' }).replace('UTF-8', 'ISO-8859-1'), 'latin1'),
  );
  t.equal((await clerk.get(`/invoices/${id}/e-invoice`)).body.seller_name, 'Müller');
  const wide = await invoiceWith(
    Buffer.from(`\ufeff${ublInvoice({ sellerName: 'Łódź' }).replace('UTF-8', 'UTF-16')}`, 'utf16le'),
  );
  t.equal((await clerk.get(`/invoices/${wide}/e-invoice`)).body.seller_name, 'Łódź');
});

t.test('an invoice that is not there, and callers who may not read its documents', async (t) => {
  t.equal((await clerk.get(`/invoices/${newId('invoice')}/readable`)).status, 404);
  t.equal((await clerk.get(`/invoices/${newId('vendor')}/e-invoice`)).status, 404);
  const id = await invoiceWith(ublInvoice());
  for (const role of ROLES) {
    const caller = await api.as(role);
    const may = permissionsOf([role]).has('document:read') && permissionsOf([role]).has('invoice:read');
    for (const route of ['e-invoice', 'readable'])
      t.equal((await caller.get(`/invoices/${id}/${route}`)).status === 200, may, `${role}: ${route}`);
  }
  t.equal((await api.raw('GET', `/api/v1/invoices/${id}/readable`)).status, 401);
});
