/** What no consumer should send, at every door: each gets its problem, with all that is wrong; nothing is written, and the log keeps no secret. */
import { createHmac } from 'node:crypto';
import t, { type Test } from 'tap';
import { signatureOf } from '../../src/modules/workday/signature.ts';
import { newId } from '../../src/shared/ids.ts';
import { ROLES } from '../../src/shared/permissions.ts';
import { type TestReply, testApi } from '../support/api.ts';
import { invoiceBody } from '../support/invoices.ts';
import { itemCounts } from '../support/item-counts.ts';
import { leaves, type Operation, operationsOf } from '../support/operations.ts';
import { activeVendor, LINE, sentOrder } from '../support/orders.ts';

const WEBHOOK_SECRET = 'a webhook secret that only this file knows';
const api = await testApi(t, { P2P_WEBHOOK_SECRET: WEBHOOK_SECRET });
/** May do all that a role may, so that nothing is refused for want of a permission. */
const everyone = await api.as(
  ROLES.filter((role) => role !== 'integration'),
  'everyone',
);
const vendor = await activeVendor(api);
const order = await sentOrder(api, vendor.id);
await activeVendor(api, { name: 'Second Page BV' });
await api.as('auditor');

const operations = operationsOf(api.app.swagger());
const commands = operations.filter(({ method }) => method !== 'GET');
const withBody = commands.filter(({ body }) => body !== undefined);

function send({ method, url }: Operation, payload: string, headers: Record<string, string> = {}): Promise<TestReply> {
  const seconds = String(Math.floor(Date.now() / 1000));
  return api.raw(method, url, {
    headers: {
      authorization: `Bearer ${everyone.token}`,
      'content-type': 'application/json',
      'if-match': '"1"',
      'x-signature': `t=${seconds},v1=${signatureOf(WEBHOOK_SECRET, seconds, payload)}`,
      ...headers,
    },
    payload,
  });
}

const pointersOf = ({ body }: TestReply): Set<string> =>
  new Set((body.errors ?? []).map(({ pointer }: { pointer: string }) => pointer));

/** What every refusal has in common. */
function isProblem(t: Test, reply: TestReply, status: number, title: string): void {
  const told = `${title}: ${reply.status} ${JSON.stringify(reply.body).slice(0, 300)}`;
  t.equal(reply.status, status, told);
  t.match(reply.headers['content-type'], /^application\/problem\+json/, `${title} is a problem`);
  t.match(reply.body, {
    status,
    code: /^[a-z_]+\.[a-z-]+$/,
    detail: /\S/,
    request_id: /\S/,
    type: /^urn:p2p:problem:/,
  });
}

const logged = api.log.length;

/** A test in which nothing may be written but what the security log keeps of sign-ins. */
const harmless = (title: string, run: (t: Test) => Promise<void>) =>
  t.test(title, async (t) => {
    const before = await itemCounts(api);
    await run(t);
    t.same(await itemCounts(api), before, 'nothing is written');
  });

t.test('there are doors to try', async (t) => {
  t.ok(withBody.length > 60, `${withBody.length} commands with a body`);
  t.ok(operations.filter(({ isList }) => isList).length >= 9);
});

harmless('a body that is not JSON, or no object', async (t) => {
  const secret = 'Sesam-0ffne-dich!';
  for (const operation of withBody) {
    const title = `${operation.method} ${operation.path}`;
    for (const payload of [`{"password":"${secret}`, `${secret}`, `{"a":"${secret}",}`]) {
      const reply = await send(operation, payload);
      isProblem(t, reply, 400, title);
      t.equal(reply.body.code, 'request.invalid-json');
    }
    for (const payload of ['[]', '"text"', '42', 'null', 'true'])
      isProblem(t, await send(operation, payload), 400, title);
    isProblem(t, await send(operation, '{"__proto__":{"admin":true}}'), 400, title);
    for (const type of ['application/xml', 'text/plain', 'application/x-www-form-urlencoded'])
      isProblem(t, await send(operation, '{}', { 'content-type': type }), 415, `${title} as ${type}`);
  }
  t.notOk(
    api.log.slice(logged).some((line) => line.includes(secret)),
    'the log keeps nothing of such a body',
  );
});

