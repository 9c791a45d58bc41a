/** Somebody who sends one request twice in two spellings, so that it is carried out twice under one key. */
import t from 'tap';
import { testApi } from '../support/api.ts';
import { itemCounts } from '../support/item-counts.ts';
import { PRODUCTION, PRODUCTION_RULES } from '../support/production.ts';

const api = await testApi(t, PRODUCTION, PRODUCTION_RULES);
const manager = await api.as('vendor_manager');
const vendor = { name: 'Northwind', email: 'pay@example.com', payment_terms: 'NET 30', currency: 'EUR' };
const headers = { 'idempotency-key': 'one' };

t.test('a letter of the route written as a percent sign and digits is the same request', async (t) => {
  const first = await manager.post('/vendors', vendor, { headers });
  t.equal(first.status, 201, JSON.stringify(first.body));
  const before = await itemCounts(api);
  for (const path of ['/api/v1/%76endors', '/api/v1/v%65ndors', '/api/v1/vendors?', '/api/v1/vendors']) {
    const again = await manager.post(path, vendor, { headers });
    t.equal(again.body.id, first.body.id, path);
    t.equal(again.headers['idempotency-replayed'], 'true', path);
  }
  t.same(await itemCounts(api), before, 'nothing more is written');
});

t.test('a letter of an id, too; and another id is another request', async (t) => {
  const key = { headers: { 'idempotency-key': 'hold' }, version: 1 };
  const [one, two] = [await manager.post('/vendors', vendor), await manager.post('/vendors', vendor)];
  const patched = await manager.patch(`/vendors/${one.body.id}`, { name: 'Other' }, key);
  t.equal(patched.status, 200, JSON.stringify(patched.body));
  const spelled = `/api/v1/vendors/%76${String(one.body.id).slice(1)}`;
  const again = await manager.patch(spelled, { name: 'Other' }, key);
  t.same(
    [again.status, again.headers['idempotency-replayed'], again.body.version],
    [200, 'true', patched.body.version],
  );
  const another = await manager.patch(`/vendors/${two.body.id}`, { name: 'Other' }, key);
  t.same([another.status, another.headers['idempotency-replayed']], [200, undefined]);
});
