/** The only reader of the environment: a TypeBox schema of it, checked at start, every finding at once. */
import { join } from 'node:path';
import { type Static, Type } from '@sinclair/typebox';
import { Ajv } from 'ajv';
import type { OidcOptions } from './modules/oidc/options.ts';
import { OidcEnvironment, oidcFindings, oidcOf, takesFactor } from './oidc-config.ts';
import { PREVIOUS_KEYS } from './shared/crypto.ts';

const limit = (description: string) => Type.Optional(Type.Integer({ description, minimum: 1 }));
const text = (description: string, fallback?: string) =>
  Type.String({ description, ...(fallback === undefined ? {} : { default: fallback }) });

/** Every variable the server knows. Its descriptions are the README's table, which a test compares. */
export const Environment = Type.Object({
  NODE_ENV: text('`production` refuses the embedded store', 'development'),
  P2P_STORE: Type.Union([Type.Literal('local'), Type.Literal('aws')], {
    description: '`local` starts DynamoDB Local and a storage folder; `aws` uses AWS or the endpoints below',
    default: 'local',
  }),
  HOST: text('Address to listen on', '127.0.0.1'),
  PORT: Type.Integer({ description: 'Port to listen on', default: 3000, minimum: 0, maximum: 65535 }),
  P2P_DATA_DIR: text('Folder of the embedded store', '.p2p'),
  P2P_ADMIN_EMAIL: text("The first admin's e-mail", 'admin@example.com'),
  P2P_ADMIN_PASSWORD: Type.Optional(
    Type.String({
      minLength: 12,
      description: "The first admin's password; generated and printed once where absent, refused in production",
    }),
  ),
  P2P_SECOND_ADMIN_EMAIL: Type.Optional(
    Type.String({
      minLength: 3,
      maxLength: 254,
      description: 'In production: the second of the first two admins, each of whom gets a link by mail',
    }),
  ),
  P2P_MAIL_FROM: Type.Optional(
    Type.String({
      minLength: 3,
      maxLength: 320,
      description: 'Sender of letters, verified in Amazon SES; required in production',
    }),
  ),
  P2P_MAIL_DIR: Type.Optional(
    Type.String({
      description:
        'Folder that letters are written to in place of sending them; `outbox` in `P2P_DATA_DIR` with `local`',
    }),
  ),
  P2P_ENROLMENT_PAGE: Type.Optional(
    Type.String({
      pattern: '^https?://[^#]+$',
      description:
        'Page that the link of an invitation opens, the token after `#`; without it the letter has the token',
    }),
  ),
  P2P_SECOND_FACTOR: Type.Optional(
    Type.Union([Type.Literal('required'), Type.Literal('optional')], {
      description: 'Whether guarded roles take a second factor; `required` in production, else `optional`',
    }),
  ),
  ...OidcEnvironment,
  P2P_TABLE_PREFIX: text('Prefix of every table name', 'p2p_'),
  P2P_BUCKET_PAYMENTS: text('Bucket of payment files', 'p2p-automation-payments'),
  P2P_BUCKET_DOCUMENTS: text('Bucket of documents', 'p2p-automation-documents'),
  P2P_BUCKET_BACKUPS: text('Bucket of backups', 'p2p-automation-backups'),
  P2P_BUCKET_ANCHORS: Type.Optional(
    text('Bucket of audit anchors, also one of another account; without it they lie in the bucket of backups'),
  ),
  P2P_DOCUMENT_SCAN: Type.Union([Type.Literal('off'), Type.Literal('clamav'), Type.Literal('guardduty')], {
    description:
      'Malware scanner of documents: `clamav` is the command below, `guardduty` its Malware Protection for S3',
    default: 'off',
  }),
  P2P_CLAMAV_COMMAND: text('Command of ClamAV that reads a file from standard input', 'clamdscan --no-summary -'),
  P2P_JWT_SECRET: Type.Optional(
    Type.String({ minLength: 32, description: 'Signs access tokens (HS256), at least 32 characters' }),
  ),
  P2P_JWT_SECRET_PREVIOUS: Type.Optional(
    Type.String({ minLength: 32, description: 'Still accepted for verification during a rotation' }),
  ),
  P2P_JWT_PRIVATE_KEY: Type.Optional(
    Type.String({ description: 'PEM of an EC P-256 private key: signs access tokens (ES256) instead of the secret' }),
  ),
  P2P_JWT_PRIVATE_KEY_PREVIOUS: Type.Optional(
    Type.String({ description: 'PEM of the key before: still accepted for verification during a rotation' }),
  ),
  P2P_WEBHOOK_SECRET: Type.Optional(
    Type.String({ minLength: 32, description: 'HMAC secret of the Workday callback, at least 32 characters' }),
  ),
  P2P_ENCRYPTION_KEY: Type.Optional(
    Type.String({
      pattern: '^[A-Za-z0-9+/]{43}=$',
      description: '32 bytes in base64: encrypts bank details, seals stored items, signs cursors and local links',
    }),
  ),
  P2P_ENCRYPTION_KEY_PREVIOUS: Type.Optional(
    Type.String({
      pattern: PREVIOUS_KEYS,
      description: 'Other keys of a rotation, with commas: open and verify only; after `events:` they open only events',
    }),
  ),
  P2P_SEALS: Type.Union([Type.Literal('required'), Type.Literal('migrating')], {
    description:
      '`migrating` takes items without a seal, until `p2p reseal` has sealed those of a version before seals',
    default: 'required',
  }),
  P2P_SECRET_ARNS: Type.Optional(
    Type.String({
      description: 'JSON of variable to ARN: secrets read from Secrets Manager at the start, as Lambda needs it',
    }),
  ),
  P2P_RATE_LIMIT: Type.Integer({
    description: 'Reads per minute per principal, and requests without a sign-in per minute per address',
    default: 600,
    minimum: 1,
  }),
  P2P_RATE_LIMIT_COMMANDS: limit('Commands per minute per principal; as many as `P2P_RATE_LIMIT` where absent'),
  P2P_RATE_LIMIT_EXPORTS: limit('Downloads of bank files per minute per principal; a tenth where absent'),
  P2P_RATE_LIMIT_SIGN_IN: limit('Sign-ins and refreshes per minute per address; a fifth where absent'),
  REDIS_URL: Type.Optional(
    Type.String({
      pattern: '^rediss?://',
      description: 'Valkey or Redis in which all servers count requests together; without it each counts for itself',
    }),
  ),
  P2P_MAX_DELAY_MS: Type.Integer({
    description: 'Delay of the event loop from which the server refuses requests with 503; 0 refuses none',
    default: 1000,
    minimum: 0,
  }),
  P2P_DOCS: Type.Optional(
    Type.Union([Type.Literal('on'), Type.Literal('off')], {
      description: 'Swagger UI at /docs and the document at /openapi.json: `on`, in production `off`',
    }),
  ),
  CORS_ORIGINS: text('Comma-separated origins that browsers may call from; none by default', ''),
  TRUST_PROXY: text('Comma-separated CIDRs whose X-Forwarded-For is believed', ''),
  LOG_LEVEL: Type.Union(
    ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'].map((level) => Type.Literal(level)),
    { description: 'Level of the JSON log', default: 'info' },
  ),
  P2P_METRICS_NAMESPACE: text(
    'CloudWatch namespace of the metrics in the log; the server writes them with `aws`, or where this is set',
    'p2p',
  ),
  OTEL_EXPORTER_OTLP_ENDPOINT: Type.Optional(
    Type.String({
      pattern: '^https?://',
      description: 'Collector that traces go to (OTLP over HTTP); none by default',
    }),
  ),
  OTEL_TRACES_SAMPLER_ARG: Type.Number({
    minimum: 0,
    maximum: 1,
    default: 1,
    description: 'Share of the traces kept; what moves money is always kept',
  }),
  OTEL_SERVICE_NAME: text("The server's name in traces", 'p2p'),
  P2P_DRAIN_SECONDS: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: 50,
      description: 'How long a stopping server still serves what arrives: 5 with `aws`, else 0',
    }),
  ),
  AWS_REGION: Type.Optional(Type.String({ description: 'Region, with `aws`' })),
  P2P_WRITING_REGION: Type.Optional(
    Type.String({ description: 'The one Region whose servers write and pay, with `aws`; in any other they only read' }),
  ),
  AWS_ENDPOINT_URL_DYNAMODB: Type.Optional(Type.String({ description: 'Another DynamoDB endpoint, with `aws`' })),
  AWS_ENDPOINT_URL_S3: Type.Optional(Type.String({ description: 'Another S3 endpoint, with `aws`' })),
  P2P_STORAGE_DIR: Type.Optional(
    Type.String({
      description: 'A folder in place of the buckets, with another DynamoDB endpoint; refused in production',
    }),
  ),
  P2P_STORAGE_PUBLIC_URL: Type.Optional(
    Type.String({
      pattern: '^https?://[^/?#]+/?$',
      description: 'Where callers reach the other S3 endpoint, or the folder, if that is not where the server does',
    }),
  ),
});

