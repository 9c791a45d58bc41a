/** What a command does with the largest bodies it takes grows as they do: orders, amendments, receipts, returns, invoices, batches and their files' lines. */
import t from 'tap';
import { type Loose, type TestReply, testApi } from '../support/api.ts';
import { grows } from '../support/growth.ts';
import { invoiceBody } from '../support/invoices.ts';
import { activeVendor, LINE, sentOrder } from '../support/orders.ts';

const api = await testApi(t, { LOG_LEVEL: 'silent' });
const vendor = await activeVendor(api);
const SMALL = 250;
const sizes = [SMALL, SMALL * 4];
const lines = (size: number, more: object = {}): Loose[] => Array.from({ length: size }, () => ({ ...LINE, ...more }));
const orders = new Map<number, Loose>();
for (const size of sizes) orders.set(size, await sentOrder(api, vendor.id, { line_items: lines(size) }));
const orderOf = (size: number): Loose => orders.get(size);
const numbered = (size: number, more: object): Loose[] =>
  Array.from({ length: size }, (_, index) => ({ line_number: index + 1, quantity: '1', ...more }));

/** Four times the lines; each is tried dry, so that the next finds what this one found. */
async function grown(
  send: (size: number) => Promise<TestReply>,
  statuses: readonly number[],
): Promise<string | undefined> {
  return grows(async (size) => {
    const reply = await send(size);
    if (!statuses.includes(reply.status))
      throw new Error(`${size}: ${reply.status} ${JSON.stringify(reply.body).slice(0, 300)}`);
  }, SMALL);
}

const dry = '?dry_run=true';

t.test('an order, and an amendment of each of its lines', async (t) => {
  const buyer = await api.as('buyer');
  const order = (size: number) => ({ vendor_id: vendor.id, currency: 'EUR', line_items: lines(size) });
  t.equal(await grown((size) => buyer.post(`/purchase-orders${dry}`, order(size)), [201]), undefined);
  const amended = (size: number) => ({
    reason: 'More of each',
    line_items: numbered(size, { ...LINE, quantity: '120' }),
  });
  t.equal(
    await grown((size) => buyer.post(`/purchase-orders/${orderOf(size).id}/amend${dry}`, amended(size)), [200]),
    undefined,
  );
});

t.test('a receipt of each line, and one that names a single line each time', async (t) => {
  const receiver = await api.as('receiver');
  const receive = (size: number, line_items: Loose[]) =>
    receiver.post(`/purchase-orders/${orderOf(size).id}/receipts${dry}`, { line_items });
  t.equal(await grown((size) => receive(size, numbered(size, {})), [201]), undefined);
  const repeated = (size: number) => numbered(size, {}).map((line) => ({ ...line, line_number: 1 }));
  t.equal(await grown((size) => receive(size, repeated(size)), [422]), undefined);
  const unknown = (size: number) =>
    numbered(size, {}).map((line) => ({ ...line, line_number: line.line_number + 5000 }));
  t.equal(await grown((size) => receive(size, unknown(size)), [422]), undefined);
});

t.test(
  'an invoice of each line, one that names a single line each time, and one that adds up to nothing',
  async (t) => {
    const clerk = await api.as('ap_clerk');
    const billed = (size: number, line: (index: number) => number) =>
      invoiceBody(
        vendor.id,
        orderOf(size).id,
        Array.from({ length: size }, (_, index) => ({ quantity: '0.01', line: line(index) })),
      );
    const enter = (body: object) => clerk.post(`/invoices${dry}`, body);
    t.equal(await grown((size) => enter(billed(size, (index) => index + 1)), [201]), undefined);
    t.equal(await grown((size) => enter(billed(size, () => 1)), [201, 422]), undefined);
    t.equal(await grown((size) => enter({ ...billed(size, () => 1), total_amount: '1.00' }), [422]), undefined);
  },
);

t.test('a batch of as many payments as it takes, none of which exists', async (t) => {
  const treasurer = await api.as('treasurer');
  const ids = Array.from(
    { length: SMALL * 4 },
    (_, index) => `pay_0196f2b4-6f0a-7d11-9d0a-${String(index).padStart(12, '0')}`,
  );
  const batch = (size: number) => ({
    debtor_account_id: 'deb_0196f2b4-6f0a-7d11-9d0a-0c6f5c1b2a3d',
    execution_date: '2999-01-04',
    payment_ids: ids.slice(0, size),
  });
  t.equal(await grown((size) => treasurer.post(`/payment-batches${dry}`, batch(size)), [400, 404, 422]), undefined);
});
