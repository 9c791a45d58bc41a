/** How long requests take and how many fail. Health checks are left out: they would outnumber and flatter everything else. */
import fp from 'fastify-plugin';
import type { Metrics } from '../shared/metrics.ts';

export const metricsPlugin = fp<{ readonly metrics: Metrics }>(
  async (app, { metrics }) => {
    app.addHook('onResponse', async (request, reply) => {
      if (HEALTH.has(request.routeOptions.url ?? '')) return;
      metrics.observe('request_duration_ms', Math.round(reply.elapsedTime * 10) / 10);
      if (reply.statusCode >= 500) metrics.count('requests_failed');
    });
    app.addHook('onClose', async () => metrics.close());
  },
  { name: 'metrics' },
);

const HEALTH = new Set(['/live', '/ready']);
