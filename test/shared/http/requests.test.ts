import { Type } from '@sinclair/typebox';
import Fastify from 'fastify';
import t from 'tap';
import type { Actor, Command, RenderedReply } from '../../../src/shared/command.ts';
import { DomainError } from '../../../src/shared/errors.ts';
import { actionRoute } from '../../../src/shared/http/action-route.ts';
import { carryOut, type ReplyShape, readCommand, sendEntity } from '../../../src/shared/http/carry-out.ts';
import { pageRequest } from '../../../src/shared/http/paging.ts';
import {
  ActionBody,
  CREATE_PROBLEMS,
  idParams,
  Line,
  OptionalLine,
  Problem,
  problems,
} from '../../../src/shared/http/schemas.ts';

const PERSON: Actor = { id: 'usr_1', roles: ['buyer'], permissions: new Set() };

interface Asked {
  readonly actor?: Actor | null;
  readonly ifMatch?: number;
  readonly idempotencyClaim?: { readonly id: string; readonly fingerprints: readonly [string, ...string[]] };
}

/** A server whose requests come from this person, as the plugins before the routes would have found it. */
function server({ actor = PERSON, ifMatch, idempotencyClaim }: Asked = {}) {
  const app = Fastify();
  t.teardown(() => app.close());
  app.addSchema(Problem);
  app.decorateRequest('actor', null);
  app.decorateRequest('ifMatch', undefined);
  app.decorateRequest('idempotencyClaim', null);
  app.addHook('onRequest', async (request) => {
    request.actor = actor;
    request.ifMatch = ifMatch;
    request.idempotencyClaim = idempotencyClaim ?? null;
  });
  app.setErrorHandler((error, _request, reply) =>
    error instanceof DomainError
      ? reply.code(400).send({ code: error.code, ...(error.errors.length > 0 ? { errors: error.errors } : {}) })
      : reply.send(error),
  );
  return app;
}

const Thing = Type.Object({ id: Type.Union([Type.String(), Type.Null()]), name: Type.Optional(Type.String()) });
interface Made {
  readonly id: string;
  readonly name: string;
  readonly secret: string;
  readonly version?: number;
}

/** Posts to a route of this shape, and tells the reply and the command that was run. */
async function posted(shape: ReplyShape<Made> | undefined, over: Partial<Made> = {}, asked: Asked = {}, query = '') {
  const app = server(asked);
  const seen: Command[] = [];
  app.post(
    '/things',
    {
      schema: {
        querystring: Type.Object({ dry_run: Type.Optional(Type.Boolean()) }),
        response: { 200: Thing, 201: Thing, 202: Thing },
      },
    },
    (request, reply) =>
      carryOut(
        request,
        reply,
        async (command) => {
          seen.push(command);
          return { id: command.ids.next('vendor'), name: 'A', secret: 's', version: 3, ...over };
        },
        shape,
      ),
  );
  const reply = await app.inject({ method: 'POST', url: `/things${query}` });
  const [command] = seen;
  return { reply, command };
}

t.test('what a command leaves is sent with its version, its place and the status it has', async (t) => {
  const location = ({ name }: Made) => `/things/${name}`;
  const CASES: readonly (readonly [string, ReplyShape<Made> | undefined, Partial<Made>, object])[] = [
    ['as it is', undefined, {}, { status: 200, etag: '"3"', location: undefined, name: 'A' }],
    ['created', { status: 201, location }, {}, { status: 201, etag: '"3"', location: '/api/v1/things/A', name: 'A' }],
    ['of no version', { status: 200 }, { version: undefined } as never, { etag: undefined, name: 'A' }],
    ['going on', { status: ({ name }) => (name === 'A' ? 202 : 200) }, {}, { status: 202, name: 'A' }],
    ['done', { status: ({ name }) => (name === 'A' ? 202 : 200) }, { name: 'B' }, { status: 200, name: 'B' }],
    ['in part', { status: 200, present: ({ id }) => ({ id, name: 'shown' }) }, {}, { name: 'shown' }],
  ];
  for (const [title, shape, over, expected] of CASES) {
    const { reply } = await posted(shape, over);
    const { name, secret } = reply.json();
    const { etag, location } = reply.headers;
    t.match({ status: reply.statusCode, etag, location, name }, expected, title);
    t.equal(secret, undefined, 'what the schema does not name stays inside');
    t.equal(reply.headers['content-type'], 'application/json; charset=utf-8');
  }
  const { reply } = await posted({ status: 204 });
  t.same([reply.statusCode, reply.body], [204, '']);
});

