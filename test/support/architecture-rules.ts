/** The layout's rules, as dependency-cruiser reads them: what may not import what. */
import type { IRegularForbiddenRuleType } from 'dependency-cruiser';

/** From upstream to downstream: a module imports only those before it, and only their index.ts. */
export const MODULES = [
  'audit',
  'users',
  'api-keys',
  'auth',
  'oidc',
  'settings',
  'vendors',
  'purchase-orders',
  'receipts',
  'invoices',
  'payments',
  'payment-batches',
  'documents',
  'e-invoices',
  'exports',
  'bank-messages',
  'workday',
  'approvals',
] as const;

const ROLES = String.raw`\.(repository|service|routes)\.ts$`;
const WITH_ROLE = String.raw`(\.(repository|service|routes|schema)|/index)\.ts$`;
const AWS = '@(aws-sdk|smithy)/';

/** Files without a role that carry out a step for their service: they take repositories, services or storage as ports, so they name their types. */
export const CARRIERS: readonly string[] = [
  'approvals/(merged-streams|rehearsal|sources)',
  'audit/security-log',
  'bank-messages/(lookups|processing)',
  'oidc/provider',
  'payment-batches/(batch-files|booking|member-gate|members|payment-maker|runner|view)',
  'payments/parties',
  'users/first-admin',
];
const carriers = String.raw`^src/modules/(${CARRIERS.join('|')})\.ts$`;

const rule = (name: string, comment: string, parts: Omit<IRegularForbiddenRuleType, 'name' | 'comment' | 'severity'>) =>
  ({ name, comment, severity: 'error', ...parts }) as const;

export const RULES: readonly IRegularForbiddenRuleType[] = [
  rule(
    'no-cycles',
    'A type does not run, so files may name each other by type alone; nothing else may go in a circle.',
    {
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
  ),
  rule('shared-is-leaf-code', 'What everything stands on stands on nothing here.', {
    from: { path: '^src/shared/' },
    to: { path: '^src/', pathNot: '^src/shared/' },
  }),
  rule('routes-call-services', 'A route knows its schema, its permission and one service, never the store.', {
    from: { path: String.raw`\.routes\.ts$` },
    to: { path: String.raw`\.repository\.ts$` },
  }),
  rule(
    'domain-is-pure',
    'The domain decides on values: it names nothing that reads, writes or serves, not even by type.',
    {
      from: { path: ['^src/modules/[^/]+/(domain|formats)/', '^src/modules/'], pathNot: [WITH_ROLE, carriers] },
      to: { path: [ROLES, AWS, '^src/(plugins|local)/'] },
    },
  ),
  rule('carriers-take-ports', 'What carries out a step is given its repository; it never makes one.', {
    from: { path: carriers },
    to: { path: ROLES, dependencyTypesNot: ['type-only'] },
  }),
  rule('modules-meet-at-the-index', 'The files of a module are its own affair; others import its index.ts.', {
    from: { path: '^src/modules/([^/]+)/' },
    to: { path: '^src/modules/[^/]+/', pathNot: ['^src/modules/$1/', '^src/modules/[^/]+/index\\.ts$'] },
  }),
  rule('modules-are-known', 'A new module says here what it may import.', {
    from: {},
    to: { path: '^src/modules/', pathNot: `^src/modules/(${MODULES.join('|')})/` },
  }),
  ...MODULES.slice(0, -1).map((module, at) =>
    rule(`${module}-is-upstream`, `${module} knows nothing of the modules that build on it.`, {
      from: { path: `^src/modules/${module}/` },
      to: { path: `^src/modules/(${MODULES.slice(at + 1).join('|')})/` },
    }),
  ),
  rule('tracing-is-loaded-on-demand', 'Where no collector is named OpenTelemetry is not even loaded.', {
    from: { path: '^src/', pathNot: String.raw`^src/start-tracing\.ts$` },
    to: { path: String.raw`^src/tracing\.ts$`, dependencyTypesNot: ['type-only'] },
  }),
  rule('opentelemetry-in-one-file', 'Spans are made in one place; everything else knows a port.', {
    from: { path: '^src/', pathNot: String.raw`^src/tracing\.ts$` },
    to: { path: '@opentelemetry/' },
  }),
  rule(
    'aws-sdk-at-the-edge',
    'Clients live in shared/dynamo, shared/storage and shared/mail, commands in repositories and dependencies.ts, and secrets are read before there is anything else. Besides them the embedded store ' +
      '(local/) speaks to its own database, and the first admin is made before there is anyone to be a service for.',
    {
      from: {
        path: '^src/',
        pathNot: [
          '^src/shared/(dynamo|storage|mail)/',
          String.raw`\.repository\.ts$`,
          String.raw`^src/dependencies\.ts$`,
          String.raw`^src/secret-values\.ts$`,
          '^src/local/',
          String.raw`^src/modules/users/first-admin\.ts$`,
        ],
      },
      to: { path: AWS },
    },
  ),
  rule('no-process-module', 'The environment is read once, by the entry points, as the argument of readConfig.', {
    from: { path: '^src/' },
    to: { path: '^(node:)?process$' },
  }),
];
