/** Requests a minute a principal; an unsigned caller is counted by address. */
import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import { DomainError } from '../shared/errors.ts';

declare module 'fastify' {
  interface FastifyInstance {
    /** For a request that is refused before its route is asked: it counts all the same. @throws DomainError 429 */
    countRequest?: (request: FastifyRequest) => Promise<void>;
  }
}

export const rateLimitPlugin = fp<{ readonly perMinute: number }>(
  async (app: FastifyInstance, options) => {
    await app.register(rateLimit, {
      max: options.perMinute,
      timeWindow: 60_000,
      hook: 'preParsing',
      keyGenerator: (request) => request.actor?.via ?? request.actor?.id ?? request.ip,
      allowList: (request) => request.url === '/live' || request.url === '/ready',
      errorResponseBuilder: (_request, { ttl }) => tooMany(Math.ceil(ttl / 1000)),
    });
    const count = app.createRateLimit();
    app.decorate('countRequest', async (request: FastifyRequest) => {
      const counted = await count(request);
      if (!counted.isAllowed && counted.isExceeded) throw tooMany(counted.ttlInSeconds);
    });
  },
  { name: 'rate-limit', dependencies: ['error-handler'] },
);

const tooMany = (retryAfter: number): DomainError =>
  new DomainError('too_many_requests', 'request.rate-limited', 'Too many requests. Wait as long as Retry-After says.', {
    retryAfter,
  });
