/** What the OpenAPI document says of the replies is what is sent. */
import t from 'tap';
import { type Loose, testApi } from '../support/api.ts';

const api = await testApi(t);
const { paths } = api.app.swagger() as Loose;

t.test('every operation that takes a body declares the refusals of a body', async (t) => {
  for (const [path, operations] of Object.entries<Loose>(paths))
    for (const [method, { requestBody, responses }] of Object.entries<Loose>(operations))
      if (requestBody !== undefined)
        t.ok(responses['413'] !== undefined && responses['415'] !== undefined, `${method} ${path}`);
});

t.test('a body that is no JSON, or too large, is refused as the document says', async (t) => {
  const plain = await api.raw('POST', '/api/v1/auth/token', {
    headers: { 'content-type': 'text/plain' },
    payload: 'x',
  });
  t.equal(plain.status, 415);
  const payload = JSON.stringify({ email: 'a@example.com', password: 'x'.repeat(3_000_000) });
  const large = await api.raw('POST', '/api/v1/auth/token', {
    headers: { 'content-type': 'application/json' },
    payload,
  });
  t.equal(large.status, 413);
  const declared = paths['/api/v1/auth/token'].post.responses;
  t.match(declared['415'].content, {
    'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } },
  });
});

t.test('the file of a batch is declared as what its format is', async (t) => {
  const [path] = Object.keys(paths).filter((name) => /^\/api\/v1\/exports\/\{\w+\}\/\{\w+\}$/.test(name));
  const { content } = paths[path ?? ''].get.responses['200'];
  t.match(content, {
    'application/xml': { schema: { type: 'string' } },
    'application/json': { schema: { type: 'object' } },
  });
});
