/** A key is rotated, and a database from before there were seals gets them: in parts, while commands go on. */
import { randomBytes } from 'node:crypto';
import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import t from 'tap';
import { createDependencies, type Infrastructure } from '../../src/dependencies.ts';
import { reseal } from '../../src/jobs/reseal.ts';
import { verify } from '../../src/jobs/verification/verify.ts';
import { verifyAudit } from '../../src/jobs/verify-audit.ts';
import { createVault } from '../../src/shared/crypto.ts';
import { createDocumentClient } from '../../src/shared/dynamo/client.ts';
import { isSealed, SEAL } from '../../src/shared/dynamo/seals.ts';
import { TABLES, type TableName } from '../../src/shared/dynamo/tables.ts';
import { scanWire, type WireItem } from '../../src/shared/dynamo/wire.ts';
import { testApi } from '../support/api.ts';
import { jobOver } from '../support/jobs.ts';
import { journeyOver } from '../support/journey.ts';

t.setTimeout(300_000);
const api = await testApi(t);
await journeyOver(api);
const { email } = (await (await api.as('admin')).get('/auth/me')).body;
const manager = await api.as('vendor_manager');
const { names } = api.dynamo;
const next = randomBytes(32).toString('base64');
const before = api.config.secrets.encryptionKey ?? '';

/** Another process, with keys of its own. */
function process(changes: Partial<Infrastructure>) {
  const client = createDocumentClient(api.dynamo.config);
  t.teardown(() => client.destroy());
  const infrastructure = { ...api.infrastructure, client, ...changes };
  return { infrastructure, dependencies: createDependencies(infrastructure) };
}
const rotating = process({ vault: createVault(next, before) });
/** The key before opens what events hold, and nothing else. */
const rotated = process({ vault: createVault(next, `events:${before}`) });

async function each(
  take: (table: TableName, item: WireItem) => Promise<unknown>,
  tables: readonly TableName[] = TABLES.filter(isSealed),
): Promise<number> {
  let count = 0;
  for (const table of tables)
    for await (const item of scanWire(api.client, names[table])) {
      count += 1;
      await take(table, item);
    }
  return count;
}
const put = (table: TableName, Item: WireItem) =>
  api.dynamo.client.send(new PutItemCommand({ TableName: names[table], Item }));

t.test(
  'after a rotation everything is sealed anew, however often the job is stopped, and the key before may go',
  async (t) => {
    const all = await each(async () => undefined, [...TABLES.filter(isSealed), 'security_log']);
    const dry = await reseal(jobOver(rotating, { dryRun: true }).context);
    t.match(dry, { result: 'ok', facts: { sealed: all, current: 0 }, sentence: /would be/ });
    const stopping = new AbortController();
    let read = 0;
    const stopped = jobOver(rotating, {
      signal: Object.assign(stopping.signal, {
        throwIfAborted: () => {
          read += 1;
          if (read > all / 2) throw new Error('stopped');
        },
      }),
    });
    await t.rejects(reseal(stopped.context), { message: 'stopped' });
    const rest = await reseal(jobOver(rotating).context);
    t.equal(rest.result, 'ok');
    t.ok(Number(rest.facts['current']) > 0 && Number(rest.facts['sealed']) > 0, 'it goes on where it was');
    t.equal(Number(rest.facts['current']) + Number(rest.facts['sealed']), all);
    t.match(await reseal(jobOver(rotating).context), { facts: { sealed: 0, current: all } });
    t.match(await verify(jobOver(rotated).context), { result: 'ok' }, 'all opens with the key before for events alone');
    t.match(await verifyAudit(jobOver(rotated).context), { result: 'ok' }, 'the security log too');
    const without = jobOver(process({ vault: createVault(next) }));
    await verify(without.context);
    t.same(
      new Set(without.said.flatMap(({ kind }) => (kind === undefined ? [] : [kind]))),
      new Set(['trail']),
      'without it what events say of bank details cannot be compared',
    );
    t.match(await verify(jobOver(api).context), { result: 'findings' }, 'and nothing with it alone');
  },
);

t.test('what changed meanwhile is left, and told', async (t) => {
  const client = rotated.infrastructure.client;
  const racing = process({ vault: createVault(before, next) });
  const vendor = await first('vendors');
  racing.infrastructure.client.middlewareStack.add(
    (proceed, context) => async (args) => {
      const { TableName } = args.input as { TableName?: string };
      if (context['commandName'] === 'PutItemCommand' && TableName === names.vendors)
        await client.send(
          new PutItemCommand({ TableName, Item: { ...(await opened('vendors', vendor)), version: { N: '99' } } }),
        );
      return proceed(args);
    },
    { step: 'initialize', name: 'somebody else' },
  );
  const outcome = await reseal(jobOver(racing).context);
  t.match(outcome, { result: 'failed', facts: { changed: Number, broken: 0 } });
  t.ok(Number(outcome.facts['changed']) > 0);
  t.match(await reseal(jobOver(rotating).context), { result: 'ok' });
});

t.test(
  'a database from before there were seals is taken as it is while it is migrated, and then no more',
  async (t) => {
    await each(async (table, item) => {
      const { [SEAL]: _seal, ...bare } = await opened(table, item);
      await put(table, bare);
    });
    const strict = process({ vault: createVault(next) });
    await t.rejects(strict.dependencies.userRepository.findByEmail(email), { code: 'integrity.seal-broken' });
    await strict.dependencies.securityLog.drain();
    const logged = await each(async () => undefined, ['security_log']);
    t.match(await reseal(jobOver(strict).context), { result: 'findings', facts: { sealed: 0, current: logged } });
    const migrating = process({ vault: createVault(next, `events:${before}`), unsealedItems: 'accepted' });
    t.match(await migrating.dependencies.userRepository.findByEmail(email), { email });
    t.match(await verify(jobOver(migrating).context), { result: 'ok' });
    t.match(await reseal(jobOver(migrating).context), { result: 'ok', facts: { current: logged, broken: 0 } });
    const sealed = process({ vault: createVault(next, `events:${before}`) });
    t.match(await sealed.dependencies.userRepository.findByEmail(email), { email });
    t.match(await verify(jobOver(sealed).context), { result: 'ok' });
  },
);

t.test(
  'a request sent again across a rotation gets the reply it had, and another under its key does not',
  async (t) => {
    const [old, swapped] = [createVault(before, next), createVault(next, before)];
    for (const [name, first, then] of [
      ['forward', old, swapped],
      ['and back', swapped, old],
    ] as const) {
      const servers = await Promise.all([first, then].map((vault) => api.another(process({ vault }).infrastructure)));
      const create = async (app = servers[0], email = 'a@example.com') => {
        const headers = { authorization: `Bearer ${manager.token}`, 'idempotency-key': name };
        const payload = { name: `Sent ${name}`, email, currency: 'EUR', payment_terms: 'NET 30' };
        const reply = await app?.inject({ method: 'POST', url: '/api/v1/vendors', headers, payload });
        return { status: reply?.statusCode, body: reply?.json() };
      };
      const made = await create();
      t.equal(made.status, 201, JSON.stringify(made.body));
      t.same(await create(servers[1]), made, name);
      t.match(await create(servers[1], 'b@example.com'), { status: 422, body: { code: 'idempotency.key-reused' } });
    }
  },
);

async function first(table: TableName): Promise<WireItem> {
  for await (const item of scanWire(api.client, names[table])) return item;
  throw new Error(`nothing in ${table}`);
}

async function opened(table: TableName, item: WireItem): Promise<WireItem> {
  return rotating.dependencies.seals.reveal(table, item);
}
