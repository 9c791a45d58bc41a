/** `/live` says that the process serves; `/ready` that the store and the buckets answer. Both public, outside the base path. */
import { Type } from '@sinclair/typebox';
import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import { DomainError } from '../shared/errors.ts';

export interface HealthOptions {
  /** Each resolves when what it names is reachable. */
  readonly checks: Readonly<Record<string, () => Promise<void>>>;
  /** Then no new connection is wanted: every reply closes its own, and `/ready` says so to the load balancer. */
  readonly draining: () => boolean;
}

const Live = Type.Object({ status: Type.Literal('live') });
const Ready = Type.Object({ status: Type.Literal('ready'), checks: Type.Record(Type.String(), Type.String()) });

export const healthPlugin = fp<HealthOptions>(
  async (app: FastifyInstance, options) => {
    const route = (operationId: string, summary: string, response: object) => ({
      schema: { operationId, summary, tags: ['health'], response: { 200: response } },
      config: { public: true as const },
      logLevel: 'warn' as const,
    });
    app.addHook('onSend', async (_request, reply) => {
      if (options.draining()) reply.header('connection', 'close');
    });
    app.get('/live', route('getLive', 'Liveness: the process answers', Live), async () => ({
      status: 'live' as const,
    }));
    app.get('/ready', route('getReady', 'Readiness: DynamoDB and storage are reachable', Ready), async (request) => {
      if (options.draining())
        throw new DomainError('unavailable', 'service.draining', 'The server stops: ask another one.', {
          retryAfter: 5,
        });
      const names = Object.keys(options.checks);
      const outcomes = await Promise.allSettled(Object.values(options.checks).map((check) => check()));
      const failed = names.filter((_, index) => outcomes[index]?.status === 'rejected');
      if (failed.length === 0)
        return { status: 'ready' as const, checks: Object.fromEntries(names.map((name) => [name, 'ok'])) };
      request.log.error(
        { failed, reasons: outcomes.map((outcome) => (outcome.status === 'rejected' ? String(outcome.reason) : 'ok')) },
        'not ready',
      );
      throw new DomainError('unavailable', 'service.not-ready', `Not reachable: ${failed.join(', ')}.`, {
        retryAfter: 5,
      });
    });
  },
  { name: 'health' },
);
