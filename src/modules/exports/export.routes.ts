/** /exports and the records of payments: schema, permission, one service call, reply. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { type TSchema, Type } from '@sinclair/typebox';
import { readCommand } from '../../shared/http/carry-out.ts';
import { pageRequest } from '../../shared/http/paging.ts';
import { idParams, LIST_PROBLEMS, problems, READ_PROBLEMS, ref } from '../../shared/http/schemas.ts';
import { attachment } from '../../shared/storage/storage.ts';
import { paymentRecord, renderPaymentRecordXml } from '../payment-batches/index.ts';
import { ExportPage, ExportQuery, FileParams, PaymentRecordReply } from './export.schema.ts';
import type { ExportService } from './export.service.ts';

const tags = ['exports'];
const params = idParams({ id: 'payment' });
const XML_TYPE = 'application/xml; charset=utf-8';

const text = (description: string, ...types: readonly string[]) => ({
  description,
  content: Object.fromEntries(types.map((type): [string, { schema: TSchema }] => [type, { schema: Type.String() }])),
});

export const exportRoutes: FastifyPluginAsyncTypebox<{ readonly exports: ExportService }> = async (
  app,
  { exports },
) => {
  app.get(
    '/exports',
    {
      config: { permission: 'export:read' },
      schema: {
        operationId: 'listExports',
        summary: 'List the batches that have bank files',
        tags,
        querystring: ExportQuery,
        response: { 200: ref(ExportPage), ...LIST_PROBLEMS },
      },
    },
    (request) => exports.list(request.query, pageRequest(request)),
  );

  app.get(
    '/exports/:batch_id/:format',
    {
      // A HEAD would go on record as a download that nobody has.
      exposeHeadRoute: false,
      config: { permission: 'export:download' },
      schema: {
        operationId: 'downloadExport',
        summary: 'Download a bank file of a batch; every download is audited',
        tags,
        params: FileParams,
        response: {
          200: {
            description: 'The bytes as stored; X-Content-SHA256 is their digest',
            content: {
              'application/xml': { schema: Type.String() },
              'application/json': { schema: Type.Object({}, { additionalProperties: true }) },
            },
          },
          ...DOWNLOAD_PROBLEMS,
        },
      },
    },
    async (request, reply) => {
      const { batch_id, format } = request.params;
      const { content, content_type, file, filename } = await exports.download(readCommand(request), batch_id, format);
      reply.headers({
        'content-type': content_type,
        'content-length': content.length,
        'content-disposition': attachment(filename),
        'x-content-sha256': file.sha256,
        // RFC 9530: the same in the form that HTTP tools check.
        'repr-digest': `sha-256=:${Buffer.from(file.sha256, 'hex').toString('base64')}:`,
        'cache-control': 'private, no-store',
      });
      return reply.send(content as never);
    },
  );

  app.get(
    '/payments/:id/xml',
    {
      config: { permission: 'payment:read' },
      schema: {
        operationId: 'getPaymentXml',
        summary: 'Read a payment as an XML record (not a bank file)',
        tags,
        params,
        response: { 200: text('The record', 'application/xml'), ...READ_PROBLEMS },
      },
    },
    async (request, reply) => {
      const facts = await exports.record(request.params.id);
      return reply.type(XML_TYPE).send(renderPaymentRecordXml(facts) as never);
    },
  );

  app.get(
    '/payments/:id/json',
    {
      config: { permission: 'payment:read' },
      schema: {
        operationId: 'getPaymentJson',
        summary: 'Read a payment as a JSON record',
        tags,
        params,
        response: { 200: ref(PaymentRecordReply), ...READ_PROBLEMS },
      },
    },
    async (request, reply) => reply.send(paymentRecord(await exports.record(request.params.id)) as never),
  );
};

const DOWNLOAD_PROBLEMS = problems(400, 401, 403, 404, 409, 429, 503);
