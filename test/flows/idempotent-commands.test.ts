/** Every command with an Idempotency-Key: carried out once and answered alike, in sequence, at once, and by another server. */
import t from 'tap';
import { caller, type Loose, type TestReply, testApi } from '../support/api.ts';
import { itemsIn } from '../support/item-counts.ts';
import { type Operation, operationsOf } from '../support/operations.ts';
import { recipesOf } from '../support/recipes/index.ts';
import { type Prepared, reason } from '../support/recipes/recipe.ts';

const api = await testApi(t, { LOG_LEVEL: 'silent' }, { secondAdmin: true });
/** As after a restart: nothing of it is in the memory of the first. */
const restarted = await api.another();
const operations = operationsOf(api.app.swagger() as Loose);
const commands = operations.filter(({ method }) => method !== 'GET');
const recipes = await recipesOf(api);
t.setTimeout(600_000);
const KEY = 'Idempotency-Key';
/** Their replies hold a secret or an account number, a signature is their sign-in, or the same file is the same message by itself. */
const WITHOUT_KEY = [
  'signIn',
  'enrol',
  'beginOidcEnrolment',
  'refreshToken',
  'signOut',
  'changePassword',
  'renewRecoveryCodes',
  'confirmSecondFactor',
  'beginSecondFactor',
  'createApiKey',
  'createDocument',
  'receiveWorkdayCallback',
  'receiveBankMessage',
  'revealBankAccount',
  'revealDebtorAccount',
  'revealPayment',
];

t.test('every command takes a key, but for those named here; and each of them has a recipe', async (t) => {
  const ids = (some: readonly Operation[]) => some.map(({ operationId }) => operationId).sort();
  const keyed = ids(commands.filter(({ headers }) => headers.includes(KEY)));
  t.strictSame(ids(commands.filter(({ headers }) => !headers.includes(KEY))), [...WITHOUT_KEY].sort());
  t.strictSame([...new Set(Object.keys(recipes).map((name) => name.split(':')[0]))].sort(), keyed);
});

type Change = Pick<Prepared, 'body' | 'version'>;

/** What is sent of a recipe, by which server, under which key. */
function sender({ method, path }: Operation, { by, ids = [], body = { reason }, version }: Prepared) {
  const rest = [...ids];
  const url = path.replaceAll(/\{\w+\}/g, () => rest.shift() ?? '');
  return async (server: typeof restarted, key: string, change: Change = {}, query = ''): Promise<TestReply> => {
    const who = caller(server, by.id, by.token);
    const seen = change.version ?? version;
    const options = { headers: { [KEY]: key }, ...(seen === undefined ? {} : { version: seen }) };
    if (method === 'DELETE') return who.delete(url + query, options);
    const sent = change.body ?? body;
    return method === 'PATCH' ? who.patch(url + query, sent, options) : who.post(url + query, sent, options);
  };
}

const told = ({ status, headers, body }: TestReply) => ({
  status,
  body,
  etag: headers['etag'],
  location: headers['location'],
});
const replayed = ({ headers }: TestReply) => headers['idempotency-replayed'] === 'true';
const events = () => itemsIn(api, 'audit_log');

for (const [name, recipe] of Object.entries(recipes)) {
  const operation = commands.find(({ operationId }) => operationId === name.split(':')[0]);
  if (operation === undefined) continue;
  t.test(`${name} under a key`, async (t) => {
    const prepared = await recipe();
    const send = sender(operation, prepared);
    const before = await events();
    if (operation.queries.includes('dry_run')) {
      const dry = await send(api.app, 'one', {}, '?dry_run=true');
      t.ok(dry.status < 300 && dry.headers['dry-run'] === 'true', `tried dry: ${dry.status}`);
    }
    const first = await send(api.app, 'one');
    t.ok(first.status < 300 && !replayed(first), `carried out: ${first.status} ${JSON.stringify(first.body)}`);
    const written = (await events()) - before;
    t.ok(written > 0, 'its events are written');
    for (const server of [api.app, restarted]) {
      const again = await send(server, 'one');
      t.ok(replayed(again), `replayed: ${again.status} ${JSON.stringify(again.body)}`);
      t.strictSame(told(again), told(first));
    }
    const { body = { reason }, version = 0 } = prepared;
    const other = operation.method === 'DELETE' ? { version: version + 1 } : { body: { ...body, reason: 'another' } };
    t.match(await send(api.app, 'one', other), { status: 422, body: { code: 'idempotency.key-reused' } });
    t.equal(await events(), before + written, 'nothing more is written');

    const sendNext = sender(operation, await recipe());
    const start = await events();
    const replies = await Promise.all(
      [api.app, restarted, api.app, restarted].map((server) => sendNext(server, 'all')),
    );
    const [carriedOut, ...more] = replies.filter((reply) => !replayed(reply));
    t.same(more.map(told), [], 'one of those at once is carried out');
    for (const reply of replies) t.strictSame(told(reply), carriedOut && told(carriedOut));
    t.equal((await events()) - start, written, 'once');
  });
}
