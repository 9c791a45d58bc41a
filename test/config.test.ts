import t from 'tap';
import { ConfigError, readConfig, withoutSdkAdvice } from '../src/config.ts';

const KEY = Buffer.alloc(32, 7).toString('base64');
const AWS = {
  P2P_STORE: 'aws',
  AWS_REGION: 'eu-west-1',
  P2P_JWT_SECRET: 'j'.repeat(32),
  P2P_WEBHOOK_SECRET: 'w'.repeat(32),
  P2P_ENCRYPTION_KEY: KEY,
};
const findings = (environment: NodeJS.ProcessEnv): readonly string[] => {
  try {
    readConfig(environment);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.findings;
    throw error;
  }
};

t.test('an empty environment is the embedded default on loopback', async (t) => {
  t.match(readConfig({ P2P_BUCKET_PAYMENTS: '' }), {
    store: 'local',
    production: false,
    host: '127.0.0.1',
    port: 3000,
    dataDir: '.p2p',
    tablePrefix: 'p2p_',
    rateLimits: { anonymous: 600, sign_in: 120, read: 600, command: 600, export: 60 },
    redisUrl: undefined,
    maxDelayMs: 1000,
    docs: true,
    corsOrigins: [],
    trustProxy: [],
    adminPassword: undefined,
    secondAdminEmail: undefined,
    mailFrom: undefined,
    mailDir: '.p2p/outbox',
    enrolmentPage: undefined,
    buckets: { payments: 'p2p-automation-payments' },
  });
});

t.test('the SDK gives no advice at a start, unless the environment wants it', async (t) => {
  const name = 'AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED';
  for (const [given, expected] of [
    [{}, 'true'],
    [{ [name]: 'false' }, 'false'],
  ] as const) {
    const environment: NodeJS.ProcessEnv = { ...given };
    withoutSdkAdvice(environment);
    t.equal(environment[name], expected);
  }
});

t.test('texts become numbers, flags and lists', async (t) => {
  const config = readConfig({
    PORT: '0',
    P2P_DOCS: 'off',
    CORS_ORIGINS: 'https://a.example, https://b.example,',
    TRUST_PROXY: '10.0.0.0/8',
    P2P_RATE_LIMIT: '5',
    SOMETHING_ELSE: 'ignored',
  });
  t.match(config, { port: 0, docs: false, rateLimits: { read: 5, command: 5, export: 1 }, trustProxy: ['10.0.0.0/8'] });
  t.same(config.corsOrigins, ['https://a.example', 'https://b.example']);
});

t.test('everything that is wrong is told at once, and no value is repeated', async (t) => {
  const secret = 'short-secret';
  const wrong = {
    PORT: 'http',
    P2P_STORE: 'cloud',
    P2P_JWT_SECRET: secret,
    P2P_ENCRYPTION_KEY: secret,
    LOG_LEVEL: 'loud',
  };
  const told = findings(wrong);
  for (const name of Object.keys(wrong))
    t.ok(
      told.some((finding) => finding.startsWith(name)),
      name,
    );
  t.notMatch(told.join(), new RegExp(secret));
  t.throws(() => readConfig(wrong), { name: 'ConfigError', message: /The environment is not usable:\n {2}- / });
});

t.test('the embedded store is refused in production, and AWS without its secrets', async (t) => {
  t.match(findings({ NODE_ENV: 'production' }), [/refused with NODE_ENV=production: set P2P_STORE=aws/]);
  t.same(findings({ ...AWS, NODE_ENV: 'production', P2P_MAIL_FROM: 'p2p@example.com' }), []);
  t.equal(findings({ P2P_STORE: 'aws' }).length, 4);
  const { P2P_JWT_SECRET: _secret, ...withoutSecret } = AWS;
  t.match(findings(withoutSecret), [/P2P_JWT_SECRET or P2P_JWT_PRIVATE_KEY/]);
  t.same(findings({ ...withoutSecret, P2P_JWT_PRIVATE_KEY: 'pem' }), []);
  t.match(readConfig(AWS), { store: 'aws', region: 'eu-west-1', secrets: { encryptionKey: KEY } });
});

