/** What tests of invoices start from: what a receipt leaves on an order, and the body of an invoice for its lines. */
import { type Command, idSource } from '../../src/shared/command.ts';
import { add, amount, multiply } from '../../src/shared/money.ts';
import { permissionsOf } from '../../src/shared/permissions.ts';
import type { Caller, Loose, TestApi, TestReply } from './api.ts';
import { sentOrder } from './orders.ts';

export interface BilledLine {
  readonly quantity: string;
  /** The order's line; 1 where absent. */
  readonly line?: number;
  readonly unit_price?: string;
  readonly more?: object;
}

let numbers = 0;
export const invoiceNumber = (): string => {
  numbers += 1;
  return `INV-${100_000 + numbers}`;
};

/** Lines at the order's price and 21 percent tax, with totals that agree. */
export function invoiceBody(vendorId: string, poId: string | undefined, lines: readonly BilledLine[], more = {}) {
  const line_items = lines.map(({ quantity, line = 1, unit_price = '2.50', more: rest }) => ({
    ...(poId === undefined ? {} : { po_line_number: line }),
    description: 'Copy paper A4',
    quantity,
    unit_price,
    tax_rate: '21',
    amount: amount(multiply(quantity, unit_price), 'EUR'),
    ...rest,
  }));
  const subtotal = amount(add(...line_items.map((each) => each.amount)), 'EUR');
  const tax_amount = amount(multiply(subtotal, '0.21'), 'EUR');
  return {
    vendor_id: vendorId,
    ...(poId === undefined ? {} : { po_id: poId }),
    invoice_number: invoiceNumber(),
    invoice_date: '2026-07-01',
    currency: 'EUR',
    line_items,
    subtotal,
    tax_amount,
    total_amount: amount(add(subtotal, tax_amount), 'EUR'),
    ...more,
  };
}

export const commandOf = ({ id }: Pick<Caller, 'id'>): Command => ({
  actor: { id, roles: [], permissions: permissionsOf([]) },
  now: new Date(),
  request_id: 'test',
  dryRun: false,
  ids: idSource(),
});

/** So much of the order's first line was delivered. */
export async function receive(api: Pick<TestApi, 'as'>, poId: string, quantity: string): Promise<Loose> {
  const receiver = await api.as('receiver');
  const body = { line_items: [{ line_number: 1, quantity }] };
  const reply = await receiver.post(`/purchase-orders/${poId}/receipts`, body);
  if (reply.status !== 201) throw new Error(JSON.stringify(reply.body));
  return reply.body;
}

/** The steps of an invoice as its people take them; each must succeed. */
export async function invoicing(t: Tap, api: TestApi, vendorId: string) {
  const [clerk, manager] = [await api.as('ap_clerk'), await api.as('ap_manager')];
  const ok = (reply: TestReply, status = 200): Loose => {
    t.equal(reply.status, status, reply.status === status ? `${status}` : JSON.stringify(reply.body));
    return reply.body;
  };
  const enter = async (poId: string | undefined, lines: readonly BilledLine[], more: object = {}): Promise<Loose> =>
    ok(await clerk.post('/invoices', invoiceBody(vendorId, poId, lines, more)), 201);
  const act = (who: Caller, { id }: Loose, action: string, body: object = {}, version?: number) =>
    who.post(`/invoices/${id}/${action}`, body, version === undefined ? {} : { version });
  const matched = async (invoice: Loose): Promise<Loose> => ok(await act(clerk, invoice, 'match'));
  const approve = (who: Caller, invoice: Loose, body: object = {}) =>
    act(who, invoice, 'approve', body, invoice.version);
  /** An order that was sent, with so much of it received. */
  const orderWith = async (received: string, body: object = {}): Promise<Loose> => {
    const order = await sentOrder(api, vendorId, body);
    if (received !== '0') await receive(api, order.id, received);
    return order;
  };
  return {
    ok,
    enter,
    act,
    matched,
    approve,
    orderWith,
    read: async ({ id }: Loose): Promise<Loose> => ok(await clerk.get(`/invoices/${id}`)),
    lineOf: async (poId: string, line = 1): Promise<Loose> =>
      ok(await clerk.get(`/purchase-orders/${poId}`)).line_items[line - 1],
    approvedInvoice: async (quantity = '10', more: object = {}): Promise<Loose> => {
      const order = await orderWith('100');
      return ok(await approve(manager, await matched(await enter(order.id, [{ quantity }], more))));
    },
  };
}

interface Tap {
  equal(found: unknown, wanted: unknown, message: string): unknown;
}
