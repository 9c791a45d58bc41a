/** What is measured: reads, pages and commands over documents of 3, 50 and 1,000 lines. The floor replays the calls that the server made. */
import type { Child } from './child.ts';
import { type BenchRequest, send } from './drive.ts';

export interface Case {
  readonly name: string;
  readonly calls: string;
  readonly server: BenchRequest;
  readonly floor: BenchRequest;
  /** How many times as heavy as the lightest; heavier ones are sent less often. */
  readonly weight: number;
  /** Whether the ratio is held to the target, or only reported. */
  readonly held: boolean;
}

interface Recorded {
  readonly command: string;
  readonly input: object;
}

const SIZES = [3, 50, 1000];
/** Documents larger than this are reported, not held. */
const HELD_UP_TO = 50;

export async function prepareCases(server: Child, floor: Child): Promise<readonly Case[]> {
  const { buyer, order, orders, vendor } = await seed(server);
  const cases: Case[] = [];
  const add = async (name: string, request: BenchRequest, lines = 0): Promise<void> => {
    await server.ask({ ask: 'record' });
    await send(server.url, request);
    const calls = await server.ask<readonly Recorded[]>({ ask: 'recorded' });
    const route = `case-${cases.length}`;
    await floor.ask({ ask: 'route', name: route, calls });
    const { method, body } = request;
    const weight = (method === 'POST' ? 2 : 1) * (lines > HELD_UP_TO ? 10 : 1);
    const bare = { method, path: `/floor/${route}`, headers: {}, body, status: 200 };
    cases.push({ name, calls: counted(calls), server: request, floor: bare, weight, held: lines <= HELD_UP_TO });
  };
  for (const lines of SIZES)
    await add(`GET order, ${lines} lines`, buyer('GET', `/purchase-orders/${orders.get(lines)}`, 200), lines);
  await add('GET vendor', buyer('GET', `/vendors/${vendor}`, 200));
  await add('page of 20 orders by vendor', buyer('GET', `/purchase-orders?vendor_id=${vendor}`, 200));
  for (const lines of SIZES)
    await add(
      `POST order, ${lines} lines`,
      buyer('POST', '/purchase-orders', 201, JSON.stringify(order(lines))),
      lines,
    );
  return cases;
}

function counted(calls: readonly Recorded[]): string {
  const counts = new Map<string, number>();
  for (const { command } of calls) counts.set(command, (counts.get(command) ?? 0) + 1);
  return [...counts].map(([command, count]) => `${count} ${command.replace('Command', '')}`).join(', ');
}

interface Scene {
  readonly vendor: string;
  readonly orders: ReadonlyMap<number, string>;
  buyer(method: 'GET' | 'POST', path: string, status: number, body?: string): BenchRequest;
  order(lines: number): object;
}

/** A vendor, and orders of each size, made through the API itself. */
async function seed(server: Child): Promise<Scene> {
  const post = async (token: string, path: string, body: object, more: Partial<BenchRequest> = {}) => {
    const headers = { ...more.headers, ...(token === '' ? {} : { authorization: `Bearer ${token}` }) };
    const request = {
      method: 'POST',
      status: 201,
      ...more,
      path: `/api/v1${path}`,
      headers,
      body: JSON.stringify(body),
    } as const;
    return JSON.parse(await send(server.url, request));
  };
  const password = 'an administrator of benches';
  const admin = await post('', '/auth/token', { email: 'admin@example.com', password }, { status: 200 });
  const hire = async (name: string, role: string): Promise<string> => {
    const person = { email: `${name}@example.com`, name, roles: [role] };
    const { id } = await post(admin.access_token, '/users', person);
    return server.ask<string>({ ask: 'token', claims: { sub: id, roles: [role], epoch: 1 } });
  };
  const manager = await hire('manager', 'vendor_manager');
  const second = await hire('second', 'vendor_manager');
  const token = await hire('buyer', 'buyer');
  const facts = { name: 'Bench Paper', email: 'billing@vendor.example', payment_terms: 'NET 30', currency: 'EUR' };
  const vendor = await post(manager, '/vendors', facts);
  await post(second, `/vendors/${vendor.id}/approve`, {}, { headers: { 'if-match': '"1"' }, status: 200 });
  const order = (lines: number) => ({
    vendor_id: vendor.id,
    currency: 'EUR',
    line_items: Array.from({ length: lines }, (_, n) => ({
      description: `Copier paper, box ${n}`,
      sku: `PAP-${n}`,
      quantity: '100',
      unit: 'EA',
      unit_price: '2.50',
      tax_rate: '21',
    })),
  });
  const orders = new Map<number, string>();
  for (const lines of SIZES) orders.set(lines, (await post(token, '/purchase-orders', order(lines))).id);
  for (let n = 0; n < 20; n += 1) await post(token, '/purchase-orders', order(3));
  return {
    vendor: vendor.id,
    orders,
    order,
    buyer: (method, path, status, body) => ({
      method,
      path: `/api/v1${path}`,
      status,
      body,
      headers: { authorization: `Bearer ${token}` },
    }),
  };
}
