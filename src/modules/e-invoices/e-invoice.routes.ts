/** The e-invoice beside an invoice: what it is and breaks, and the page that a person reads. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from '@sinclair/typebox';
import { actorOf } from '../../shared/http/carry-out.ts';
import { idParams, problems, ref } from '../../shared/http/schemas.ts';
import { EInvoiceReply } from './e-invoice.schema.ts';
import type { EInvoiceService } from './e-invoice.service.ts';
import { READABLE_POLICY } from './formats/readable.ts';

const tags = ['e-invoices'];
const params = idParams({ id: 'invoice' });
/** It lies among the documents, and is as confidential as the invoice. */
const config = { permission: 'document:read' } as const;
const PROBLEMS = problems(400, 401, 403, 404, 413, 422, 429, 503);

export const eInvoiceRoutes: FastifyPluginAsyncTypebox<{ readonly eInvoices: EInvoiceService }> = async (
  app,
  { eInvoices },
) => {
  app.get(
    '/invoices/:id/e-invoice',
    {
      config,
      schema: {
        operationId: 'getEInvoice',
        summary: "Check an invoice's e-invoice against EN 16931",
        tags,
        params,
        response: { 200: ref(EInvoiceReply), ...PROBLEMS },
      },
    },
    (request) => eInvoices.check(actorOf(request), request.params.id),
  );

  app.get(
    '/invoices/:id/readable',
    {
      config,
      schema: {
        operationId: 'getReadableEInvoice',
        summary: "Read an invoice's e-invoice as a page",
        tags,
        params,
        response: {
          200: {
            description: 'A page without script; account numbers are masked for callers without bank_details:read',
            content: { 'text/html': { schema: Type.String() } },
          },
          ...PROBLEMS,
        },
      },
    },
    async (request, reply) => {
      const page = await eInvoices.readable(actorOf(request), request.params.id);
      return reply
        .type('text/html; charset=utf-8')
        .header('content-security-policy', READABLE_POLICY)
        .send(page as never);
    },
  );
};
