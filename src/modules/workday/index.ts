/** Workday's signed callback, and what it may ask. */
import type { FastifyPluginAsync } from 'fastify';
import { type WorkdayRoutesOptions, workdayRoutes } from './workday.routes.ts';
import { WorkdayCallbackBody, WorkdayStatusReply } from './workday.schema.ts';

export { createWorkdayService, type WorkdayBatches, type WorkdayService } from './workday.service.ts';

export const workdayModule: FastifyPluginAsync<WorkdayRoutesOptions> = async (app, options) => {
  for (const schema of [WorkdayCallbackBody, WorkdayStatusReply]) app.addSchema(schema);
  await app.register(workdayRoutes, options);
};
