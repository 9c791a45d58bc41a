/** The identity provider in the environment: its variables, and everything wrong with them. */
import { type Static, Type } from '@sinclair/typebox';
import { isLoopback } from './modules/oidc/bounded-fetch.ts';
import type { OidcOptions } from './modules/oidc/options.ts';
import { ROLES, type Role } from './shared/permissions.ts';

const text = (description: string, maxLength = 500) => Type.Optional(Type.String({ description, maxLength }));

export const OidcEnvironment = {
  P2P_OIDC_ISSUER: text('Issuer of the OpenID Connect provider that people may sign in with; none by default'),
  P2P_OIDC_CLIENT_ID: text('Client id that the provider gave this server'),
  P2P_OIDC_CLIENT_SECRET: text('Its client secret; without one PKCE alone protects the code'),
  P2P_OIDC_REDIRECT_URI: text(
    'Where the provider sends browsers back to: `/api/v1/auth/oidc/callback` of this server, or a page that passes its query on to it',
  ),
  P2P_OIDC_SCOPES: Type.String({
    description: 'Scopes that are asked for, separated by spaces',
    default: 'openid email',
    maxLength: 500,
  }),
  P2P_OIDC_NAME: Type.String({
    description: 'What people know the provider by',
    default: 'Single sign-on',
    minLength: 1,
    maxLength: 100,
  }),
  P2P_OIDC_ROLE_CLAIM: text('Claim of the ID token that gives roles; without one roles are given here alone'),
  P2P_OIDC_ROLES: text('JSON of value of that claim to a role or a list of roles', 20_000),
  P2P_OIDC_TRUST_GUARDED_ROLES: Type.Union([Type.Literal('off'), Type.Literal('on')], {
    description: '`on`: guarded roles that the claim gives take effect without a second admin',
    default: 'off',
  }),
  P2P_OIDC_SECOND_FACTOR: text(
    'Comma-separated values of `amr` or `acr` that guarded roles take one of; `any` where the provider asks everybody for a second factor; must be set where `P2P_SECOND_FACTOR` is `required`',
  ),
};
const Known = Type.Object(OidcEnvironment);
interface OidcValues extends Static<typeof Known> {
  readonly NODE_ENV: string;
  readonly P2P_SECOND_FACTOR?: 'required' | 'optional';
}

const REQUIRED = ['P2P_OIDC_ISSUER', 'P2P_OIDC_CLIENT_ID', 'P2P_OIDC_REDIRECT_URI'] as const;
const OPTIONAL = ['P2P_OIDC_ROLE_CLAIM', 'P2P_OIDC_ROLES', 'P2P_OIDC_SECOND_FACTOR', 'P2P_OIDC_CLIENT_SECRET'] as const;
const ANY_TENANT = /^https:\/\/login\.microsoftonline\.com\/(common|organizations|consumers)(\/|$)/;

/** A sentence for each thing that is wrong. */
export function oidcFindings(env: OidcValues): string[] {
  const given = [...REQUIRED, ...OPTIONAL].filter((name) => env[name] !== undefined);
  if (given.length === 0) return [];
  return [
    ...REQUIRED.filter((name) => env[name] === undefined).map((name) => `${name} must be set with ${given[0]}`),
    ...addressFindings(env),
    ...roleFindings(env),
    ...(env.P2P_OIDC_SCOPES.split(' ').includes('openid') ? [] : ['P2P_OIDC_SCOPES must contain openid']),
    ...(takesFactor(env) && factorsOf(env) === undefined
      ? ['P2P_OIDC_SECOND_FACTOR must be set where P2P_SECOND_FACTOR is required, as in production']
      : []),
  ];
}

function addressFindings(env: OidcValues): string[] {
  const findings = (['P2P_OIDC_ISSUER', 'P2P_OIDC_REDIRECT_URI'] as const).flatMap((name) =>
    env[name] === undefined || isAddress(env[name], env.NODE_ENV === 'production')
      ? []
      : [
          `${name} must be an https address without query and fragment; outside production http on this machine will do`,
        ],
  );
  if (ANY_TENANT.test(env.P2P_OIDC_ISSUER ?? ''))
    findings.push('P2P_OIDC_ISSUER must name one tenant: with this one people of every company could sign in');
  return findings;
}

function isAddress(value: string, production: boolean): boolean {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (url === undefined || url.search !== '' || url.hash !== '' || url.username !== '') return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url) && !production);
}

function roleFindings(env: OidcValues): string[] {
  const { P2P_OIDC_ROLE_CLAIM: claim, P2P_OIDC_ROLES: roles } = env;
  if (claim === undefined && roles === undefined) return [];
  if (roles === undefined) return ['P2P_OIDC_ROLES must be set with P2P_OIDC_ROLE_CLAIM'];
  const findings = claim === undefined ? ['P2P_OIDC_ROLE_CLAIM must be set with P2P_OIDC_ROLES'] : [];
  const mapped = mappingOf(roles);
  if (mapped === undefined) return [...findings, 'P2P_OIDC_ROLES must be a JSON object of value to role or roles'];
  if (mapped.length === 0) findings.push('P2P_OIDC_ROLES must name at least one value');
  const unknown = mapped.flatMap(([, each]) => each).filter((role) => !isRole(role));
  for (const role of new Set(unknown))
    findings.push(`P2P_OIDC_ROLES names the role ${role}; roles are ${ROLES.join(', ')}`);
  return findings;
}

function mappingOf(json: string): [string, readonly string[]][] | undefined {
  try {
    const found: unknown = JSON.parse(json);
    if (typeof found !== 'object' || found === null || Array.isArray(found)) return undefined;
    return Object.entries(found).map(([value, roles]) => [value, [roles].flat().map(String)]);
  } catch {
    return undefined;
  }
}

const isRole = (text: string): text is Role => ROLES.some((role) => role === text);

/** Whether guarded roles take a second factor; in production they do unless it is said otherwise. */
export const takesFactor = ({
  P2P_SECOND_FACTOR: rule,
  NODE_ENV: mode,
}: Pick<OidcValues, 'P2P_SECOND_FACTOR' | 'NODE_ENV'>): boolean =>
  (rule ?? (mode === 'production' ? 'required' : 'optional')) === 'required';

function factorsOf({ P2P_OIDC_SECOND_FACTOR: factors }: OidcValues): readonly string[] | undefined {
  const given = (factors ?? '').split(',').map((each) => each.trim());
  const values = given.filter((each) => each !== '');
  return values.length === 0 ? undefined : values;
}

/** @returns undefined where people sign in with passwords alone */
export function oidcOf(env: OidcValues): Omit<OidcOptions, 'clientSecret'> | undefined {
  const { P2P_OIDC_ISSUER: issuer, P2P_OIDC_CLIENT_ID: clientId, P2P_OIDC_REDIRECT_URI: redirectUri } = env;
  if (issuer === undefined || clientId === undefined || redirectUri === undefined) return undefined;
  const mapped = mappingOf(env.P2P_OIDC_ROLES ?? '{}') ?? [];
  return {
    issuer,
    clientId,
    redirectUri,
    scopes: env.P2P_OIDC_SCOPES,
    name: env.P2P_OIDC_NAME,
    roleClaim: env.P2P_OIDC_ROLE_CLAIM,
    roles: Object.fromEntries(mapped.map(([value, roles]) => [value, roles.filter(isRole)])),
    trustGuardedRoles: env.P2P_OIDC_TRUST_GUARDED_ROLES === 'on',
    secondFactor: factorsOf(env),
  };
}