harmless('a body of 10 MB', async (t) => {
  const payload = JSON.stringify({ notes: 'x'.repeat(10 * 1024 * 1024) });
  for (const operation of withBody) {
    const reply = await send(operation, payload);
    isProblem(t, reply, 413, `${operation.method} ${operation.path}`);
  }
});

harmless('members that are not known are all named', async (t) => {
  for (const operation of withBody) {
    const reply = await send(operation, '{"surprise":1,"status":"approved!","created_by":"me"}');
    const title = `${operation.method} ${operation.path}`;
    isProblem(t, reply, 400, title);
    const { properties } = operation.body;
    for (const name of ['surprise', 'created_by']) t.ok(pointersOf(reply).has(`#/${name}`), `${title} names ${name}`);
    if (properties?.status === undefined) t.ok(pointersOf(reply).has('#/status'), `${title}: a status is not set`);
  }
});

harmless('members that are required are all named', async (t) => {
  for (const operation of withBody) {
    const required: string[] = operation.body.required ?? [];
    if (required.length === 0) continue;
    const reply = await send(operation, '{}');
    const title = `${operation.method} ${operation.path}`;
    isProblem(t, reply, 400, title);
    for (const name of required) t.ok(pointersOf(reply).has(`#/${name}`), `${title} asks for ${name}`);
  }
});

harmless('wrong types are all named, and a number is no amount', async (t) => {
  for (const operation of withBody) {
    const { wrongBody: body } = operation;
    if (body === undefined) continue;
    const reply = await send(operation, JSON.stringify(body));
    const title = `${operation.method} ${operation.path}`;
    isProblem(t, reply, 400, title);
    const told = pointersOf(reply);
    for (const pointer of leaves(body)) t.ok(told.has(pointer), `${title} names ${pointer}`);
  }
});

harmless('amounts, prices and quantities that are not exact decimals', async (t) => {
  const values = [
    2.5,
    1e21,
    '1e3',
    '2,50',
    '1.2345678',
    '-1',
    '+1',
    ' 1',
    '0x10',
    'NaN',
    '',
    '1'.repeat(16),
    null,
    true,
  ];
  for (const value of values) {
    const line = { ...LINE, quantity: value, unit_price: value, tax_rate: value };
    const posted = await everyone.post('/purchase-orders', {
      vendor_id: vendor.id,
      currency: 'EUR',
      line_items: [line],
    });
    isProblem(t, posted, 400, `an order of ${JSON.stringify(value)}`);
    for (const name of ['quantity', 'unit_price', 'tax_rate'])
      t.ok(pointersOf(posted).has(`#/line_items/0/${name}`), `${JSON.stringify(value)} is no ${name}`);
    const receipt = await everyone.post(`/purchase-orders/${order.id}/receipts`, {
      line_items: [{ line_number: 1, quantity: value }],
    });
    isProblem(t, receipt, 400, `a receipt of ${JSON.stringify(value)}`);
    const invoice = await everyone.post('/invoices', {
      ...invoiceBody(vendor.id, order.id, [{ quantity: '1' }]),
      total_amount: value,
    });
    // A total may be negative in form; that this one is not what its lines say is a rule.
    isProblem(t, invoice, value === '-1' ? 422 : 400, `an invoice of ${JSON.stringify(value)}`);
    t.ok(pointersOf(invoice).has('#/total_amount'));
  }
});

harmless('1,001 lines', async (t) => {
  const lines = Array.from({ length: 1001 }, () => LINE);
  const replies = [
    await everyone.post('/purchase-orders', { vendor_id: vendor.id, currency: 'EUR', line_items: lines }),
    await everyone.post('/invoices', {
      ...invoiceBody(vendor.id, order.id, [{ quantity: '1' }]),
      line_items: lines.map((line) => ({ ...line, amount: '250.00' })),
    }),
    await everyone.post(`/purchase-orders/${order.id}/receipts`, {
      line_items: lines.map((_, index) => ({ line_number: index + 1, quantity: '1' })),
    }),
  ];
  for (const reply of replies) {
    isProblem(t, reply, 400, '1,001 lines');
    t.ok(pointersOf(reply).has('#/line_items'), JSON.stringify(reply.body.errors?.slice(0, 2)));
  }
});

