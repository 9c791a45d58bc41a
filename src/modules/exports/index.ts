/** Payment files and records, as they leave the system. */
import type { FastifyPluginAsync } from 'fastify';
import { exportRoutes } from './export.routes.ts';
import { ExportItem, ExportPage, PaymentRecordReply } from './export.schema.ts';
import type { ExportService } from './export.service.ts';

export { createExportService, type ExportService } from './export.service.ts';

export const exportsModule: FastifyPluginAsync<{ readonly exports: ExportService }> = async (app, options) => {
  for (const schema of [ExportItem, ExportPage, PaymentRecordReply]) app.addSchema(schema);
  await app.register(exportRoutes, options);
};