t.test('what leaves nothing is told with an empty reply', async (t) => {
  const app = server();
  app.delete('/things', (request, reply) => carryOut(request, reply, async () => undefined, { status: 204 }));
  const reply = await app.inject({ method: 'DELETE', url: '/things' });
  t.same([reply.statusCode, reply.body, reply.headers['etag']], [204, '', undefined]);
});

t.test('a dry run tells the reply it would give, with ids null and no place', async (t) => {
  const { reply, command } = await posted({ status: 201, location: () => '/things/x' }, {}, {}, '?dry_run=true');
  t.equal(command?.dryRun, true);
  t.match(reply.headers, { 'dry-run': 'true', etag: '"3"' });
  t.notHas(reply.headers, { location: String });
  t.same([reply.statusCode, reply.json()], [201, { id: null, name: 'A' }]);
});

t.test('a command knows who asks, what they saw and the key they sent', async (t) => {
  const idempotencyClaim = { id: 'key', fingerprints: ['f'] as const };
  const { command } = await posted(undefined, {}, { ifMatch: 7, idempotencyClaim });
  t.match(command, { actor: PERSON, ifMatch: 7, dryRun: false, idempotency: idempotencyClaim });
  const { command: plain } = await posted(undefined);
  t.match(plain, { ifMatch: undefined, idempotency: undefined });
  const { reply, command: none } = await posted(undefined, {}, { actor: null });
  t.equal(none, undefined, 'nothing runs for nobody');
  t.same(reply.json(), { code: 'auth.missing' });
});

t.test('the reply that is stored with a key is the one that is sent, rendered once', async (t) => {
  const app = server({ idempotencyClaim: { id: 'key', fingerprints: ['f'] } });
  const rendered: string[] = [];
  const stored: (RenderedReply | undefined)[] = [];
  app.post('/things', { schema: { response: { 200: Thing } } }, (request, reply) =>
    carryOut(
      request,
      reply,
      async (command) => {
        const result = { id: 'ven_1', version: 2 };
        stored.push(command.idempotency?.render(result));
        return result;
      },
      { status: 200, present: (result) => ({ ...result, name: `${rendered.push(result.id)}` }) },
    ),
  );
  const reply = await app.inject({ method: 'POST', url: '/things' });
  t.same(stored, [{ status: 200, headers: { etag: '"2"' }, body: reply.body }]);
  t.same(reply.json(), { id: 'ven_1', name: '1' });
});

t.test('a read has its version, and a command where it leaves a trace', async (t) => {
  const app = server();
  app.get('/things', async (request, reply) => {
    const { actor, dryRun, ifMatch } = readCommand(request);
    return sendEntity(reply, { version: 4 }, { actor: actor.id, dryRun, ifMatch });
  });
  const reply = await app.inject('/things');
  t.equal(reply.headers['etag'], '"4"');
  t.same(reply.json(), { actor: 'usr_1', dryRun: false });
});

t.test('a page’s cursor belongs to the key or else the person, the path and the filters in any order', async (t) => {
  const page = async (url: string, actor: Actor | null = PERSON) => {
    const app = server({ actor });
    app.get('/things', async (request) => pageRequest(request));
    return (await app.inject(url)).json();
  };
  t.same(await page('/things?limit=2&q=a&cursor=c&b=1'), {
    limit: '2',
    cursor: 'c',
    binding: { principal: 'usr_1', query: '/things {"b":"1","q":"a"}' },
  });
  t.same((await page('/things?b=1&q=a')).binding, (await page('/things?q=a&b=1')).binding);
  t.same((await page('/things', { ...PERSON, via: 'key_1' })).binding, { principal: 'key_1', query: '/things {}' });
  t.same(await page('/things', null), { code: 'auth.missing' });
});

