/** If-Match, Idempotency-Key and dry run, read once for every command before its body is looked at. */
import { createHash } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import { canonicalJson } from '../shared/audit/canonical.ts';
import type { IdempotencyClaim } from '../shared/command.ts';
import { ReplayedReply, type StoredReply } from '../shared/dynamo/idempotency-record.ts';
import { DomainError } from '../shared/errors.ts';

export interface IdempotencyOptions {
  /** Keyed, so that what is stored of a body tells nothing of a password in it: with each key that is valid, the current one first. */
  readonly fingerprints: (text: string) => IdempotencyClaim['fingerprints'];
  /** The stored reply of that claim, if there is one that has not expired. @throws DomainError 422 for another request's key. */
  readonly find: (id: string, fingerprints: readonly string[]) => Promise<StoredReply | undefined>;
}

const MAX_KEY_LENGTH = 255;
const COMMANDS = new Set(['POST', 'PATCH', 'DELETE', 'PUT']);

export const idempotencyPlugin = fp<IdempotencyOptions>(
  async (app: FastifyInstance, options) => {
    app.decorateRequest('ifMatch', undefined);
    app.decorateRequest('idempotencyClaim', null);
    app.addHook('preValidation', async (request) => {
      if (!COMMANDS.has(request.method) || request.is404) return;
      const config = request.routeOptions.config;
      request.ifMatch = readIfMatch(request);
      refuseDryRunWhereNone(request);
      const key = request.headers['idempotency-key'];
      if (typeof key !== 'string' || config.idempotency === false) return;
      refuseUnusableKey(key);
      if (isDryRun(request)) return;
      const claim = claimOf(request, key, options.fingerprints);
      const reply = await options.find(claim.id, claim.fingerprints);
      if (reply?.unfinished === false) throw new ReplayedReply(reply);
      request.idempotencyClaim = { ...claim, begun: reply !== undefined };
    });
  },
  { name: 'idempotency', dependencies: ['authentication'] },
);

const queryOf = (request: FastifyRequest): Record<string, unknown> => request.query as Record<string, unknown>;
const isDryRun = (request: FastifyRequest): boolean => queryOf(request)['dry_run'] === 'true';

function refuseDryRunWhereNone(request: FastifyRequest): void {
  if (request.routeOptions.config.dryRun !== false || queryOf(request)['dry_run'] === undefined) return;
  throw new DomainError('malformed', 'request.no-dry-run', 'This route cannot be tried dry.', {
    errors: [{ pointer: '#/query/dry_run', detail: 'is not known here' }],
  });
}

/** An empty one is a client that lost its key: two of its requests would be taken for one. */
function refuseUnusableKey(key: string): void {
  if (key !== '' && key.length <= MAX_KEY_LENGTH) return;
  throw new DomainError(
    'malformed',
    'request.invalid-idempotency-key',
    'Send a key of your own for each request, or none.',
    { errors: [{ pointer: '#/headers/idempotency-key', detail: `must have 1 to ${MAX_KEY_LENGTH} characters` }] },
  );
}

/** `"3"` is version 3. */
function readIfMatch(request: FastifyRequest): number | undefined {
  const header = request.headers['if-match'];
  if (header === undefined) {
    if (request.routeOptions.config.ifMatch === 'required')
      throw new DomainError(
        'precondition_required',
        'request.if-match-missing',
        'Send If-Match with the ETag of the version you saw, so that you decide on what you read.',
        { errors: [{ pointer: '#/headers/if-match', detail: 'is required' }] },
      );
    return undefined;
  }
  const version = /^(?:W\/)?"?(\d{1,9})"?$/.exec(header.trim())?.[1];
  if (version === undefined)
    throw new DomainError(
      'malformed',
      'request.invalid-if-match',
      'If-Match takes one ETag of this server, such as "3".',
      {
        errors: [{ pointer: '#/headers/if-match', detail: 'must be a version in quotes' }],
      },
    );
  return Number(version);
}

function claimOf(
  request: FastifyRequest,
  key: string,
  fingerprintsOf: IdempotencyOptions['fingerprints'],
): Pick<IdempotencyClaim, 'id' | 'fingerprints'> {
  const { actor } = request;
  const scope = [actor?.id ?? '', actor?.via ?? '', request.method, pathOf(request), key];
  const content = [request.query, request.body ?? null, request.ifMatch ?? null];
  return { id: digest(canonicalJson(scope)), fingerprints: fingerprintsOf(canonicalJson(content)) };
}

/** The route with its parameters in it: one text for an address, however its letters are written (`/%76endors`). */
function pathOf({ routeOptions, params }: FastifyRequest): string {
  const given = params as Readonly<Record<string, string>>;
  return (routeOptions.url ?? '').replaceAll(/:(\w+)|\*/g, (place, name?: string) =>
    encodeURIComponent(given[name ?? place] ?? ''),
  );
}

const digest = (text: string): string => createHash('sha256').update(text).digest('base64url');
