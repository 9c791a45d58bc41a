/** Vendors and orders in the state a test begins with, made over HTTP as people make them. */
import type { Loose, TestApi, TestReply } from './api.ts';

export const LINE = { description: 'Copy paper A4', quantity: '100', unit: 'EA', unit_price: '2.50', tax_rate: '21' };

const done = (reply: TestReply, status: number): Loose => {
  if (reply.status !== status) throw new Error(`${reply.status}: ${JSON.stringify(reply.body)}`);
  return reply.body;
};

export async function activeVendor(api: TestApi, body: object = {}): Promise<Loose> {
  const [manager, second] = [await api.as('vendor_manager'), await api.as('vendor_manager', 'second')];
  const vendor = {
    name: 'Northwind Paper BV',
    email: 'billing@northwind.example',
    payment_terms: 'NET 30',
    currency: 'EUR',
  };
  const { id } = done(await manager.post('/vendors', { ...vendor, ...body }), 201);
  return done(await second.post(`/vendors/${id}/approve`, {}, { version: 1 }), 200);
}

export async function draftOrder(api: TestApi, vendorId: string, body: object = {}): Promise<Loose> {
  const buyer = await api.as('buyer');
  return done(
    await buyer.post('/purchase-orders', { vendor_id: vendorId, currency: 'EUR', line_items: [LINE], ...body }),
    201,
  );
}

export async function approvedOrder(api: TestApi, vendorId: string, body: object = {}): Promise<Loose> {
  const [buyer, approver] = [await api.as('buyer'), await api.as('approver')];
  const { id } = await draftOrder(api, vendorId, body);
  const { version } = done(await buyer.post(`/purchase-orders/${id}/submit`), 200);
  return done(await approver.post(`/purchase-orders/${id}/approve`, {}, { version }), 200);
}

export async function sentOrder(api: TestApi, vendorId: string, body: object = {}): Promise<Loose> {
  const { id } = await approvedOrder(api, vendorId, body);
  return done(await (await api.as('buyer')).post(`/purchase-orders/${id}/send`), 200);
}
