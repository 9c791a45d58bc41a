/** GET /approvals. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { actorOf } from '../../shared/http/carry-out.ts';
import { pageRequest } from '../../shared/http/paging.ts';
import { LIST_PROBLEMS, ref } from '../../shared/http/schemas.ts';
import { ApprovalPage, ApprovalQuery } from './approval.schema.ts';
import type { ApprovalService } from './approval.service.ts';

export const approvalRoutes: FastifyPluginAsyncTypebox<{ readonly approvals: ApprovalService }> = async (
  app,
  { approvals },
) => {
  app.get(
    '/approvals',
    {
      config: { permission: 'approval:read' },
      schema: {
        operationId: 'listApprovals',
        summary: 'List what the caller may decide now',
        tags: ['approvals'],
        querystring: ApprovalQuery,
        response: { 200: ref(ApprovalPage), ...LIST_PROBLEMS },
      },
    },
    (request) => approvals.list(actorOf(request), pageRequest(request)),
  );
};