harmless('ids that name nothing, ids of another kind, and no ids at all', async (t) => {
  for (const operation of operations.filter(({ path }) => path.includes('{'))) {
    const title = `${operation.method} ${operation.path}`;
    const bad = operation.path.replaceAll(/\{\w+\}/g, newId('event'));
    isProblem(t, await send({ ...operation, url: bad }, '{"reason":"x"}'), 404, `${title} with an id of another kind`);
    const none = operation.path.replaceAll(/\{\w+\}/g, encodeURIComponent('../../etc/passwd'));
    isProblem(t, await send({ ...operation, url: none }, '{"reason":"x"}'), 404, `${title} without an id`);
    if (operation.method === 'GET') isProblem(t, await everyone.get(operation.url), 404, `${title} of nothing`);
  }
  const named = [
    ['/purchase-orders', { vendor_id: newId('vendor'), currency: 'EUR', line_items: [LINE] }],
    ['/invoices', invoiceBody(newId('vendor'), undefined, [{ quantity: '1' }])],
    ['/payments', { invoice_id: newId('invoice') }],
    [
      '/payment-batches',
      { debtor_account_id: newId('debtor_account'), execution_date: '2999-01-04', payment_ids: [newId('payment')] },
    ],
    [`/vendors/${newId('vendor')}/bank-accounts`, { holder_name: 'X', iban: 'NL91ABNA0417164300' }],
    [`/purchase-orders/${newId('purchase_order')}/receipts`, { line_items: [{ line_number: 1, quantity: '1' }] }],
  ] as const;
  for (const [path, body] of named) {
    const reply = await everyone.post(path, body);
    t.ok([404, 422].includes(reply.status), `${path}: ${reply.status} ${JSON.stringify(reply.body)}`);
    isProblem(t, reply, reply.status, path);
  }
  const swapped = await everyone.post('/purchase-orders', { vendor_id: order.id, currency: 'EUR', line_items: [LINE] });
  isProblem(t, swapped, 400, 'an order as vendor');
  t.match(swapped.body.errors, [{ pointer: '#/vendor_id', detail: /ven_/ }]);
});

const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

harmless('tokens that are forged, altered, over, or of no algorithm', async (t) => {
  const [header = '', claims = '', signature = ''] = everyone.token.split('.');
  const head = JSON.parse(Buffer.from(header, 'base64url').toString());
  const content = JSON.parse(Buffer.from(claims, 'base64url').toString());
  const signed = (headers: object, body: object, secret: string): string => {
    const text = `${encoded(headers)}.${encoded(body)}`;
    return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
  };
  const secret = api.config.secrets.jwtSecret ?? '';
  const seconds = Math.floor(Date.now() / 1000);
  const tokens: Record<string, string> = {
    forged: signed(head, content, 'a secret of somebody else, long enough'),
    altered: `${header}.${encoded({ ...content, roles: ['admin'] })}.${signature}`,
    expired: signed(head, { ...content, iat: seconds - 600, exp: seconds - 1 }, secret),
    'alg none': `${encoded({ ...head, alg: 'none' })}.${claims}.`,
    'alg None with a signature': `${encoded({ ...head, alg: 'None' })}.${claims}.${signature}`,
    'of an unknown kid': signed({ ...head, kid: 'another' }, content, secret),
    'of another issuer': signed(head, { ...content, iss: 'https://elsewhere.example' }, secret),
    'without an expiry': signed(head, { ...content, exp: undefined }, secret),
    'of nobody': signed(head, { ...content, sub: newId('user') }, secret),
    'no token': 'abc',
    'two parts': `${header}.${claims}`,
    empty: '',
  };
  for (const [title, token] of Object.entries(tokens)) {
    const headers = { authorization: `Bearer ${token}` };
    const body = JSON.stringify({ name: 'X', email: 'x@example.com', payment_terms: 'EOM', currency: 'EUR' });
    const target = { method: 'POST', url: '/api/v1/vendors' } as Operation;
    isProblem(t, await send(target, body, headers), 401, `a command with a token that is ${title}`);
    if (title === 'of nobody') continue;
    const read = await api.raw('GET', '/api/v1/vendors', { headers });
    isProblem(t, read, 401, `a read with a token that is ${title}`);
    t.equal(read.headers['www-authenticate'], 'Bearer');
  }
  for (const operation of operations.filter(({ isPublic }) => !isPublic)) {
    const reply = await api.raw(operation.method, operation.url, {
      headers: { authorization: `Bearer ${tokens['forged']}` },
    });
    isProblem(t, reply, 401, `${operation.method} ${operation.path}`);
    isProblem(t, await api.raw(operation.method, operation.url), 401, `${operation.method} ${operation.path} without`);
  }
  isProblem(
    t,
    await api.raw('GET', '/api/v1/vendors', { headers: { 'x-api-key': 'key_x.y' } }),
    401,
    'an API key of nobody',
  );
  isProblem(t, await api.raw('GET', '/api/v1/vendors', { headers: { authorization: 'Basic YTpi' } }), 401, 'Basic');
  for (const token of [everyone.token, ...Object.values(tokens)].filter((text) => text.length > 10))
    t.notOk(
      api.log.some((line) => line.includes(token)),
      'no token in the log',
    );
});

