/** Headers for browsers: a strict content security policy (Swagger UI runs under it), no framing, no sniffing, no copies; CORS by list. */
import cors from '@fastify/cors';
import helmet from '@fastify/helmet';
import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';

export interface SecurityHeadersOptions {
  readonly corsOrigins: readonly string[];
}

const HSTS = 'max-age=31536000; includeSubDomains';

export const securityHeadersPlugin = fp<SecurityHeadersOptions>(
  async (app: FastifyInstance, options) => {
    await app.register(helmet, {
      // For browsers long gone, or none of which a page of ours has a use: they would travel with every reply.
      dnsPrefetchControl: false,
      ieNoOpen: false,
      permittedCrossDomainPolicies: false,
      xssFilter: false,
      originAgentCluster: false,
      // A browser ignores it over http, and a proxy that ends TLS elsewhere must not promise it for a whole domain.
      strictTransportSecurity: false,
      contentSecurityPolicy: {
        useDefaults: false,
        directives: {
          defaultSrc: ["'none'"],
          scriptSrc: ["'self'"],
          styleSrc: ["'self'", "'unsafe-inline'"],
          imgSrc: ["'self'", 'data:'],
          fontSrc: ["'self'"],
          connectSrc: ["'self'"],
          frameAncestors: ["'none'"],
          baseUri: ["'none'"],
          formAction: ["'none'"],
        },
      },
    });
    app.addHook('onSend', async (request, reply) => {
      if (request.protocol === 'https') reply.header('strict-transport-security', HSTS);
      // What is told to one caller is nobody else's; the files of Swagger UI are everyone's.
      if (!reply.hasHeader('cache-control') && !request.url.startsWith('/docs'))
        reply.header('cache-control', 'no-store');
    });
    if (options.corsOrigins.length > 0)
      await app.register(cors, {
        origin: [...options.corsOrigins],
        methods: ['GET', 'POST', 'PATCH', 'DELETE'],
        exposedHeaders: ['etag', 'location', 'x-request-id', 'retry-after', 'idempotency-replayed', 'dry-run'],
      });
  },
  { name: 'security-headers' },
);
