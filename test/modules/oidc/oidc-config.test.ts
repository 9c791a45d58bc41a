import t from 'tap';
import { ConfigError, readConfig, withSecrets } from '../../../src/config.ts';

const PROVIDER = {
  P2P_OIDC_ISSUER: 'https://login.example.com/tenant',
  P2P_OIDC_CLIENT_ID: 'p2p',
  P2P_OIDC_REDIRECT_URI: 'https://p2p.example.com/api/v1/auth/oidc/callback',
};
const PRODUCTION = {
  NODE_ENV: 'production',
  P2P_STORE: 'aws',
  AWS_REGION: 'eu-west-1',
  P2P_MAIL_FROM: 'p2p@example.com',
  P2P_JWT_SECRET: 'j'.repeat(32),
  P2P_WEBHOOK_SECRET: 'w'.repeat(32),
  P2P_ENCRYPTION_KEY: Buffer.alloc(32, 7).toString('base64'),
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

t.test('without an issuer there is no identity provider', async (t) => {
  t.equal(readConfig({}).oidc, undefined);
  t.equal(readConfig({ P2P_OIDC_NAME: 'Directory', P2P_OIDC_SCOPES: 'openid' }).oidc, undefined);
});

t.test('a provider is read with what it does where nothing is said: roles are ours, none is trusted', async (t) => {
  t.strictSame(readConfig(PROVIDER).oidc, {
    issuer: 'https://login.example.com/tenant',
    clientId: 'p2p',
    redirectUri: 'https://p2p.example.com/api/v1/auth/oidc/callback',
    scopes: 'openid email',
    name: 'Single sign-on',
    roleClaim: undefined,
    roles: {},
    trustGuardedRoles: false,
    secondFactor: undefined,
  });
  const all = readConfig({
    ...PROVIDER,
    P2P_OIDC_CLIENT_SECRET: 'a secret',
    P2P_OIDC_ROLE_CLAIM: 'cognito:groups',
    P2P_OIDC_ROLES: '{"Buyers": "buyer", "Desk": ["ap_clerk", "receiver"]}',
    P2P_OIDC_TRUST_GUARDED_ROLES: 'on',
    P2P_OIDC_SECOND_FACTOR: 'mfa, hwk',
  });
  t.match(all, {
    oidc: {
      roleClaim: 'cognito:groups',
      roles: { Buyers: ['buyer'], Desk: ['ap_clerk', 'receiver'] },
      trustGuardedRoles: true,
      secondFactor: ['mfa', 'hwk'],
    },
    secrets: { oidcClientSecret: 'a secret' },
  });
  t.equal(withSecrets(all, { P2P_OIDC_CLIENT_SECRET: 'read later' }).secrets.oidcClientSecret, 'read later');
});

t.test('each thing that is wrong with a provider is a sentence', async (t) => {
  const cases: [NodeJS.ProcessEnv, RegExp[]][] = [
    [{ P2P_OIDC_ISSUER: PROVIDER.P2P_OIDC_ISSUER }, [/^P2P_OIDC_CLIENT_ID must be set/, /^P2P_OIDC_REDIRECT_URI must/]],
    [{ P2P_OIDC_CLIENT_SECRET: 'a' }, [/^P2P_OIDC_ISSUER/, /^P2P_OIDC_CLIENT_ID/, /^P2P_OIDC_REDIRECT_URI/]],
    [{ ...PROVIDER, P2P_OIDC_ISSUER: 'http://login.example.com' }, [/^P2P_OIDC_ISSUER must be an https address/]],
    [{ ...PROVIDER, P2P_OIDC_ISSUER: 'https://login.example.com?a=b' }, [/^P2P_OIDC_ISSUER must be an https address/]],
    [{ ...PROVIDER, P2P_OIDC_ISSUER: 'login' }, [/^P2P_OIDC_ISSUER must be an https address/]],
    [{ ...PROVIDER, P2P_OIDC_ISSUER: 'https://a@b.example' }, [/^P2P_OIDC_ISSUER must be an https address/]],
    [{ ...PROVIDER, P2P_OIDC_REDIRECT_URI: 'https://a.example/#b' }, [/^P2P_OIDC_REDIRECT_URI must be an https/]],
    [{ ...PROVIDER, P2P_OIDC_ISSUER: 'https://login.microsoftonline.com/common/v2.0' }, [/must name one tenant/]],
    [{ ...PROVIDER, P2P_OIDC_SCOPES: 'email' }, [/^P2P_OIDC_SCOPES must contain openid/]],
    [{ ...PROVIDER, P2P_OIDC_ROLE_CLAIM: 'groups' }, [/^P2P_OIDC_ROLES must be set/]],
    [{ ...PROVIDER, P2P_OIDC_ROLES: '{"a":"buyer"}' }, [/^P2P_OIDC_ROLE_CLAIM must be set/]],
    [{ ...PROVIDER, P2P_OIDC_ROLE_CLAIM: 'groups', P2P_OIDC_ROLES: '[]' }, [/^P2P_OIDC_ROLES must be a JSON object/]],
    [{ ...PROVIDER, P2P_OIDC_ROLE_CLAIM: 'groups', P2P_OIDC_ROLES: 'buyer' }, [/^P2P_OIDC_ROLES must be a JSON/]],
    [{ ...PROVIDER, P2P_OIDC_ROLE_CLAIM: 'groups', P2P_OIDC_ROLES: '{}' }, [/at least one value/]],
    [
      { ...PROVIDER, P2P_OIDC_ROLE_CLAIM: 'groups', P2P_OIDC_ROLES: '{"a":["boss","buyer"],"b":"boss","c":4}' },
      [/names the role boss; roles are vendor_manager/, /names the role 4/],
    ],
    [{ ...PROVIDER, ...PRODUCTION }, [/^P2P_OIDC_SECOND_FACTOR must be set where/]],
    [{ ...PROVIDER, P2P_SECOND_FACTOR: 'required' }, [/^P2P_OIDC_SECOND_FACTOR must be set where/]],
    [{ ...PROVIDER, ...PRODUCTION, P2P_SECOND_FACTOR: 'optional' }, []],
    [{ ...PROVIDER, ...PRODUCTION, P2P_OIDC_SECOND_FACTOR: ' , ' }, [/^P2P_OIDC_SECOND_FACTOR must be set/]],
    [
      { ...PROVIDER, ...PRODUCTION, P2P_OIDC_SECOND_FACTOR: 'mfa', P2P_OIDC_ISSUER: 'http://localhost:8080' },
      [/^P2P_OIDC_ISSUER must be an https address/],
    ],
    [{ ...PROVIDER, ...PRODUCTION, P2P_OIDC_SECOND_FACTOR: 'mfa' }, []],
    [{ ...PROVIDER, P2P_OIDC_ISSUER: 'http://localhost:8080/realms/p2p' }, []],
  ];
  for (const [environment, expected] of cases) {
    const found = findings(environment);
    t.equal(found.length, expected.length, `${JSON.stringify(environment)}: ${found.join('; ')}`);
    t.match(found, expected);
  }
  t.notMatch(findings({ P2P_OIDC_CLIENT_SECRET: 'a secret of ours' }).join(), 'a secret of ours');
});

t.test('the client secret may come from Secrets Manager', async (t) => {
  const arn = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:oidc';
  const config = readConfig({
    ...PROVIDER,
    ...PRODUCTION,
    P2P_OIDC_SECOND_FACTOR: 'any',
    P2P_SECRET_ARNS: JSON.stringify({ P2P_OIDC_CLIENT_SECRET: arn }),
  });
  t.equal(config.secretArns.P2P_OIDC_CLIENT_SECRET, arn);
  t.equal(config.secrets.oidcClientSecret, undefined);
});
