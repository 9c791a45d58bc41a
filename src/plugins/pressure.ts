/** An overloaded server refuses at once what it could only answer late, so that it answers the rest and is not killed. */
import { getHeapStatistics } from 'node:v8';
import underPressure from '@fastify/under-pressure';
import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import { DomainError } from '../shared/errors.ts';

export interface PressureOptions {
  /** How late the event loop may be, on average of a second; 0 refuses nothing. */
  readonly maxDelayMs: number;
}

const HEAP_SHARE = 0.92;
const RETRY_SECONDS = 2;
/** A load balancer takes a server out that does not answer these, and the others get its share. */
const HEALTH = new Set(['/live', '/ready']);

export const pressurePlugin = fp<PressureOptions>(
  async (app: FastifyInstance, { maxDelayMs }) => {
    if (maxDelayMs === 0) return;
    let logged = 0;
    await app.register(underPressure, {
      maxEventLoopDelay: maxDelayMs,
      maxHeapUsedBytes: Math.floor(getHeapStatistics().heap_size_limit * HEAP_SHARE),
      pressureHandler: async (request, _reply, type, value) => {
        if (HEALTH.has(request.routeOptions.url ?? '')) return;
        if (Date.now() - logged > 1000) {
          logged = Date.now();
          request.log.warn({ type, value }, 'overloaded: requests are refused');
        }
        throw new DomainError(
          'unavailable',
          'service.overloaded',
          'The server is overloaded. Send the same request again.',
          {
            retryAfter: RETRY_SECONDS,
          },
        );
      },
    });
  },
  { name: 'pressure', dependencies: ['error-handler'] },
);
