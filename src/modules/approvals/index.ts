/** What waits for a decision, over all kinds: downstream of every one of them. */
import type { FastifyPluginAsync } from 'fastify';
import { approvalRoutes } from './approval.routes.ts';
import { Approval, ApprovalPage } from './approval.schema.ts';
import type { ApprovalService } from './approval.service.ts';

export { createStreamReader } from './approval.repository.ts';
export { type ApprovalService, createApprovalService } from './approval.service.ts';
export { approvalSources } from './sources.ts';

export const approvalsModule: FastifyPluginAsync<{ readonly approvals: ApprovalService }> = async (app, options) => {
  for (const schema of [Approval, ApprovalPage]) app.addSchema(schema);
  await app.register(approvalRoutes, options);
};
