/** OpenAPI 3.1 from the route schemas, and Swagger UI under a strict content security policy. */
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import { Problem } from '../shared/http/schemas.ts';
import { accessOf, describedAsUsed } from './openapi-document.ts';

export interface OpenapiOptions {
  readonly enabled: boolean;
  readonly version: string;
}

const TAGS = [
  ['auth', 'Sign in, refresh, sign out'],
  ['users', 'People and their roles'],
  ['api-keys', 'Keys for machines, each with an owner'],
  ['settings', 'The company, its debtor accounts, policies and tolerances'],
  ['vendors', 'Vendors and their bank accounts; both need a second person'],
  ['purchase-orders', 'Orders from draft to closed'],
  ['receipts', 'Goods received against an order'],
  ['invoices', 'Invoices and credit notes, matched two-way or three-way'],
  ['payments', 'Payments of approved invoices'],
  ['payment-batches', 'Payment runs and the bank file'],
  ['bank-messages', 'What the bank answers: statements, status reports, returns'],
  ['documents', 'Files beside an entity'],
  ['e-invoices', 'The e-invoice among the documents of an invoice'],
  ['exports', 'Payment files and records'],
  ['workday', 'What Workday reports and asks'],
  ['approvals', 'What the caller may decide now'],
  ['audit', 'The trail of every entity, and its proof'],
  ['health', 'For load balancers'],
] as const;

const NAME = 'ERP-Lite Procure-to-Pay';
const LOGO = Buffer.from(
  `<svg xmlns="http://www.w3.org/2000/svg" width="290" height="40" viewBox="0 0 290 40" role="img" aria-label="${NAME}"><text x="0" y="26" fill="#fff" font-family="system-ui, sans-serif" font-size="20" font-weight="600">${NAME}</text></svg>`,
);
/** The bar in which another document could be explored has no use where there is one. */
const ONE_DOCUMENT = '.swagger-ui .topbar .download-url-wrapper { display: none }';

export const openapiPlugin = fp<OpenapiOptions>(
  async (app: FastifyInstance, options) => {
    app.addSchema(Problem);
    await app.register(swagger, {
      openapi: {
        openapi: '3.1.0',
        info: {
          title: NAME,
          version: options.version,
          description:
            'Vendors, purchase orders, receipts, invoices, payments and bank files. Amounts are exact decimal strings; errors are RFC 9457 problems that name everything that is wrong.',
          license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
        },
        servers: [{ url: '/', description: 'This server' }],
        tags: TAGS.map(([name, description]) => ({ name, description })),
        components: {
          securitySchemes: {
            bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
            apiKey: { type: 'apiKey', in: 'header', name: 'X-API-Key' },
          },
        },
        security: [{ bearer: [] }, { apiKey: [] }],
      },
      refResolver: {
        buildLocalReference: (json, _base, _fragment, index) =>
          typeof json['$id'] === 'string' ? json['$id'] : `schema-${index}`,
      },
      transform: ({ schema, url, route }) => ({ schema: { ...schema, ...accessOf(route.config) }, url }),
      transformObject: (document) =>
        'openapiObject' in document ? describedAsUsed(document.openapiObject) : document.swaggerObject,
    });
    if (!options.enabled) return;
    await app.register(swaggerUi, {
      routePrefix: '/docs',
      staticCSP: false,
      logo: { type: 'image/svg+xml', content: LOGO, href: '/docs', target: '_self' },
      theme: { title: NAME, css: [{ filename: 'product.css', content: ONE_DOCUMENT }] },
      uiConfig: { deepLinking: true, persistAuthorization: false, displayRequestDuration: true, tryItOutEnabled: true },
    });
    app.get('/', { schema: { hide: true }, config: { public: true } }, async (_request, reply) =>
      reply.redirect('/docs'),
    );
    app.get('/openapi.json', { schema: { hide: true }, config: { public: true } }, async () => app.swagger());
  },
  { name: 'openapi' },
);
