/** Requests per minute, by class: of a principal, or of an address where nobody has signed for the request. Tasks count together where there is a Valkey. */
import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import { DomainError } from '../shared/errors.ts';
import { BASE_PATH } from '../shared/http/carry-out.ts';
import { addressKey } from '../shared/http/client-address.ts';
import { blockedAddresses } from './blocked-addresses.ts';
import { connectShared } from './shared-counters.ts';

/** `anonymous` and `sign_in` are counted by address, the others by principal. */
export type RateClass = 'anonymous' | 'sign_in' | 'read' | 'command' | 'export';

export interface RateLimitOptions {
  readonly limits: Readonly<Record<RateClass, number>>;
  /** Of a Valkey or Redis that all tasks share. */
  readonly redisUrl?: string | undefined;
  readonly prefix?: string | undefined;
}

declare module 'fastify' {
  interface FastifyInstance {
    /** For a request that is refused before its route is asked: it counts all the same. @throws DomainError 429 */
    countRequest?: (request: FastifyRequest) => Promise<void>;
    /** Before a look-up that anyone may cause. @throws DomainError 429 for an address that was refused too often lately */
    requireUnblocked?: (request: FastifyRequest) => void;
  }
}

const MINUTE = 60_000;
/** Principals and addresses that a task counts in memory; of more, those seen last. */
const COUNTED = 20_000;
const HEALTH = new Set(['/live', '/ready']);

export const rateLimitPlugin = fp<RateLimitOptions>(
  async (app: FastifyInstance, { limits, redisUrl, prefix = 'p2p:' }) => {
    const common = {
      global: false,
      timeWindow: MINUTE,
      max: (request: FastifyRequest) => limits[classOf(request)],
      keyGenerator: (request: FastifyRequest) => `${classOf(request)}:${callerOf(request)}`,
    };
    const memory = await limiter(app, { ...common, cache: COUNTED });
    const shared = redisUrl === undefined ? undefined : await connectShared(app, redisUrl);
    const together = shared && (await limiter(app, { ...common, redis: shared.client, nameSpace: `${prefix}rate:` }));
    const blocked = blockedAddresses(COUNTED);
    const count = async (request: FastifyRequest, reply?: FastifyReply): Promise<void> => {
      if (HEALTH.has(request.routeOptions?.url ?? '')) return;
      const counted = await (shared && together
        ? shared.ask(
            () => together(request),
            () => memory(request),
          )
        : memory(request));
      if (counted.isAllowed) return;
      reply?.headers({
        'x-ratelimit-limit': counted.max,
        'x-ratelimit-remaining': counted.remaining,
        'x-ratelimit-reset': counted.ttlInSeconds,
      });
      if (!counted.isExceeded) return;
      if (isAnonymous(request)) blocked.add(addressKey(request.ip), counted.ttl);
      throw tooMany(counted.ttlInSeconds);
    };
    // After sign-in, before the body: what is refused for its token, key or permission is counted by whoever refuses it.
    app.addHook('preParsing', async (request, reply) => count(request, reply));
    app.decorate('countRequest', (request: FastifyRequest) => count(request));
    app.decorate('requireUnblocked', ({ ip }: FastifyRequest) => {
      const seconds = blocked.secondsLeft(addressKey(ip));
      if (seconds > 0) throw tooMany(seconds);
    });
  },
  { name: 'rate-limit', dependencies: ['error-handler'] },
);

/** A limiter over a store of its own: the plugin has one store for each context. */
async function limiter(app: FastifyInstance, options: object) {
  const found: ReturnType<FastifyInstance['createRateLimit']>[] = [];
  await app.register(async (scope) => {
    await scope.register(rateLimit, options);
    found.push(scope.createRateLimit());
  });
  const [made] = found;
  if (made === undefined) throw new Error('the limiter was not made');
  return made;
}

const isAnonymous = ({ actor }: FastifyRequest): boolean => (actor ?? null) === null;

function classOf(request: FastifyRequest): RateClass {
  const { url = '', config } = request.routeOptions ?? {};
  if (isAnonymous(request)) return url.startsWith(`${BASE_PATH}/auth/`) ? 'sign_in' : 'anonymous';
  if ([config?.permission].flat().includes('export:download')) return 'export';
  return request.method === 'GET' || request.method === 'HEAD' ? 'read' : 'command';
}

const callerOf = ({ actor, ip }: FastifyRequest): string => actor?.via ?? actor?.id ?? addressKey(ip);

const tooMany = (retryAfter: number): DomainError =>
  new DomainError('too_many_requests', 'request.rate-limited', 'Too many requests. Wait as long as Retry-After says.', {
    retryAfter: Math.max(1, retryAfter),
  });