t.test('files go to a folder beside another DynamoDB alone, and never in production', async (t) => {
  const P2P_STORAGE_DIR = '/data';
  const beside = { ...AWS, P2P_STORAGE_DIR, AWS_ENDPOINT_URL_DYNAMODB: 'http://dynamodb:8000' };
  t.match(readConfig({ ...beside, P2P_STORAGE_PUBLIC_URL: 'http://127.0.0.1:3000/' }), {
    storageDir: '/data',
    storagePublicUrl: 'http://127.0.0.1:3000',
  });
  t.match(findings({ P2P_DOCUMENT_SCAN: 'guardduty' }), [/^P2P_DOCUMENT_SCAN=guardduty scans buckets of S3/]);
  t.match(readConfig({ P2P_DOCUMENT_SCAN: 'clamav' }), { clamavCommand: 'clamdscan --no-summary -', guardduty: false });
  t.match(readConfig({ ...AWS, P2P_DOCUMENT_SCAN: 'guardduty' }), { clamavCommand: undefined, guardduty: true });
  t.match(findings({ P2P_STORAGE_DIR }), [/^P2P_STORAGE_DIR goes with P2P_STORE=aws/]);
  t.match(findings({ ...AWS, P2P_STORAGE_DIR }), [/^P2P_STORAGE_DIR needs AWS_ENDPOINT_URL_DYNAMODB/]);
  t.match(findings({ ...beside, NODE_ENV: 'production', P2P_MAIL_FROM: 'p2p@example.com' }), [
    /^P2P_STORAGE_DIR .* refused with NODE_ENV=production/,
  ]);
  t.match(findings({ ...beside, AWS_ENDPOINT_URL_S3: 'http://s3:7070' }), [/exclude each other/]);
});

t.test(
  'in production nobody is given a password, the first two admins are two people, and letters are sent',
  async (t) => {
    const production = { ...AWS, NODE_ENV: 'production', P2P_MAIL_FROM: 'p2p@example.com' };
    t.match(findings({ ...production, P2P_ADMIN_PASSWORD: 'a sentence of length' }), [
      /^P2P_ADMIN_PASSWORD is refused/,
    ]);
    const arns = JSON.stringify({ P2P_ADMIN_PASSWORD: 'arn' });
    t.match(
      findings({ ...production, P2P_SECRET_ARNS: arns }),
      [/^P2P_ADMIN_PASSWORD is refused/],
      'nor by Secrets Manager',
    );
    t.match(findings({ ...production, P2P_MAIL_FROM: '' }), [/^P2P_MAIL_FROM must be set/]);
    t.match(findings({ ...production, P2P_MAIL_FROM: '', P2P_MAIL_DIR: '/mail' }), [/^P2P_MAIL_DIR .* refused/]);
    t.match(findings({ ...AWS, P2P_MAIL_FROM: 'p2p@example.com', P2P_MAIL_DIR: '/mail' }), [/exclude each other/]);
    const same = { P2P_ADMIN_EMAIL: 'First@example.com', P2P_SECOND_ADMIN_EMAIL: 'first@example.com ' };
    t.match(findings({ ...AWS, ...same }), [/^P2P_SECOND_ADMIN_EMAIL must be of another person/]);
    t.match(readConfig({}), { mailDir: '.p2p/outbox', mailFrom: undefined });
    t.match(readConfig(AWS), { mailDir: undefined });
  },
);

t.test('callers are sent to another address only where the server itself uses another', async (t) => {
  const P2P_STORAGE_PUBLIC_URL = 'http://127.0.0.1:7070';
  t.match(findings({ ...AWS, P2P_STORAGE_PUBLIC_URL }), [/^P2P_STORAGE_PUBLIC_URL needs AWS_ENDPOINT_URL_S3/]);
  t.same(findings({ ...AWS, P2P_STORAGE_PUBLIC_URL, AWS_ENDPOINT_URL_S3: 'http://s3:7070' }), []);
  t.match(findings({ P2P_STORAGE_PUBLIC_URL: 's3' }), [/^P2P_STORAGE_PUBLIC_URL/]);
  t.match(findings({ P2P_STORAGE_PUBLIC_URL: 'http://127.0.0.1/path' }), [/^P2P_STORAGE_PUBLIC_URL/]);
});

t.test('credentials in the environment choose nothing', async (t) => {
  t.equal(readConfig({ AWS_ACCESS_KEY_ID: 'x', AWS_SECRET_ACCESS_KEY: 'x', AWS_REGION: 'eu-west-1' }).store, 'local');
});
