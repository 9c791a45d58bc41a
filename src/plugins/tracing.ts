/** A span a request, its trace's id in every line of the log. Registered only where traces go somewhere. */
import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import { type RemoteTrace, remoteTrace } from '../shared/trace-context.ts';

export interface RequestSpan {
  readonly traceId: string;
  /** Within it calls of AWS are spans of their own. */
  run(work: () => void): void;
  end(status: number): void;
}

export interface RequestTracer {
  /** `route` is the pattern; undefined where none matches. Nothing of the caller's own is named. */
  begin(facts: {
    readonly method: string;
    readonly route: string | undefined;
    readonly remote: RemoteTrace | undefined;
  }): RequestSpan;
}

export const tracingPlugin = fp<{ readonly tracer: RequestTracer }>(
  async (app: FastifyInstance, { tracer }) => {
    app.decorateRequest('span', null);
    app.addHook('onRequest', (request, reply, done) => {
      const { url: route } = request.routeOptions;
      if (HEALTH.has(route ?? '')) return done();
      const span = tracer.begin({ method: request.method, route, remote: remoteTrace(request.headers) });
      request.span = span;
      request.log = request.log.child({ trace_id: span.traceId });
      reply.log = request.log;
      span.run(done);
    });
    // The body arrives in events of its connection, which know nothing of the request.
    app.addHook('preValidation', (request, _reply, done) => {
      if (request.span === null) done();
      else request.span.run(done);
    });
    app.addHook('onResponse', async (request, reply) => request.span?.end(reply.statusCode));
  },
  { name: 'tracing' },
);

const HEALTH = new Set(['/live', '/ready']);
