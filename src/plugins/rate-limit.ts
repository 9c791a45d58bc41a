/** Requests a minute a principal; an unsigned caller is counted by address. */
import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';

export const rateLimitPlugin = fp<{ readonly perMinute: number }>(
  async (app: FastifyInstance, options) => {
    await app.register(rateLimit, {
      max: options.perMinute,
      timeWindow: 60_000,
      hook: 'preParsing',
      keyGenerator: (request) => request.actor?.via ?? request.actor?.id ?? request.ip,
      allowList: (request) => request.url === '/live' || request.url === '/ready',
    });
  },
  { name: 'rate-limit', dependencies: ['authentication'] },
);
