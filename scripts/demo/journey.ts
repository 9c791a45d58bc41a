/** Vendor, order, receipts, invoice, match, approval, payment, run, bank file, settlement, proof: the contract's journey. */
import { createHash, createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { nextBankingDay } from '../../src/shared/business-days.ts';
import type { Client, Loose } from './client.ts';
import type { DemoServer } from './own-server.ts';
import { type Cast, hirePeople } from './people.ts';
import type { Report } from './report.ts';
import { type Office, openDebtorAccount, withoutWaiting } from './settings.ts';

interface Scene {
  readonly client: Client;
  readonly server: DemoServer;
  readonly report: Report;
  readonly cast: Cast;
  readonly office: Office;
  readonly run: string;
}

export async function takeJourney(client: Client, server: DemoServer, report: Report): Promise<void> {
  const run = Date.now().toString(36);
  report.heading('People');
  const { cast, secondAdmin } = await report.step('admin', 'signs in and makes ten people', async () => {
    await client.signIn(server.admin);
    const hired = await hirePeople(client, server, run);
    return [
      Object.values(hired.cast)
        .map(({ name }) => name)
        .join(', '),
      hired,
    ];
  });
  const office = { client, report, admin: server.admin, secondAdmin };
  const scene: Scene = { client, server, report, cast, office, run };
  const debtor = await openDebtorAccount(office);
  const vendor = await withoutWaiting(office, () => findVendor(scene));
  const order = await orderAndReceive(scene, vendor);
  const invoice = await billAndMatch(scene, vendor, order);
  const { payment, batch } = await pay(scene, invoice, debtor);
  await settle(scene, invoice, payment);
  await prove(scene, { vendor, purchase_order: order, invoice, payment, payment_batch: batch });
}

async function findVendor({ client, report, cast, run }: Scene): Promise<Loose> {
  report.heading('Vendor');
  const proposed = await report.step(cast.vendorManager.name, 'proposes a vendor', async () => {
    const vendor = await client.post(cast.vendorManager, '/vendors', {
      name: `Northwind Paper ${run}`,
      email: 'billing@northwind.example',
      payment_terms: '2/10 NET 30',
      currency: 'EUR',
    });
    return [`${vendor.id} ${vendor.status}`, vendor];
  });
  const path = `/vendors/${proposed.id}`;
  await report.step(cast.vendorManager.name, 'may not approve it', async () => {
    const problem = await client.refused(cast.vendorManager, `${path}/approve`, 403, {}, proposed.version);
    return [problem.code, undefined];
  });
  await report.step(cast.vendorApprover.name, 'approves the vendor', async () => {
    const vendor = await client.post(cast.vendorApprover, `${path}/approve`, {}, proposed.version);
    return [vendor.status, vendor];
  });
  const account = await report.step(cast.vendorManager.name, "proposes the vendor's bank account", async () => {
    const body = { holder_name: 'Northwind Paper BV', iban: 'NL91ABNA0417164300', bic: 'ABNANL2A' };
    const made = await client.post(cast.vendorManager, `${path}/bank-accounts`, body);
    return [`${made.iban} ${made.status}`, made];
  });
  await report.step(
    cast.vendorApprover.name,
    'calls the vendor, enters the number again and approves the bank account',
    async () => {
      const active = await client.post(
        cast.vendorApprover,
        `${path}/bank-accounts/${account.id}/approve`,
        {
          iban: 'NL91ABNA0417164300',
          verification_method: 'call_back',
          verification_reference: 'Called the vendor under the number in the contract',
        },
        account.version,
      );
      return [active.status, active];
    },
  );
  return proposed;
}

async function orderAndReceive({ client, report, cast }: Scene, vendor: Loose): Promise<Loose> {
  report.heading('Order and receipts');
  const draft = await report.step(cast.buyer.name, 'orders 100 boxes of paper at 2.50', async () => {
    const order = await client.post(cast.buyer, '/purchase-orders', {
      vendor_id: vendor.id,
      currency: 'EUR',
      description: 'Copier paper for the second floor',
      line_items: [
        {
          description: 'Copier paper A4, box',
          sku: 'PAP-A4',
          quantity: '100',
          unit: 'EA',
          unit_price: '2.50',
          tax_rate: '21',
        },
      ],
    });
    return [`${order.po_number} total ${order.total_amount} ${order.currency}`, order];
  });
  const path = `/purchase-orders/${draft.id}`;
  const waiting = await report.step(cast.buyer.name, 'submits the order', async () => {
    const order = await client.post(cast.buyer, `${path}/submit`);
    return [order.status, order];
  });
  await report.step(cast.approver.name, 'approves the order', async () => {
    const order = await client.post(cast.approver, `${path}/approve`, {}, waiting.version);
    return [order.status, order];
  });
  const sent = await report.step(cast.buyer.name, 'sends the order to the vendor', async () => {
    const order = await client.post(cast.buyer, `${path}/send`);
    return [order.status, order];
  });
  for (const quantity of ['60', '40'])
    await report.step(cast.receiver.name, `receives ${quantity} boxes`, async () => {
      const receipt = await client.post(cast.receiver, `${path}/receipts`, {
        line_items: [{ line_number: 1, quantity }],
      });
      return [`${receipt.id} ${receipt.status}`, receipt];
    });
  return sent;
}

async function billAndMatch(scene: Scene, vendor: Loose, order: Loose): Promise<Loose> {
  const { client, report, cast, run } = scene;
  report.heading('Invoice and three-way match');
  const facts = {
    vendor_id: vendor.id,
    po_id: order.id,
    invoice_date: today(),
    currency: 'EUR',
  };
  const line = { po_line_number: 1, description: 'Copier paper A4, box', tax_rate: '21' };
  const dear = await report.step(cast.clerk.name, 'enters an invoice at 2.75 a box', async () => {
    const invoice = await client.post(cast.clerk, '/invoices', {
      ...facts,
      invoice_number: `NW-${run}-1`,
      line_items: [{ ...line, quantity: '100', unit_price: '2.75', amount: '275.00' }],
      subtotal: '275.00',
      tax_amount: '57.75',
      total_amount: '332.75',
    });
    return [`${invoice.id} ${invoice.status}`, invoice];
  });
  await report.step(cast.clerk.name, 'matches it: the price is not as ordered', async () => {
    const matched = await client.post(cast.clerk, `/invoices/${dear.id}/match`);
    expect(matched.status, 'exception');
    return [matched.status, undefined];
  });
  report.table(checkRows(await client.get(cast.clerk, `/invoices/${dear.id}/match`)));
  await report.step(cast.apManager.name, 'rejects it', async () => {
    const rejected = await client.post(cast.apManager, `/invoices/${dear.id}/reject`, {
      reason: 'Billed above the agreed price',
    });
    expect(rejected.status, 'rejected');
    return [rejected.status, undefined];
  });
  const right = {
    ...facts,
    invoice_number: `NW-${run}-2`,
    line_items: [{ ...line, quantity: '100', unit_price: '2.50', amount: '250.00' }],
    subtotal: '250.00',
    tax_amount: '52.50',
    total_amount: '302.50',
  };
  const invoice = await report.step(cast.clerk.name, 'enters the corrected invoice', async () => {
    const made = await client.post(cast.clerk, '/invoices', right);
    return [`${made.id} ${made.status}, due ${made.due_date}`, made];
  });
  await report.step(cast.clerk.name, 'enters it once more by mistake: refused', async () => {
    const problem = await client.refused(cast.clerk, '/invoices', 409, right);
    return [problem.code, undefined];
  });
  const matched = await report.step(cast.clerk.name, 'matches it with order and receipts', async () => {
    const done = await client.post(cast.clerk, `/invoices/${invoice.id}/match`);
    expect(done.status, 'matched');
    return [done.status, done];
  });
  report.table(checkRows(await client.get(cast.clerk, `/invoices/${invoice.id}/match`)));
  await attachDocument(scene, invoice);
  return report.step(cast.apManager.name, 'approves the invoice', async () => {
    const approved = await client.post(cast.apManager, `/invoices/${invoice.id}/approve`, {}, matched.version);
    expect(approved.status, 'approved');
    return [`${approved.status}, payable ${approved.payable_amount} ${approved.currency}`, approved];
  });
}

async function attachDocument({ client, report, cast }: Scene, invoice: Loose): Promise<void> {
  const content = '%PDF-1.4\n% the invoice as the vendor sent it\n';
  const sha256 = createHash('sha256').update(content).digest('hex');
  await report.step(cast.clerk.name, "attaches the vendor's PDF", async () => {
    const document = await client.post(cast.clerk, '/documents', {
      entity: 'invoice',
      entity_id: invoice.id,
      filename: 'invoice.pdf',
      content_type: 'application/pdf',
      size: content.length,
      sha256,
    });
    const { url, method, headers } = document.upload;
    const uploaded = await client.raw(method, url, headers, content);
    expect(String(uploaded.status), '200');
    const stored = await client.post(cast.clerk, `/documents/${document.id}/complete`);
    expect(stored.status, 'stored');
    return [`${stored.id} ${stored.status}, SHA-256 checked`, undefined];
  });
}

const checkRows = (match: Loose): readonly (readonly string[])[] => [
  ['line', 'check', 'invoiced', 'ordered', 'received', 'difference', 'tolerance', 'verdict'],
  ...[...match.lines.map((line: Loose) => [String(line.line_number), line.checks]), ['', match.totals]].flatMap(
    ([number, checks]: Loose) =>
      checks.map((check: Loose) => [
        number,
        check.kind,
        ...['invoiced', 'ordered', 'received', 'difference', 'tolerance'].map((name) => short(check[name])),
        check.verdict,
      ]),
  ),
];

function short(value: unknown): string {
  if (value === null || value === undefined) return '';
  const text = String(value);
  return text.length > 16 ? `...${text.slice(-8)}` : text;
}

async function pay(scene: Scene, invoice: Loose, debtor: Loose): Promise<{ payment: Loose; batch: Loose }> {
  const { client, report, cast } = scene;
  report.heading('Payment and bank file');
  const made = await report.step(cast.treasurer.name, 'makes a payment of the invoice', async () => {
    const payment = await client.post(cast.treasurer, '/payments', { invoice_id: invoice.id });
    return [`${payment.payment_amount} ${payment.currency}, discount ${payment.discount_taken}`, payment];
  });
  await report.step(cast.treasurer.name, 'may not approve it', async () => {
    const problem = await client.refused(cast.treasurer, `/payments/${made.id}/approve`, 403, {}, made.version);
    return [problem.code, undefined];
  });
  const payment = await report.step(cast.secondTreasurer.name, 'approves the payment', async () => {
    const approved = await client.post(cast.secondTreasurer, `/payments/${made.id}/approve`, {}, made.version);
    return [approved.status, approved];
  });
  const draft = await report.step(cast.treasurer.name, 'puts it into a payment run', async () => {
    const batch = await client.post(cast.treasurer, '/payment-batches', {
      debtor_account_id: debtor.id,
      execution_date: nextBankingDay(today()),
      payment_ids: [payment.id],
    });
    return [`${batch.id} ${batch.status}, ${batch.count} payment, ${batch.control_sum} ${batch.currency}`, batch];
  });
  const path = `/payment-batches/${draft.id}`;
  const waiting = await report.step(cast.treasurer.name, 'submits the run', async () => {
    const batch = await client.post(cast.treasurer, `${path}/submit`);
    return [batch.status, batch];
  });
  await report.step(cast.secondTreasurer.name, 'approves the run', async () => {
    const batch = await client.post(cast.secondTreasurer, `${path}/approve`, {}, waiting.version);
    return [batch.status, batch];
  });
  const generated = await report.step(cast.treasurer.name, 'generates the bank file', async () => {
    const batch = await client.post(cast.treasurer, `${path}/generate`);
    expect(batch.status, 'generated');
    return [`${batch.message_id} ${batch.status}`, batch];
  });
  await showFiles(scene, generated);
  await report.step(cast.treasurer.name, 'gives the file to the bank', async () => {
    const batch = await client.post(cast.treasurer, `${path}/send`, { channel: 'bank portal' });
    expect(batch.status, 'sent');
    return [batch.status, batch];
  });
  return { payment, batch: generated };
}

async function showFiles({ client, server, report, cast }: Scene, batch: Loose): Promise<void> {
  for (const file of batch.files)
    report.lines(
      `${file.format}: ${server.storageFolder === undefined ? file.key : join(server.storageFolder, 'p2p-automation-payments', file.key)} (${file.size} bytes, SHA-256 ${file.sha256.slice(0, 16)}...)`,
    );
  const xml = batch.files.find(({ format }: Loose) => format === 'xml');
  const key = xml?.key;
  const text =
    server.storageFolder === undefined
      ? await client.get(cast.treasurer, `/exports/${batch.id}/xml`)
      : readFileSync(join(server.storageFolder, 'p2p-automation-payments', key), 'utf8');
  report.lines(String(text).replaceAll('><', '>\n<').split('\n').slice(0, 12).join('\n'));
}

async function settle({ client, server, report, cast, run }: Scene, invoice: Loose, payment: Loose): Promise<void> {
  report.heading('Settlement');
  const { webhookSecret } = server;
  if (webhookSecret !== undefined)
    await report.step('Workday', 'reports the payment accepted', async () => {
      const body = JSON.stringify({ payment_id: payment.id, status: 'accepted' });
      const seconds = Math.floor(Date.now() / 1000);
      const signature = createHmac('sha256', webhookSecret).update(`${seconds}.${body}`).digest('hex');
      const headers = { 'content-type': 'application/json', 'x-signature': `t=${seconds},v1=${signature}` };
      const reply = await client.raw('POST', '/workday/callback', headers, body);
      expect(String(reply.status), '200');
      return ['signature checked', undefined];
    });
  await report.step(cast.secondTreasurer.name, 'records that the bank booked it', async () => {
    const settled = await client.post(cast.secondTreasurer, `/payments/${payment.id}/settle`, {
      booked_on: today(),
      bank_reference: `STMT-${run}/1`,
    });
    expect(settled.status, 'settled');
    return [settled.status, undefined];
  });
  await report.step(cast.clerk.name, 'sees the invoice paid', async () => {
    const paid = await client.get(cast.clerk, `/invoices/${invoice.id}`);
    expect(paid.status, 'paid');
    return [`${paid.status}, open ${paid.open_amount} ${paid.currency}`, undefined];
  });
}

async function prove({ client, report, cast }: Scene, entities: Readonly<Record<string, Loose>>): Promise<void> {
  report.heading('Proof');
  for (const [entity, { id }] of Object.entries(entities))
    await report.step(cast.auditor.name, `verifies the trail of the ${entity.replaceAll('_', ' ')}`, async () => {
      const proof = await client.get(cast.auditor, `/audit/verify?entity=${entity}&entity_id=${id}`);
      expect(String(proof.valid), 'true');
      return [`${proof.events} events, head ${proof.head_hash.slice(0, 16)}...`, undefined];
    });
}

const today = (): string => new Date().toISOString().slice(0, 10);

function expect(found: string, wanted: string): void {
  if (found !== wanted) throw new Error(`expected ${wanted}, found ${found}`);
}