type EnvironmentValues = Static<typeof Environment>;

/** What Secrets Manager may hold. */
const SECRET_VARIABLES = [
  'P2P_ADMIN_PASSWORD',
  'P2P_JWT_SECRET',
  'P2P_JWT_SECRET_PREVIOUS',
  'P2P_JWT_PRIVATE_KEY',
  'P2P_JWT_PRIVATE_KEY_PREVIOUS',
  'P2P_WEBHOOK_SECRET',
  'P2P_OIDC_CLIENT_SECRET',
  'P2P_ENCRYPTION_KEY',
  'P2P_ENCRYPTION_KEY_PREVIOUS',
] as const;
export type SecretVariable = (typeof SECRET_VARIABLES)[number];

export interface Secrets {
  readonly jwtSecret?: string | undefined;
  readonly jwtPreviousSecret?: string | undefined;
  readonly jwtPrivateKey?: string | undefined;
  readonly jwtPreviousPrivateKey?: string | undefined;
  readonly webhookSecret: string;
  readonly oidcClientSecret?: string | undefined;
  /** Base64 of 32 bytes. */
  readonly encryptionKey: string;
  readonly previousEncryptionKey?: string | undefined;
}

export interface Config {
  readonly store: 'local' | 'aws';
  readonly production: boolean;
  readonly host: string;
  readonly port: number;
  readonly dataDir: string;
  readonly adminEmail: string;
  readonly adminPassword: string | undefined;
  readonly secondAdminEmail: string | undefined;
  readonly mailFrom: string | undefined;
  readonly mailDir: string | undefined;
  readonly enrolmentPage: string | undefined;
  /** Guarded roles take a second factor. */
  readonly secondFactor: boolean;
  /** The identity provider that people may sign in with. */
  readonly oidc: OidcOptions | undefined;
  readonly tablePrefix: string;
  /** Where ClamAV scans documents. */
  readonly clamavCommand: string | undefined;
  /** Whether GuardDuty scans the bucket of documents. */
  readonly guardduty: boolean;
  readonly buckets: {
    readonly payments: string;
    readonly documents: string;
    readonly backups: string;
    readonly anchors?: string;
  };
  /** Per minute, by class of request. */
  readonly rateLimits: {
    readonly anonymous: number;
    readonly sign_in: number;
    readonly read: number;
    readonly command: number;
    readonly export: number;
  };
  readonly redisUrl: string | undefined;
  readonly maxDelayMs: number;
  readonly docs: boolean;
  readonly corsOrigins: readonly string[];
  readonly trustProxy: readonly string[];
  readonly logLevel: string;
  readonly metricsNamespace: string;
  /** Whether the server writes its metrics into the log: a terminal is no place for them. */
  readonly metrics: boolean;
  readonly traces: { readonly endpoint: string; readonly service: string; readonly share: number } | undefined;
  readonly drainSeconds: number;
  readonly writingRegion: string | undefined;
  readonly region: string | undefined;
  readonly dynamodbEndpoint: string | undefined;
  readonly s3Endpoint: string | undefined;
  readonly storageDir: string | undefined;
  /** Without a slash at the end. */
  readonly storagePublicUrl: string | undefined;
  /** `accepted` while items from before there were seals get theirs. */
  readonly unsealedItems: 'accepted' | undefined;
  /** Secrets that are still to be read; `withSecrets` takes their values. */
  readonly secretArns: Readonly<Partial<Record<SecretVariable, string>>>;
  /** Absent members are made and kept by the embedded store; with `aws` all must be given. */
  readonly secrets: { readonly [K in keyof Secrets]?: Secrets[K] | undefined };
}