t.test('a range of days that ends before it begins is refused, and one day is a range', async (t) => {
  const app = server();
  app.get('/things', async (request) => pageRequest(request).limit);
  const asked = async (query: string) => (await app.inject(`/things?limit=2&${query}`)).json();
  t.same(await asked('created_from=2026-03-02&created_to=2026-03-01&due_from=2026-02-01&due_to=2025-02-01'), {
    code: 'request.reversed-range',
    errors: [
      { pointer: '#/query/created_to', detail: 'is before created_from, 2026-03-02' },
      { pointer: '#/query/due_to', detail: 'is before due_from, 2026-02-01' },
    ],
  });
  for (const query of ['created_from=2026-03-01&created_to=2026-03-01', 'created_to=2026-03-01', 'due_from=2026-03-01'])
    t.equal(await asked(query), 2, query);
});

t.test('an action is a route of the one shape, and what is its own is said once', async (t) => {
  const app = server();
  const registered: Record<string, unknown> = {};
  app.addHook('onRoute', ({ path, config, schema }) => {
    const { headers, querystring, response } = schema as Record<string, object>;
    registered[path] = {
      config,
      required: (headers as { required?: string[] }).required,
      dryRun: querystring !== undefined,
      seen: Object.keys(response ?? {}).includes('428'),
    };
  });
  const shared = {
    operationId: 'x',
    summary: 'X',
    tags: ['things'],
    permission: 'vendor:hold',
    params: Type.Object({ id: Type.String() }),
    body: ActionBody,
    reply: Thing,
    run: async (_command: Command, { id }: { id: string }, { reason = 'none' }: { reason?: string }) => ({
      id,
      name: reason,
    }),
  } as const;
  actionRoute(app, { ...shared, path: '/things/:id/hold' });
  actionRoute(app, {
    ...shared,
    path: '/things/:id/approve',
    ifMatch: 'required',
    dryRun: false,
    present: (request) => (result) => ({ ...result, name: `${result.name} by ${request.actor?.id}` }),
  });
  const reply = async (url: string, body: object, headers = {}) =>
    (await app.inject({ method: 'POST', url, payload: body, headers })).json();
  t.match(await reply('/things/a/hold', { reason: 'late' }), { id: 'a', name: 'late' });
  t.match(await reply('/things/a/approve', {}, { 'if-match': '"1"' }), { id: 'a', name: 'none by usr_1' });
  const permission = 'vendor:hold';
  t.match(registered, {
    '/things/:id/hold': { config: { permission, ifMatch: 'optional' }, required: undefined, dryRun: true, seen: false },
    '/things/:id/approve': {
      config: { permission, ifMatch: 'required', dryRun: false },
      required: ['if-match'],
      dryRun: false,
      seen: true,
    },
  });
});

t.test('schemas say what they are given, and a line of text holds no control character', async (t) => {
  const matches = ({ pattern = '' }: { readonly pattern?: string }, text: string) =>
    new RegExp(pattern, 'u').test(text);
  const CASES: readonly (readonly [string, boolean, boolean])[] = [
    ['Café 7', true, true],
    ['', false, true],
    ['   ', false, true],
    ['a\nb', false, false],
    ['a\u0000', false, false],
    ['\uD800', false, false],
    ['\u202Egpj.exe', false, false],
    ['a\u2066b\u2069', false, false],
    ['\u200B\u2060 \uFEFF', false, true],
    ['שלום עולם', true, true],
    ['می\u200Cخواهم', true, true],
  ];
  for (const [text, filled, plain] of CASES)
    t.same([matches(Line(9), text), matches(OptionalLine(9), text)], [filled, plain], JSON.stringify(text));
  t.match(Line(9, 'A name'), { maxLength: 9, description: 'A name' });
  t.notHas(Line(9), { description: String });
  t.match(Object.keys(idParams({ id: 'vendor', account_id: 'bank_account' }).properties), ['id', 'account_id']);
  t.same(Object.keys(problems(404, 503)), ['404', '503']);
  t.match(problems(503)['503'], { description: /send it again/, content: { 'application/problem+json': Object } });
  t.ok(Object.keys(CREATE_PROBLEMS).includes('422'));
});
