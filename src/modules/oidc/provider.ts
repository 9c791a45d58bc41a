/** The identity provider: where people sign in, and what it then says of them. Its word is taken only with its signature. */
import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import {
  AuthorizationResponseError,
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  type ClientAuth,
  ClientError,
  ClientSecretBasic,
  ClientSecretPost,
  type Configuration,
  calculatePKCECodeChallenge,
  customFetch,
  discovery,
  None,
  ResponseBodyError,
} from 'openid-client';
import { boundedFetch, type Fetch, isLoopback } from './bounded-fetch.ts';
import { type KeptCopy, keptCopy } from './kept-copy.ts';
import type { OidcOptions } from './options.ts';
import { type RefusalReason, refused, unavailable } from './refusals.ts';

/** What a sign-in under way is bound to. */
export interface Binding {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}

export interface Provider {
  /** @throws DomainError 503 where the provider is out of reach and was never reached */
  authorizationUrl(binding: Binding): Promise<string>;
  /** @throws DomainError 401 for whatever is not the provider's answer to this sign-in, 503 */
  claims(answer: URLSearchParams, binding: Binding): Promise<JWTPayload>;
}

/** Signatures by a private key: with the others whoever knows what is public could sign. */
const ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];
const CLOCK_TOLERANCE_SECONDS = 30;
const TOKEN_AGE_SECONDS = 600;
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** @param now what the copies of metadata and keys age by */
export function createProvider(options: OidcOptions, now: () => number = Date.now): Provider {
  const { issuer, clientId, scopes, redirectUri } = options;
  const fetch = boundedFetch(issuer);
  const configuration = keptCopy({
    load: () => discovered(options, fetch),
    now,
    freshMs: 60 * MINUTE,
    keptMs: DAY,
    cooldownMs: 5000,
  });
  const keys = keptCopy({
    load: async () => createLocalJWKSet(await published((await configuration.get()).serverMetadata().jwks_uri, fetch)),
    now,
    freshMs: 10 * MINUTE,
    keptMs: DAY,
    cooldownMs: 30_000,
  });

  async function idToken(answer: URLSearchParams, { state, nonce, verifier }: Binding): Promise<string> {
    const url = new URL(redirectUri);
    url.search = answer.toString();
    const checks = { expectedState: state, expectedNonce: nonce, pkceCodeVerifier: verifier, idTokenExpected: true };
    const { id_token = '' } = await authorizationCodeGrant(await configuration.get(), url, checks);
    return id_token;
  }

  async function verified(token: string, { nonce }: Binding): Promise<JWTPayload> {
    const { payload } = await jwtVerify(token, keyOf(keys), {
      issuer: (await configuration.get()).serverMetadata().issuer,
      audience: clientId,
      algorithms: ALGORITHMS,
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
      maxTokenAge: TOKEN_AGE_SECONDS,
      requiredClaims: ['sub', 'iat', 'exp', 'nonce'],
    });
    const forOthersToo = Array.isArray(payload.aud) && payload.aud.length > 1;
    if ((forOthersToo || payload['azp'] !== undefined) && payload['azp'] !== clientId) throw refused('token', 'azp');
    if (payload['nonce'] !== nonce) throw refused('token', 'nonce');
    return payload;
  }

  return {
    authorizationUrl: (binding) =>
      answered(async () => {
        const code_challenge = await calculatePKCECodeChallenge(binding.verifier);
        const { state, nonce } = binding;
        const parameters = { redirect_uri: redirectUri, scope: scopes, state, nonce, code_challenge };
        const method = { code_challenge_method: 'S256', response_type: 'code' };
        return buildAuthorizationUrl(await configuration.get(), { ...parameters, ...method }).href;
      }),
    claims: (answer, binding) => answered(async () => verified(await idToken(answer, binding), binding)),
  };
}

async function discovered({ issuer, clientId, clientSecret }: OidcOptions, fetch: Fetch): Promise<Configuration> {
  const execute = isLoopback(new URL(issuer)) ? [allowInsecureRequests] : [];
  const authentication = clientSecret === undefined ? None() : bySecret(clientSecret);
  const found = await discovery(new URL(issuer), clientId, undefined, authentication, {
    [customFetch]: (url, { method, headers, body, signal }) =>
      fetch(url, { method, headers, body: body ?? null, ...(signal === undefined ? {} : { signal }) }),
    execute,
  });
  // The library lets one provider answer for issuers of any tenant.
  if (new URL(found.serverMetadata().issuer).href !== new URL(issuer).href)
    throw new Error('the provider has another issuer than the one that was configured');
  return found;
}

/** As the provider takes it; of two ways the one that puts the secret into no body. */
function bySecret(secret: string): ClientAuth {
  const [basic, post] = [ClientSecretBasic(secret), ClientSecretPost(secret)];
  return (server, ...rest) => {
    const taken = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
    return (taken.includes('client_secret_basic') ? basic : post)(server, ...rest);
  };
}

async function published(url: string | undefined, fetch: Fetch): Promise<JSONWebKeySet> {
  if (url === undefined) throw new Error('the provider names no keys');
  const response = await fetch(url, { headers: { accept: 'application/json' } });
  if (response.status !== 200) throw new Error(`the provider's keys: ${response.status}`);
  // `createLocalJWKSet` refuses what is none.
  return (await response.json()) as JSONWebKeySet;
}

/** A key that is not among those at hand may be a new one. */
const keyOf =
  (keys: KeptCopy<JWTVerifyGetKey>): JWTVerifyGetKey =>
  async (header, token) => {
    const known = await keys.get();
    try {
      return await known(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      return (await keys.renewed())(header, token);
    }
  };

/** What the library finds wrong in an answer; whatever else it throws means that there was none. */
const WRONG_ANSWERS: Readonly<Record<string, RefusalReason>> = {
  OAUTH_INVALID_RESPONSE: 'token',
  OAUTH_JWT_CLAIM_COMPARISON_FAILED: 'token',
  OAUTH_JWT_TIMESTAMP_CHECK_FAILED: 'token',
  OAUTH_UNSUPPORTED_OPERATION: 'token',
};

async function answered<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    throw refusalOf(error);
  }
}

function refusalOf(error: unknown): unknown {
  if (error instanceof AuthorizationResponseError) return refused('provider', error.error);
  if (error instanceof ResponseBodyError && error.error === 'invalid_grant') return refused('code', error.error);
  if (error instanceof errors.JOSEError) return refused('token', error.code);
  const reason = error instanceof ClientError ? WRONG_ANSWERS[error.code ?? ''] : undefined;
  if (reason !== undefined) return refused(reason, (error as ClientError).code ?? '');
  return unavailable(error);
}