export class ConfigError extends Error {
  readonly findings: readonly string[];
  constructor(findings: readonly string[]) {
    super(`The environment is not usable:\n${findings.map((finding) => `  - ${finding}`).join('\n')}`);
    this.name = 'ConfigError';
    this.findings = findings;
  }
}

/**
 * The SDK's own switch for its advice about Node: versions are exact, so that it concerns who raises them, not who starts the server. What
 * the environment says of it stays.
 */
export function withoutSdkAdvice(environment: NodeJS.ProcessEnv): void {
  environment['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';
}

/** @throws ConfigError with every finding; a value is never repeated in it, it may be a secret. */
export function readConfig(environment: NodeJS.ProcessEnv): Config {
  const values = pickKnown(environment);
  const namespaceGiven = values['P2P_METRICS_NAMESPACE'] !== undefined;
  const ajv = new Ajv({ allErrors: true, coerceTypes: true, useDefaults: true });
  const findings: string[] = [];
  if (!ajv.validate(Environment, values)) {
    for (const error of ajv.errors ?? []) findings.push(`${error.instancePath.slice(1)} ${error.message}`);
    throw new ConfigError([...new Set(findings)]);
  }
  const env = values as EnvironmentValues;
  const arns = secretArns(env.P2P_SECRET_ARNS, findings);
  findings.push(...crossFindings({ ...arns, ...env }), ...oidcFindings({ ...arns, ...env }));
  if (findings.length > 0) throw new ConfigError(findings);
  return { ...toConfig(env), metrics: env.P2P_STORE === 'aws' || namespaceGiven, secretArns: arns };
}

/** The configuration with secrets that were read since. @throws ConfigError with every finding, and no value */
export function withSecrets(config: Config, values: Readonly<Partial<Record<SecretVariable, string>>>): Config {
  const ajv = new Ajv({ allErrors: true });
  const { properties } = Environment;
  const findings = SECRET_VARIABLES.flatMap((name) =>
    values[name] === undefined || ajv.validate(properties[name], values[name])
      ? []
      : [`${name}, as Secrets Manager has it, ${ajv.errorsText(ajv.errors, { dataVar: 'it' }).replace(/^it /, '')}`],
  );
  if (findings.length > 0) throw new ConfigError(findings);
  const { secrets } = config;
  return {
    ...config,
    secretArns: {},
    adminPassword: values.P2P_ADMIN_PASSWORD ?? config.adminPassword,
    secrets: {
      jwtSecret: values.P2P_JWT_SECRET ?? secrets.jwtSecret,
      jwtPreviousSecret: values.P2P_JWT_SECRET_PREVIOUS ?? secrets.jwtPreviousSecret,
      jwtPrivateKey: values.P2P_JWT_PRIVATE_KEY ?? secrets.jwtPrivateKey,
      jwtPreviousPrivateKey: values.P2P_JWT_PRIVATE_KEY_PREVIOUS ?? secrets.jwtPreviousPrivateKey,
      webhookSecret: values.P2P_WEBHOOK_SECRET ?? secrets.webhookSecret,
      oidcClientSecret: values.P2P_OIDC_CLIENT_SECRET ?? secrets.oidcClientSecret,
      encryptionKey: values.P2P_ENCRYPTION_KEY ?? secrets.encryptionKey,
      previousEncryptionKey: values.P2P_ENCRYPTION_KEY_PREVIOUS ?? secrets.previousEncryptionKey,
    },
  };
}

function secretArns(text: string | undefined, findings: string[]): Config['secretArns'] {
  if (text === undefined) return {};
  const found = parsedObject(text);
  if (found === undefined) {
    findings.push('P2P_SECRET_ARNS must be a JSON object of variable to ARN');
    return {};
  }
  for (const [name, arn] of Object.entries(found)) {
    if (!SECRET_VARIABLES.some((known) => known === name))
      findings.push(`P2P_SECRET_ARNS names ${name}; secrets are ${SECRET_VARIABLES.join(', ')}`);
    if (typeof arn !== 'string' || arn === '') findings.push(`P2P_SECRET_ARNS gives no ARN for ${name}`);
  }
  return found;
}

function parsedObject(text: string): Record<string, string> | undefined {
  try {
    const found: unknown = JSON.parse(text);
    const isObject = typeof found === 'object' && found !== null && !Array.isArray(found);
    return isObject ? (found as Record<string, string>) : undefined;
  } catch {
    return undefined;
  }
}

/** An empty variable counts as absent, as shells and task definitions mean it. */
function pickKnown(environment: NodeJS.ProcessEnv): Record<string, unknown> {
  const known: Record<string, unknown> = {};
  for (const name of Object.keys(Environment.properties)) {
    const value = environment[name];
    if (value !== undefined && value !== '') known[name] = value;
  }
  return known;
}

function crossFindings(env: EnvironmentValues): string[] {
  const findings: string[] = [];
  if (env.P2P_DOCUMENT_SCAN === 'guardduty' && (env.P2P_STORE === 'local' || env.P2P_STORAGE_DIR !== undefined))
    findings.push('P2P_DOCUMENT_SCAN=guardduty scans buckets of S3: with files in a folder use clamav');
  if (env.P2P_STORE === 'local') {
    if (env.NODE_ENV === 'production')
      findings.push(
        'P2P_STORE=local keeps its data in a folder and is refused with NODE_ENV=production: set P2P_STORE=aws',
      );
    if (env.P2P_STORAGE_DIR !== undefined)
      findings.push('P2P_STORAGE_DIR goes with P2P_STORE=aws: the embedded store keeps its files in P2P_DATA_DIR');
    return findings;
  }
  if (env.P2P_JWT_SECRET === undefined && env.P2P_JWT_PRIVATE_KEY === undefined)
    findings.push('P2P_JWT_SECRET or P2P_JWT_PRIVATE_KEY must be set with P2P_STORE=aws');
  if (env.P2P_WEBHOOK_SECRET === undefined) findings.push('P2P_WEBHOOK_SECRET must be set with P2P_STORE=aws');
  if (env.P2P_ENCRYPTION_KEY === undefined) findings.push('P2P_ENCRYPTION_KEY must be set with P2P_STORE=aws');
  if (env.AWS_REGION === undefined) findings.push('AWS_REGION must be set with P2P_STORE=aws');
  return [...findings, ...storageFindings(env), ...peopleFindings(env)];
}

/** In production nobody knows another's password, the first included, and nobody holds the installation alone. */
function peopleFindings(env: EnvironmentValues): string[] {
  const { P2P_MAIL_FROM: from, P2P_MAIL_DIR: folder, P2P_SECOND_ADMIN_EMAIL: second } = env;
  const findings: string[] = [];
  if (from !== undefined && folder !== undefined)
    findings.push('P2P_MAIL_FROM and P2P_MAIL_DIR exclude each other: set one of them');
  if (second !== undefined && second.trim().toUpperCase() === env.P2P_ADMIN_EMAIL.trim().toUpperCase())
    findings.push('P2P_SECOND_ADMIN_EMAIL must be of another person than P2P_ADMIN_EMAIL');
  if (env.NODE_ENV !== 'production') return findings;
  if (env.P2P_ADMIN_PASSWORD !== undefined)
    findings.push(
      'P2P_ADMIN_PASSWORD is refused with NODE_ENV=production: set P2P_ADMIN_EMAIL and P2P_SECOND_ADMIN_EMAIL, each gets a link by mail',
    );
  if (folder !== undefined)
    findings.push('P2P_MAIL_DIR keeps letters in a folder and is refused with NODE_ENV=production: set P2P_MAIL_FROM');
  else if (from === undefined) findings.push('P2P_MAIL_FROM must be set with NODE_ENV=production');
  return findings;
}

/** Files in a folder beside tables in AWS would be lost with the task, and a second task would not see them. */
function storageFindings(env: EnvironmentValues): string[] {
  const { P2P_STORAGE_DIR: folder, P2P_STORAGE_PUBLIC_URL: publicUrl, AWS_ENDPOINT_URL_S3: s3 } = env;
  const findings: string[] = [];
  if (folder !== undefined) {
    if (env.NODE_ENV === 'production')
      findings.push('P2P_STORAGE_DIR keeps files in a folder and is refused with NODE_ENV=production: use buckets');
    if (env.AWS_ENDPOINT_URL_DYNAMODB === undefined)
      findings.push('P2P_STORAGE_DIR needs AWS_ENDPOINT_URL_DYNAMODB: beside tables in AWS files go to buckets');
    if (s3 !== undefined) findings.push('P2P_STORAGE_DIR and AWS_ENDPOINT_URL_S3 exclude each other: set one of them');
  } else if (publicUrl !== undefined && s3 === undefined)
    findings.push('P2P_STORAGE_PUBLIC_URL needs AWS_ENDPOINT_URL_S3 or P2P_STORAGE_DIR: callers reach AWS by itself');
  return findings;
}

const list = (value: string): string[] =>
  value
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');

function rateLimits(env: EnvironmentValues): Config['rateLimits'] {
  const reads = env.P2P_RATE_LIMIT;
  const share = (parts: number): number => Math.max(1, Math.floor(reads / parts));
  return {
    anonymous: reads,
    sign_in: env.P2P_RATE_LIMIT_SIGN_IN ?? share(5),
    read: reads,
    command: env.P2P_RATE_LIMIT_COMMANDS ?? reads,
    export: env.P2P_RATE_LIMIT_EXPORTS ?? share(10),
  };
}

function toConfig(env: EnvironmentValues): Omit<Config, 'secretArns' | 'metrics'> {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: collector, OTEL_SERVICE_NAME: service } = env;
  const { OTEL_TRACES_SAMPLER_ARG: share } = env;
  return {
    store: env.P2P_STORE,
    production: env.NODE_ENV === 'production',
    host: env.HOST,
    port: env.PORT,
    dataDir: env.P2P_DATA_DIR,
    adminEmail: env.P2P_ADMIN_EMAIL,
    adminPassword: env.P2P_ADMIN_PASSWORD,
    secondAdminEmail: env.P2P_SECOND_ADMIN_EMAIL,
    mailFrom: env.P2P_MAIL_FROM,
    mailDir: env.P2P_MAIL_DIR ?? (env.P2P_STORE === 'local' ? join(env.P2P_DATA_DIR, 'outbox') : undefined),
    enrolmentPage: env.P2P_ENROLMENT_PAGE,
    secondFactor: takesFactor(env),
    oidc: oidcOf(env),
    tablePrefix: env.P2P_TABLE_PREFIX,
    buckets: {
      payments: env.P2P_BUCKET_PAYMENTS,
      documents: env.P2P_BUCKET_DOCUMENTS,
      backups: env.P2P_BUCKET_BACKUPS,
      ...(env.P2P_BUCKET_ANCHORS === undefined ? {} : { anchors: env.P2P_BUCKET_ANCHORS }),
    },
    clamavCommand: env.P2P_DOCUMENT_SCAN === 'clamav' ? env.P2P_CLAMAV_COMMAND : undefined,
    guardduty: env.P2P_DOCUMENT_SCAN === 'guardduty',
    rateLimits: rateLimits(env),
    redisUrl: env.REDIS_URL,
    maxDelayMs: env.P2P_MAX_DELAY_MS,
    docs: (env.P2P_DOCS ?? (env.NODE_ENV === 'production' ? 'off' : 'on')) === 'on',
    corsOrigins: list(env.CORS_ORIGINS),
    trustProxy: list(env.TRUST_PROXY),
    logLevel: env.LOG_LEVEL,
    metricsNamespace: env.P2P_METRICS_NAMESPACE,
    traces: collector === undefined ? undefined : { endpoint: collector.replace(/\/$/, ''), service, share },
    drainSeconds: env.P2P_DRAIN_SECONDS ?? (env.P2P_STORE === 'aws' ? 5 : 0),
    writingRegion: env.P2P_STORE === 'aws' ? env.P2P_WRITING_REGION : undefined,
    region: env.AWS_REGION,
    unsealedItems: env.P2P_SEALS === 'migrating' ? 'accepted' : undefined,
    dynamodbEndpoint: env.AWS_ENDPOINT_URL_DYNAMODB,
    s3Endpoint: env.AWS_ENDPOINT_URL_S3,
    storageDir: env.P2P_STORAGE_DIR,
    storagePublicUrl: env.P2P_STORAGE_PUBLIC_URL?.replace(/\/$/, ''),
    secrets: {
      jwtSecret: env.P2P_JWT_SECRET,
      jwtPreviousSecret: env.P2P_JWT_SECRET_PREVIOUS,
      jwtPrivateKey: env.P2P_JWT_PRIVATE_KEY,
      jwtPreviousPrivateKey: env.P2P_JWT_PRIVATE_KEY_PREVIOUS,
      webhookSecret: env.P2P_WEBHOOK_SECRET,
      oidcClientSecret: env.P2P_OIDC_CLIENT_SECRET,
      encryptionKey: env.P2P_ENCRYPTION_KEY,
      previousEncryptionKey: env.P2P_ENCRYPTION_KEY_PREVIOUS,
    },
  };
}
