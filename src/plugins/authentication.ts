/**
 * Who asks: a bearer token of ours, or an API key. A command reads the person and the sign-in again, and so does a GET of who may see bank
 * details; any other GET trusts its token for its 5 minutes.
 */
import { createHash, createPublicKey } from 'node:crypto';
import jwt from '@fastify/jwt';
import type { FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import type { Actor } from '../shared/command.ts';
import { DomainError } from '../shared/errors.ts';
import { type Permission, permissionsOf, type Role } from '../shared/permissions.ts';

export interface Person {
  readonly id: string;
  readonly status: string;
  readonly roles: readonly Role[];
  readonly auth_epoch: number;
  /** Set by another: nothing goes before changing it. */
  readonly password_one_time: boolean;
  readonly approval_limit: Actor['approval_limit'] | null;
}

export interface Machine {
  readonly id: string;
  readonly made_by: string;
  readonly owner: Person;
  readonly scopes: readonly Permission[];
}

/** What the plugin needs to know of users and keys; the modules give it. */
export interface Identity {
  /** With the sign-in that the token is of, read together; undefined where that was ended. */
  person(id: string, sid: string | undefined): Promise<Person | undefined>;
  /** Undefined for a key that is unknown, revoked, or not this secret. */
  machine(key: string): Promise<Machine | undefined>;
  /** Told of every sign-in refused for its token or key; must not fail the request. */
  refused?(facts: { readonly request_id: string; readonly reason: string; readonly ip: string }): void;
}

export interface AuthenticationOptions {
  readonly identity: Identity;
  readonly secret?: string | undefined;
  readonly previousSecret?: string | undefined;
  readonly privateKey?: string | undefined;
  readonly previousPrivateKey?: string | undefined;
}

export interface AccessClaims {
  readonly sub: string;
  readonly roles: readonly Role[];
  readonly epoch: number;
  /** The sign-in that it is of: a command is refused once that was ended. */
  readonly sid?: string | undefined;
  /** The second factor that was shown. */
  readonly factor?: string | undefined;
  /** Signed in with a one-time password. */
  readonly one_time?: true | undefined;
}

export const ACCESS_TOKEN_SECONDS = 300;
const ISSUER = 'p2p';
/** Whoever may see a bank account or a bank file whole is read again with each request: what was seen cannot be taken back. */
const NOT_ON_TRUST: readonly Permission[] = ['bank_details:read', 'export:download', 'debtor_account:update'];
/** Of a key, the least used going first; known by the hash of the whole token. */
const VERIFIED_TOKENS = 1000;

declare module 'fastify' {
  interface FastifyInstance {
    signAccessToken(claims: AccessClaims): string;
  }
}

export const authenticationPlugin = fp<AuthenticationOptions>(
  async (app, options) => {
    const keys = keyRing(options);
    await app.register(jwt, {
      secret: {
        private: keys.signing.private,
        public: async (_request: FastifyRequest, token: unknown) => publicKeyOf(keys, token),
      },
      sign: { algorithm: keys.algorithm, expiresIn: ACCESS_TOKEN_SECONDS, iss: ISSUER, kid: keys.signing.kid },
      verify: {
        algorithms: [keys.algorithm],
        allowedIss: ISSUER,
        requiredClaims: ['iss', 'sub', 'roles', 'epoch', 'exp'],
        // A token is sent with many requests: its signature is checked once, its expiry each time.
        cache: VERIFIED_TOKENS,
      },
      decode: { complete: true },
    });
    app.decorate('signAccessToken', (claims: AccessClaims) => app.jwt.sign(claims));
    app.decorateRequest('actor', null);
    app.decorateRequest('rawBody', null);
    app.addHook('onRequest', async (request) => {
      if (request.routeOptions.config.public === true || request.is404) return;
      try {
        request.actor = await actorOf(request, options.identity);
      } catch (error) {
        if (error instanceof DomainError && error.kind === 'unauthenticated') {
          // Before the security log, so that a flood of guesses fills neither.
          await app.countRequest?.(request);
          options.identity.refused?.({ request_id: request.id, reason: error.code, ip: request.ip });
        }
        throw error;
      }
    });
  },
  { name: 'authentication', dependencies: ['error-handler'] },
);

const unauthenticated = (code: string, detail: string): DomainError =>
  new DomainError('unauthenticated', `auth.${code}`, detail);

async function actorOf(request: FastifyRequest, identity: Identity): Promise<Actor> {
  const key = request.headers['x-api-key'];
  if (typeof key === 'string') {
    request.server.requireUnblocked?.(request);
    return machineActor(key, identity);
  }
  if (request.headers.authorization === undefined)
    throw unauthenticated(
      'missing',
      'Sign in at POST /api/v1/auth/token and send the access token as Authorization: Bearer.',
    );
  const claims = await verifiedClaims(request);
  refuseOneTime(request, claims.one_time === true);
  const permissions = permissionsOf(claims.roles);
  if ((request.method === 'GET' || request.method === 'HEAD') && !NOT_ON_TRUST.some((each) => permissions.has(each)))
    return { id: claims.sub, roles: claims.roles, permissions, factor: claims.factor };
  const person = await identity.person(claims.sub, claims.sid);
  refuseOneTime(request, person?.password_one_time === true);
  return personActor(claims, person);
}

function refuseOneTime(request: FastifyRequest, oneTime: boolean): void {
  if (!oneTime || request.routeOptions.config.oneTimePassword === true) return;
  throw new DomainError(
    'forbidden',
    'auth.password-change-required',
    'Your password was set by an administrator. Change it at POST /api/v1/auth/password; everything else comes after.',
  );
}

async function verifiedClaims(request: FastifyRequest): Promise<AccessClaims> {
  try {
    const verified = await request.jwtVerify<{ payload: AccessClaims } & AccessClaims>();
    return verified.payload ?? verified;
  } catch (error) {
    const expired = (error as { code?: string }).code === 'FST_JWT_AUTHORIZATION_TOKEN_EXPIRED';
    throw expired
      ? unauthenticated('expired', 'The access token has expired. Get another at POST /api/v1/auth/refresh.')
      : unauthenticated('invalid', 'The access token is not one of this server. Sign in again.');
  }
}

function personActor(claims: AccessClaims, person: Person | undefined): Actor {
  if (person === undefined || person.status !== 'active' || person.auth_epoch !== claims.epoch)
    throw unauthenticated(
      'ended',
      'The sign-in was ended, by its person or by a change of the account. Sign in again.',
    );
  return {
    id: person.id,
    roles: person.roles,
    permissions: permissionsOf(person.roles),
    approval_limit: person.approval_limit ?? undefined,
    factor: claims.factor,
  };
}

async function machineActor(key: string, identity: Identity): Promise<Actor> {
  const machine = await identity.machine(key);
  if (machine === undefined || machine.owner.status !== 'active')
    throw unauthenticated('invalid-key', 'The API key is unknown, revoked, or its owner is disabled.');
  return {
    id: machine.owner.id,
    via: machine.id,
    ...(machine.made_by === machine.owner.id ? {} : { key_maker: machine.made_by }),
    roles: ['integration'],
    permissions: new Set(machine.scopes),
    approval_limit: machine.owner.approval_limit ?? undefined,
  };
}

interface KeyRing {
  readonly algorithm: 'HS256' | 'ES256';
  readonly signing: { readonly kid: string; readonly private: string };
  /** Verification keys by kid: two are valid during a rotation. */
  readonly byKid: ReadonlyMap<string, string>;
}

function keyRing(options: AuthenticationOptions): KeyRing {
  if (options.privateKey !== undefined) {
    const pems = [options.privateKey, options.previousPrivateKey]
      .filter((key) => key !== undefined)
      .map((key) => createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString());
    return {
      algorithm: 'ES256',
      signing: { kid: kidOf(pems[0] ?? ''), private: options.privateKey },
      byKid: new Map(pems.map((pem) => [kidOf(pem), pem])),
    };
  }
  const secret = options.secret ?? '';
  const accepted = [secret, options.previousSecret].filter((key) => key !== undefined);
  return {
    algorithm: 'HS256',
    signing: { kid: kidOf(secret), private: secret },
    byKid: new Map(accepted.map((key) => [kidOf(key), key])),
  };
}

const kidOf = (key: string): string => createHash('sha256').update(`kid ${key}`).digest('base64url').slice(0, 12);

/** An unknown kid would become a 500 inside the JWT plugin: it is refused here. */
function publicKeyOf(keys: KeyRing, token: unknown): string {
  const { header } = token as { header?: { kid?: unknown; alg?: unknown } };
  const key = typeof header?.kid === 'string' ? keys.byKid.get(header.kid) : undefined;
  if (key === undefined || header?.alg !== keys.algorithm)
    throw unauthenticated('invalid', 'The access token is not one of this server. Sign in again.');
  return key;
}
