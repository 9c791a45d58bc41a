import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cruise } from 'dependency-cruiser';
import t from 'tap';
import { describeApp } from '../scripts/describe-app.ts';
import { MODULES, RULES } from './support/architecture-rules.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

async function violations(baseDir: string): Promise<{ readonly files: number; readonly found: readonly string[] }> {
  const { output } = await cruise(
    ['src'],
    {
      baseDir,
      validate: true,
      ruleSet: { forbidden: [...RULES] },
      tsPreCompilationDeps: true,
      doNotFollow: { path: 'node_modules' },
    },
    { extensions: ['.ts'] },
  );
  if (typeof output === 'string') throw new Error(output);
  return {
    files: output.modules.filter(({ source }) => source.startsWith('src/')).length,
    found: output.summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} -> ${packageOf(to)}`),
  };
}

/** A package by its name, wherever it is installed. */
const packageOf = (path: string): string => path.replace(/^.*node_modules\/(@[^/]+\/[^/]+)\/.*$/, '$1');

const folder = (path: string): string[] => readdirSync(join(ROOT, path));

const sources = readdirSync(join(ROOT, 'src'), { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
  .map((entry) => join(entry.parentPath, entry.name));

t.test('the source keeps the rules of its layout', async (t) => {
  const { files, found } = await violations(ROOT);
  t.strictSame(found, [], 'no rule is broken');
  t.ok(files >= sources.filter((file) => !file.endsWith('.d.ts')).length, `${files} files were looked at`);
  t.strictSame(
    folder('src/modules').filter((module) => !MODULES.some((known) => known === module)),
    [],
    'every module has its place in the direction',
  );
});

t.test('each rule finds what it forbids', async (t) => {
  const line = (path: string) => `import { x } from '${path}';\nexport const y = x;\n`;
  const leaf = 'export const x = 1;\n';
  const root = t.testdir({
    src: {
      'app.ts': `${line('node:process')}import { x as z } from './modules/unheard-of/index.ts';\nexport const w = z;\n`,
      'cycle-a.ts': "import { b } from './cycle-b.ts';\nexport const a = () => b;\n",
      'cycle-b.ts': "import { a } from './cycle-a.ts';\nexport const b = () => a;\n",
      'type-a.ts': "import type { B } from './type-b.ts';\nexport type A = B | 1;\n",
      'type-b.ts': "import type { A } from './type-a.ts';\nexport interface B { a: A }\n",
      'tracing.ts': line('@opentelemetry/api'),
      'server.ts': line('./tracing.ts'),
      plugins: { 'limit.ts': line('@aws-sdk/client-s3'), 'span.ts': line('@opentelemetry/api') },
      shared: { 'money.ts': line('../modules/vendors/index.ts') },
      modules: {
        'unheard-of': { 'index.ts': leaf },
        vendors: {
          'index.ts': line('./vendor.ts'),
          'vendor.ts': leaf,
          'vendor.repository.ts': line('@aws-sdk/lib-dynamodb'),
          'vendor.routes.ts': line('./vendor.repository.ts'),
          'vendor-states.ts': "import type { x } from './vendor.repository.ts';\nexport type Y = typeof x;\n",
          'vendor.service.ts': line('../payments/index.ts'),
        },
        payments: {
          'index.ts': leaf,
          'payment.service.ts': line('../vendors/vendor.ts'),
          domain: { 'discount.ts': line('@aws-sdk/lib-dynamodb') },
        },
        'payment-batches': {
          'runner.ts': line('./payment-batch.repository.ts'),
          'view.ts': "import type { x } from './payment-batch.repository.ts';\nexport type Y = typeof x;\n",
          'payment-batch.repository.ts': leaf,
        },
      },
    },
  });
  const { found } = await violations(root);
  t.strictSame([...found].sort(), [
    'aws-sdk-at-the-edge: src/modules/payments/domain/discount.ts -> @aws-sdk/lib-dynamodb',
    'aws-sdk-at-the-edge: src/plugins/limit.ts -> @aws-sdk/client-s3',
    'carriers-take-ports: src/modules/payment-batches/runner.ts -> src/modules/payment-batches/payment-batch.repository.ts',
    'domain-is-pure: src/modules/payments/domain/discount.ts -> @aws-sdk/lib-dynamodb',
    'domain-is-pure: src/modules/vendors/vendor-states.ts -> src/modules/vendors/vendor.repository.ts',
    'modules-are-known: src/app.ts -> src/modules/unheard-of/index.ts',
    'modules-meet-at-the-index: src/modules/payments/payment.service.ts -> src/modules/vendors/vendor.ts',
    'no-cycles: src/cycle-a.ts -> src/cycle-b.ts',
    'no-process-module: src/app.ts -> process',
    'opentelemetry-in-one-file: src/plugins/span.ts -> @opentelemetry/api',
    'routes-call-services: src/modules/vendors/vendor.routes.ts -> src/modules/vendors/vendor.repository.ts',
    'shared-is-leaf-code: src/shared/money.ts -> src/modules/vendors/index.ts',
    'tracing-is-loaded-on-demand: src/server.ts -> src/tracing.ts',
    'vendors-is-upstream: src/modules/vendors/vendor.service.ts -> src/modules/payments/index.ts',
  ]);
});

t.test("the environment is read by the entry points alone, for readConfig and the SDK's switch", async (t) => {
  const reads = sources.flatMap((file) =>
    readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => /\bprocess\s*\??\.?\s*(\.|\[['"])\s*env\b/.test(line))
      .map((line) => ({ file: relative(ROOT, file), line: line.trim() })),
  );
  t.ok(reads.length > 0, 'somebody reads it');
  for (const { file, line } of reads) {
    t.match(file, /^src\/(server|lambda|cli)\.ts$/, `${file}: ${line}`);
    t.match(line, /readConfig\(process\.env\)|^withoutSdkAdvice\(process\.env\);$/, `${file}: ${line}`);
  }
});

interface Operation {
  readonly operationId?: string;
  readonly summary?: string;
  readonly tags?: readonly string[];
  readonly parameters?: readonly { readonly name: string; readonly required?: boolean }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, Body>> };
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, unknown>> }>>;
}
interface Schema {
  readonly $ref?: string;
  readonly required?: readonly string[];
  readonly examples?: readonly unknown[];
}
interface Body {
  readonly schema: Schema;
  /** Where the schema is written in place, its example stands beside it. */
  readonly example?: unknown;
}
interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

t.test('every operation says what it is, what it replies and how it refuses', async (t) => {
  const { paths, components } = (await describeApp()) as Document;
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ name: `${method} ${path}`, path, method, operation })),
  );
  t.ok(operations.length > 100, `${operations.length} operations`);

  const ids = operations.map(({ operation }) => operation.operationId);
  t.strictSame(
    ids.filter((id, at) => id === undefined || ids.indexOf(id) !== at),
    [],
    'every operation has an id of its own',
  );
  const lacking = (has: (operation: Operation) => boolean, among = operations) =>
    among.filter(({ operation }) => !has(operation)).map(({ name }) => name);
  t.strictSame(
    lacking(({ summary = '' }) => summary !== ''),
    [],
    'a summary',
  );
  t.strictSame(
    lacking(({ tags = [] }) => tags.length > 0),
    [],
    'a tag',
  );
  // A document's content is not replied: the caller is sent on to a signed URL, and to an identity provider to sign in.
  t.strictSame(
    lacking(({ responses }) => Object.keys(responses).some((status) => status.startsWith('2'))),
    ['get /api/v1/auth/oidc/login', 'get /api/v1/documents/{id}/content'],
    'a reply of success',
  );
  t.strictSame(
    lacking(
      ({ responses }) => Object.values(responses).some(({ content = {} }) => 'application/problem+json' in content),
      operations.filter(({ path }) => path.startsWith('/api/')),
    ),
    [],
    'problems',
  );

  const takesIfMatch = ({ parameters = [] }: Operation) =>
    parameters.some(({ name, required }) => name === 'If-Match' && required === true);
  t.strictSame(
    lacking((operation) => takesIfMatch(operation) === '428' in operation.responses),
    [],
    'If-Match is required where its absence is refused',
  );

  const resolved = (schema: Schema): Schema =>
    schema.$ref === undefined ? schema : (components.schemas[schema.$ref.split('/').at(-1) ?? ''] ?? {});
  const bodies = operations.flatMap(({ name, method, operation }) => {
    const body = operation.requestBody?.content['application/json'];
    if (body === undefined || !['post', 'patch'].includes(method)) return [];
    const { required = [], examples = [] } = resolved(body.schema);
    return [{ name, required, shown: examples.length > 0 || body.example !== undefined }];
  });
  t.ok(bodies.length > 50, `${bodies.length} bodies`);
  t.strictSame(
    bodies.filter(({ required, shown }) => required.length > 0 && !shown).map(({ name }) => name),
    [],
    'a body with required members shows one',
  );
});
