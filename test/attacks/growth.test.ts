/** Work never grows faster than its input: every route as the server describes it, with inputs that grow, and the processor time they take. */
import t from 'tap';
import { signatureOf } from '../../src/modules/workday/signature.ts';
import { ROLES } from '../../src/shared/permissions.ts';
import { type Loose, testApi } from '../support/api.ts';
import { GROWTHS, grows } from '../support/growth.ts';
import { type Operation, operationsOf } from '../support/operations.ts';

const WEBHOOK_SECRET = 'a webhook secret that only this file knows';
const api = await testApi(t, { P2P_WEBHOOK_SECRET: WEBHOOK_SECRET, LOG_LEVEL: 'silent' });
const roles = ROLES.filter((role) => role !== 'integration');
const everyone = await api.as(roles, 'everyone');
const document = api.app.swagger() as Loose;
const resolve = (schema: Loose): Loose =>
  schema?.$ref === undefined ? schema : document.components.schemas[schema.$ref.split('/').at(-1)];
const operations = operationsOf(document);
/** One operation for each body: what a body costs before it is taken depends on its schema alone. */
const withBody = [
  ...new Map(
    operations.filter(({ body }) => body !== undefined).map((operation) => [JSON.stringify(operation.body), operation]),
  ).values(),
];

const send = ({ method, url }: Operation, payload: string, headers: Record<string, string> = {}) => {
  const seconds = String(Math.floor(Date.now() / 1000));
  return api.raw(method, url, {
    headers: {
      authorization: `Bearer ${api.app.signAccessToken({ sub: everyone.id, roles, epoch: 1 })}`,
      'content-type': 'application/json',
      'if-match': '"1"',
      'idempotency-key': 'the same for each',
      'x-signature': `t=${seconds},v1=${signatureOf(WEBHOOK_SECRET, seconds, payload)}`,
      ...headers,
    },
    payload,
  });
};

for (const growth of GROWTHS)
  t.test(`every body: ${growth.name}`, async (t) => {
    for (const operation of withBody) {
      const bodies = new Map(
        [1, 4].map((times) => [growth.size * times, growth.body(operation.body, growth.size * times, resolve)]),
      );
      const statuses = new Set<number>();
      const found = await grows(
        async (size) => statuses.add((await send(operation, bodies.get(size) ?? '')).status),
        growth.size,
      );
      const title = `${operation.method} ${operation.path}`;
      t.equal(found, undefined, title);
      for (const status of statuses) t.ok([400, 404, 413, 422].includes(status), `${title}: ${status}`);
    }
  });

t.test('every list: as many parameters as an address holds, the same one many times, and long ones', async (t) => {
  const lists = operations.filter(({ isList }) => isList);
  t.ok(lists.length >= 9);
  const queries: readonly ((size: number) => string)[] = [
    (size) => Array.from({ length: size / 8 }, (_, index) => `k${index}=1`).join('&'),
    (size) => 'status=a&'.repeat(size / 9),
    (size) => `cursor=${'a.'.repeat(size / 2)}`,
    (size) => `status=${'%20'.repeat(size / 3)}`,
  ];
  for (const { url } of lists)
    for (const query of queries) {
      const ask = (size: number) => everyone.get(`${url}?${query(size)}`);
      t.equal(await grows(ask, 3_500), undefined, url);
    }
});
