/** Every body has a bound in its own schema, and the largest of them is well within what the server reads of any. From the OpenAPI document. */
import { readFileSync } from 'node:fs';
import t from 'tap';
import { requireBoundedBody, requireBoundedText } from '../../src/plugins/body-shape.ts';
import type { Loose } from '../support/api.ts';

const document = JSON.parse(readFileSync('openapi/openapi.json', 'utf8')) as Loose;
const resolve = (schema: Loose): Loose =>
  schema?.$ref === undefined ? schema : document.components.schemas[schema.$ref.split('/').at(-1)];
const bodies = Object.entries<Loose>(document.paths).flatMap(([path, methods]) =>
  Object.entries<Loose>(methods).flatMap(([method, { requestBody }]): [string, Loose][] => {
    const schema = requestBody?.content?.['application/json']?.schema;
    return schema === undefined ? [] : [[`${method.toUpperCase()} ${path}`, schema]];
  }),
);

/** The largest value of a schema, and what in it has no bound. */
function largest(given: Loose, pointer: string, unbounded: string[]): unknown {
  const schema = resolve(given);
  const [first] = ((schema.anyOf ?? [schema]) as Loose[]).map(resolve).filter(({ type }: Loose) => type !== 'null');
  if (first.type === 'array') {
    if (first.maxItems === undefined) unbounded.push(`${pointer} has no maxItems`);
    const item = largest(first.items, `${pointer}/0`, unbounded);
    return Array.from({ length: first.maxItems ?? 0 }, () => item);
  }
  if (first.type === 'object') {
    if (first.additionalProperties !== false) unbounded.push(`${pointer} takes members that are not known`);
    const members = Object.entries<Loose>(first.properties ?? {});
    return Object.fromEntries(members.map(([name, each]) => [name, largest(each, `${pointer}/${name}`, unbounded)]));
  }
  if (first.type !== 'string' || first.const !== undefined || first.enum !== undefined) return 1;
  if (first.maxLength === undefined) unbounded.push(`${pointer} has no maxLength`);
  return 'x'.repeat(Math.min(first.maxLength ?? 0, 20));
}

t.test('every array, object and text of a body has a bound, and the largest body is read', async (t) => {
  t.ok(bodies.length > 60);
  for (const [title, schema] of bodies) {
    const unbounded: string[] = [];
    const body = largest(schema, '#', unbounded);
    t.same(unbounded, [], title);
    t.doesNotThrow(() => requireBoundedText(JSON.stringify(body)), title);
    t.doesNotThrow(() => requireBoundedBody(body), title);
  }
});

t.test('what is in quotes neither nests nor counts', async (t) => {
  t.doesNotThrow(() =>
    requireBoundedText(JSON.stringify({ a: `${'['.repeat(50)}"${'{'.repeat(50)}\\`, b: ','.repeat(50_000) })),
  );
  t.throws(() => requireBoundedText(`{"a":"\\\\",${'"b":['.repeat(1)}${'['.repeat(12)}`), {
    code: 'request.too-complex',
  });
});

t.test('what is too large is named where it stands', async (t) => {
  const many = Object.fromEntries(Array.from({ length: 101 }, (_, index) => [`k${index}`, 1]));
  t.throws(() => requireBoundedBody({ lines: [{}, many], 'a/b': 'x'.repeat(10_001) }), {
    errors: [
      { pointer: '#/lines/1', detail: /101 members/ },
      { pointer: '#/a~1b', detail: /10000 characters/ },
    ],
  });
});