harmless('cursors that are altered, of another list, or of another caller', async (t) => {
  const { next_cursor: cursor } = (await everyone.get('/vendors?limit=1')).body;
  t.type(cursor, 'string');
  t.equal((await everyone.get(`/vendors?limit=1&cursor=${cursor}`)).status, 200, 'as it was given it is taken');
  const [position = '', signature = ''] = cursor.split('.');
  const elsewhere = Buffer.from(position, 'base64url').toString().replace(/ven_./, 'ven_f');
  const altered = [
    'abc',
    `${position}.`,
    `.${signature}`,
    `${position}.${signature.slice(0, -2)}AA`,
    `${Buffer.from(elsewhere).toString('base64url')}.${signature}`,
    `${position}.${createHmac('sha256', 'another server').update(position).digest('base64url')}`,
    '%00',
    'x'.repeat(2001),
  ];
  for (const { path } of operations.filter(({ isList }) => isList)) {
    const list = path.replace('/api/v1', '');
    const others = list === '/vendors' ? altered : [...altered, cursor];
    for (const other of others)
      isProblem(t, await everyone.get(`${list}?cursor=${other}`), 400, `${list} with ${other.slice(0, 20)}`);
  }
  isProblem(t, await everyone.get(`/vendors?status=active&cursor=${cursor}`), 400, 'with another filter');
  const another = await api.as('auditor');
  isProblem(t, await another.get(`/vendors?limit=1&cursor=${cursor}`), 400, 'by another caller');
});

harmless('an Idempotency-Key that is none, wherever one is taken', async (t) => {
  const taking = commands.filter(({ headers }) => headers.includes('Idempotency-Key'));
  for (const operation of taking)
    for (const key of ['', 'x'.repeat(256)]) {
      const reply = await send(operation, '{}', { 'idempotency-key': key });
      isProblem(t, reply, 400, `${operation.method} ${operation.path}`);
      t.equal(reply.body.code, 'request.invalid-idempotency-key');
    }
  // A reply with a whole account number is kept nowhere.
  const kept = commands.filter(({ method, path }) => method !== 'DELETE' && !path.endsWith('/reveal'));
  const apart = kept.filter(({ headers }) => !headers.includes('Idempotency-Key'));
  t.same(
    new Set(apart.map(({ path }) => path.split('/')[3])),
    new Set(['auth', 'api-keys', 'bank-messages', 'documents', 'workday']),
    'every other create, change and action takes one',
  );
});

harmless('an address that is no URL', async (t) => {
  isProblem(t, await everyone.get('/vendors/%'), 400, 'a percent sign alone');
});

