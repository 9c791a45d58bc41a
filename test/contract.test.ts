/** docs/contract.md says which states and actions a resource has: the OpenAPI document must say the same. */
import { readFileSync } from 'node:fs';
import t from 'tap';
import { ROLES } from '../src/shared/permissions.ts';

// biome-ignore lint/suspicious/noExplicitAny: a document as it is on disk
type Loose = any;

const contract = readFileSync('docs/contract.md', 'utf8');
const openapi: Loose = JSON.parse(readFileSync('openapi/openapi.json', 'utf8'));

const rows = [...contract.matchAll(/^\| `(\/[^`]+)` +\| ([^|]+) \| ([^|]+) \|$/gm)].map(
  ([, resource = '', states = '', actions = '']) => ({ resource, states: listed(states), actions: listed(actions) }),
);

function listed(text: string): string[] {
  return text
    .split(',')
    .map((word) => word.trim())
    .sort();
}

const resolved = (schema: Loose): Loose =>
  schema?.$ref === undefined ? schema : openapi.components.schemas[schema.$ref.split('/').pop()];
const jsonOf = (body: Loose): Loose => resolved(body?.content?.['application/json']?.schema);
const entries = (): [string, Loose][] => Object.entries(openapi.paths);

t.test('each resource has the states and actions that the contract names', async (t) => {
  t.ok(rows.length >= 10, 'the table was read');
  for (const { resource, states, actions } of rows) {
    const own = new RegExp(`^/api/v1${resource.replace(/[{}]/g, '\\$&')}/\\{\\w+\\}(/[a-z-]+)?$`);
    const found = entries().filter(([path]) => own.test(path));
    const entity = found.find(([path]) => path.endsWith('}'))?.[1];
    const { status } = jsonOf(entity?.get?.responses?.[200]).properties;
    const known = status.enum ?? status.anyOf.flatMap((each: Loose) => each.enum);
    t.strictSame([...known].sort(), states, `${resource}: states`);
    const made = found
      .filter(([path, { post }]) => !path.endsWith('}') && post?.responses?.[200] !== undefined)
      .map(([path]) => path.slice(path.lastIndexOf('/') + 1));
    t.strictSame(made.sort(), actions, `${resource}: actions`);
  }
});

t.test('a reason is required where the contract says so', async (t) => {
  const [, sentence = ''] = /It is required by ([^.]+)\./.exec(contract) ?? [];
  for (const [path, { post }] of entries()) {
    if (!/\}\/[a-z-]+$/.test(path) || !jsonOf(post?.requestBody)?.required?.includes('reason')) continue;
    const action = path.slice(path.lastIndexOf('/') + 1);
    t.match(sentence, new RegExp(`\\b${action}\\b`), path);
  }
});

t.test('the contract names every role', async (t) => {
  const named = [...contract.matchAll(/^\| `([a-z_]+)` +\|/gm)].map(([, role]) => role);
  t.strictSame(named.sort(), [...ROLES].sort());
});
