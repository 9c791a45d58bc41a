/** /documents: announce, upload, complete, download. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from '@sinclair/typebox';
import { actionRoute } from '../../shared/http/action-route.ts';
import { actorOf, carryOut, readCommand, sendEntity } from '../../shared/http/carry-out.ts';
import { pageRequest } from '../../shared/http/paging.ts';
import { ActionBody, CREATE_PROBLEMS, idParams, LIST_PROBLEMS, READ_PROBLEMS, ref } from '../../shared/http/schemas.ts';
import { CreateDocument, DocumentCreated, DocumentPage, DocumentQuery, DocumentReply } from './document.schema.ts';
import type { DocumentService } from './document.service.ts';

const params = idParams({ id: 'document' });
const tags = ['documents'];

export const documentRoutes: FastifyPluginAsyncTypebox<{ readonly documents: DocumentService }> = async (
  app,
  { documents },
) => {
  app.post(
    '/documents',
    {
      // The reply holds a signed URL, which is not for keeping: an Idempotency-Key is ignored here.
      config: { permission: 'document:create', dryRun: false, idempotency: false },
      schema: {
        operationId: 'createDocument',
        summary: 'Create a document and get its upload URL',
        tags,
        body: ref(CreateDocument),
        response: { 201: ref(DocumentCreated), ...CREATE_PROBLEMS },
      },
    },
    (request, reply) =>
      carryOut(request, reply, (command) => documents.create(command, request.body), {
        status: 201,
        location: ({ id }) => `/documents/${id}`,
      }),
  );

  app.get(
    '/documents',
    {
      config: { permission: 'document:read' },
      schema: {
        operationId: 'listDocuments',
        summary: 'List the documents that the caller may read',
        tags,
        querystring: DocumentQuery,
        response: { 200: ref(DocumentPage), ...LIST_PROBLEMS },
      },
    },
    (request) => documents.list(actorOf(request), request.query, pageRequest(request)),
  );

  app.get(
    '/documents/:id',
    {
      config: { permission: 'document:read' },
      schema: {
        operationId: 'getDocument',
        summary: "Read a document's metadata",
        tags,
        params,
        response: { 200: ref(DocumentReply), ...READ_PROBLEMS },
      },
    },
    async (request, reply) => {
      const document = await documents.get(actorOf(request), request.params.id);
      return sendEntity(reply, document, document);
    },
  );

  app.get(
    '/documents/:id/content',
    {
      // A HEAD would go on record as a download that nobody has.
      exposeHeadRoute: false,
      config: { permission: 'document:read' },
      schema: {
        operationId: 'downloadDocument',
        summary: 'Download a document; every download is audited',
        tags,
        params,
        response: {
          302: Type.Null({ description: 'Location gives the content for 5 minutes, without a sign-in' }),
          ...CREATE_PROBLEMS,
        },
      },
    },
    async (request, reply) => {
      const url = await documents.download(readCommand(request), request.params.id);
      return reply.header('cache-control', 'no-store').redirect(url, 302);
    },
  );

  actionRoute(app, {
    path: '/documents/:id/complete',
    operationId: 'completeDocument',
    summary: 'Complete an upload: the content is checked against the announced size, type and digest',
    tags,
    permission: 'document:complete',
    params,
    body: ActionBody,
    dryRun: false,
    reply: ref(DocumentReply),
    run: (command, { id }, { reason }) => documents.complete(command, id, reason),
  });
};