harmless('control characters in texts', async (t) => {
  const body = { name: 'X', email: 'x@example.com', payment_terms: 'EOM', currency: 'EUR' };
  for (const [title, text] of Object.entries({
    bidirectional: 'North\u202edniw',
    'only what is not seen': '\u200b\u2060',
    nul: 'Nor\u0000thwind',
    'line feed': 'Northwind\nPaper',
    escape: 'North\u001bwind',
    'C1 control': 'North\u0085wind',
    'line separator': 'North\u2028wind',
    'half a surrogate pair': 'North\ud800wind',
    blank: '   ',
    'too long': 'x'.repeat(141),
  })) {
    const reply = await everyone.post('/vendors', { ...body, name: text });
    isProblem(t, reply, 400, title);
    t.same([...pointersOf(reply)], ['#/name'], title);
  }
  const wrongLine = { ...LINE, description: 'a\u0007b', sku: 'c\u0000' };
  const reply = await everyone.post('/purchase-orders', {
    vendor_id: vendor.id,
    currency: 'EUR',
    line_items: [wrongLine],
  });
  t.same([...pointersOf(reply)].sort(), ['#/line_items/0/description', '#/line_items/0/sku']);
});

const REVERSED = 'created_from=2026-02-02&created_to=2026-02-01';

harmless('queries that no list knows', async (t) => {
  for (const { path } of operations.filter(({ isList }) => isList)) {
    const list = path.replace('/api/v1', '');
    for (const query of ['colour=red', 'limit=0', 'limit=101', 'limit=many', 'status=lost&status=found', REVERSED])
      isProblem(t, await everyone.get(`${list}?${query}`), 400, `${list}?${query}`);
  }
  isProblem(t, await everyone.get('/vendors?created_from=2026-02-30'), 400, 'a day that does not exist');
  isProblem(t, await everyone.post('/vendors?dry_run=maybe', {}), 400, 'a dry run that is neither');
});

harmless('the log says what a person needs', async (t) => {
  const reply = await everyone.post('/vendors', { name: 5, password: 'hunter2-hunter2' });
  const line = api.log
    .map((text) => JSON.parse(text))
    .find(({ request_id, msg }) => request_id === reply.body.request_id && msg === 'request refused');
  t.match(line, {
    status: 400,
    code: 'request.invalid',
    method: 'POST',
    path: '/api/v1/vendors',
    actor_id: everyone.id,
    cause: /email/,
  });
  t.ok(line.errors >= 5, 'how many things were wrong');
  const all = api.log.join('');
  for (const secret of ['hunter2', WEBHOOK_SECRET, 'NL91ABNA0417164300', everyone.token])
    t.notOk(all.includes(secret), 'and no secret');
});

t.test('names of any script are kept as they are', async (t) => {
  for (const name of [
    'Ångström & Søn ApS',
    '株式会社 山田',
    'مؤسسة النور',
    '🚀 Launch “Pad” <b>',
    "O'Brien; DROP TABLE vendors--",
  ]) {
    const made = await everyone.post('/vendors', {
      name,
      email: 'x@example.com',
      payment_terms: 'EOM',
      currency: 'EUR',
    });
    t.equal(made.status, 201, JSON.stringify(made.body));
    t.equal((await everyone.get(`/vendors/${made.body.id}`)).body.name, name);
  }
});

t.test('two currencies in one chain', async (t) => {
  const body = invoiceBody(vendor.id, order.id, [{ quantity: '1' }], { currency: 'USD' });
  const made = await everyone.post('/invoices', body);
  t.equal(made.status, 201, JSON.stringify(made.body));
  const matched = await everyone.post(`/invoices/${made.body.id}/match`);
  t.match(matched.body, { status: 'exception' }, JSON.stringify(matched.body));
  t.match(JSON.stringify(matched.body.match), /"kind":"currency"/);
  const { id, version } = matched.body;
  const approval = await (await api.as('ap_manager')).post(`/invoices/${id}/approve`, {}, { version });
  isProblem(t, approval, 422, 'approving it');
  isProblem(t, await everyone.post('/payments', { invoice_id: id }), 422, 'paying it');
});
