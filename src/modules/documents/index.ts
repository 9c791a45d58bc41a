/** Documents, as other modules see them. */
import type { FastifyPluginAsync } from 'fastify';
import { documentRoutes } from './document.routes.ts';
import { CreateDocument, DocumentCreated, DocumentPage, DocumentReply } from './document.schema.ts';
import type { DocumentService } from './document.service.ts';

export { createDocumentRepository } from './document.repository.ts';
export type { DocumentReply } from './document.schema.ts';
export { createDocumentService, type DocumentService } from './document.service.ts';

const SCHEMAS = [DocumentReply, DocumentCreated, DocumentPage, CreateDocument];

export const documentsModule: FastifyPluginAsync<{ readonly documents: DocumentService }> = async (app, options) => {
  for (const schema of SCHEMAS) app.addSchema(schema);
  await app.register(documentRoutes, options);
};
