/**
 * A part of the journey against a server on AWS, or on what stands for it: two admins, people whose first password is one-time and
 * whose approving roles the second admin confirms, vendor, order, receipt, invoice, match, a document under its signed URL.
 * The last line of its output is the ids, for whoever reads the store behind the server's back.
 */
import { createHash, randomBytes } from 'node:crypto';

// biome-ignore lint/suspicious/noExplicitAny: it reads replies as a script would, and fails on what they have not
type Loose = any;
type Post = (path: string, body?: object, version?: number) => Promise<Loose>;

const api = `${process.argv[2] ?? 'http://127.0.0.1:3000'}/api/v1`;
const run = randomBytes(4).toString('hex');
const APPROVING = new Set(['vendor_manager', 'approver']);

const as =
  (token: string | undefined): Post =>
  async (path, body = {}, version) => {
    const response = await fetch(`${api}${path}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(version === undefined ? {} : { 'if-match': `"${version}"` }),
      },
      body: JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`POST ${path} answered ${response.status}: ${text}`);
    return JSON.parse(text);
  };

const signIn = async (email: string, password: string): Promise<Loose> =>
  as(undefined)('/auth/token', { email, password });

function expect(what: string, value: unknown, expected: unknown): void {
  if (value !== expected) throw new Error(`${what} is ${String(value)}, not ${String(expected)}`);
  console.log(`${what}: ${String(value)}`);
}

/** Creates a person, lets the second admin confirm an approving role, and signs in with a password of the person's own. */
async function hire(admin: Post, second: Post, role: string, name = role): Promise<Post> {
  const oneTime = randomBytes(12).toString('hex');
  const email = `${name.replaceAll('_', '-')}.${run}@example.com`;
  const user = await admin('/users', { email, name, password: oneTime, roles: [role] });
  if (APPROVING.has(role)) await second(`/users/${user.id}/approve`, {}, user.version);
  const first = await signIn(email, oneTime);
  if (first.password_change_required !== true) throw new Error(`the first password of ${name} is not one-time`);
  const own = await as(first.access_token)('/auth/password', {
    current_password: oneTime,
    password: randomBytes(12).toString('hex'),
  });
  return as(own.access_token);
}

async function hireAll(): Promise<
  Record<'manager' | 'secondManager' | 'buyer' | 'approver' | 'receiver' | 'clerk', Post>
> {
  const { P2P_ADMIN_EMAIL: email = 'admin@example.com', P2P_ADMIN_PASSWORD: password = '' } = process.env;
  const admin = as((await signIn(email, password)).access_token);
  // Nobody is there yet to confirm the first one named.
  const second = await hire(admin, admin, 'admin', 'admin_2');
  return {
    manager: await hire(admin, second, 'vendor_manager'),
    secondManager: await hire(admin, second, 'vendor_manager', 'vendor_manager_2'),
    buyer: await hire(admin, second, 'buyer'),
    approver: await hire(admin, second, 'approver'),
    receiver: await hire(admin, second, 'receiver'),
    clerk: await hire(admin, second, 'ap_clerk'),
  };
}

async function upload(clerk: Post, invoice: Loose): Promise<string> {
  const content = '%PDF-1.4\n% the invoice as the vendor sent it\n';
  const document = await clerk('/documents', {
    entity: 'invoice',
    entity_id: invoice.id,
    filename: 'invoice.pdf',
    content_type: 'application/pdf',
    size: content.length,
    sha256: createHash('sha256').update(content).digest('hex'),
  });
  const { url, method, headers } = document.upload;
  expect('upload', (await fetch(url, { method, headers, body: content })).status, 200);
  expect('document', (await clerk(`/documents/${document.id}/complete`)).status, 'stored');
  return new URL(url).pathname.split('/').slice(2).map(decodeURIComponent).join('/');
}

const { manager, secondManager, buyer, approver, receiver, clerk } = await hireAll();
const vendor = await manager('/vendors', {
  name: `Northwind Paper ${run}`,
  email: 'billing@northwind.example',
  payment_terms: 'NET 30',
  currency: 'EUR',
});
expect('vendor', (await secondManager(`/vendors/${vendor.id}/approve`, {}, vendor.version)).status, 'active');

const item = { description: 'Copier paper A4, box', tax_rate: '21', quantity: '100', unit_price: '2.50' };
const order = await buyer('/purchase-orders', {
  vendor_id: vendor.id,
  currency: 'EUR',
  description: 'Copier paper',
  line_items: [{ ...item, sku: 'PAP-A4', unit: 'EA' }],
});
const path = `/purchase-orders/${order.id}`;
const submitted = await buyer(`${path}/submit`);
await approver(`${path}/approve`, {}, submitted.version);
expect('order', (await buyer(`${path}/send`)).status, 'sent');
await receiver(`${path}/receipts`, { line_items: [{ line_number: 1, quantity: '100' }] });

const invoice = await clerk('/invoices', {
  vendor_id: vendor.id,
  po_id: order.id,
  invoice_number: `NW-${run}`,
  invoice_date: new Date().toISOString().slice(0, 10),
  currency: 'EUR',
  line_items: [{ ...item, po_line_number: 1, amount: '250.00' }],
  subtotal: '250.00',
  tax_amount: '52.50',
  total_amount: '302.50',
});
expect('invoice', (await clerk(`/invoices/${invoice.id}/match`)).status, 'matched');
const object = await upload(clerk, invoice);
console.log(JSON.stringify({ vendor: vendor.id, order: order.id, invoice: invoice.id, object }));
