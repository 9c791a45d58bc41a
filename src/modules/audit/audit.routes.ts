/** GET /audit: the trail of one entity, the verdict on it, and the security log. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { actorOf } from '../../shared/http/carry-out.ts';
import { pageRequest } from '../../shared/http/paging.ts';
import { LIST_PROBLEMS, READ_PROBLEMS, ref } from '../../shared/http/schemas.ts';
import { SecurityPage, SecurityQuery } from './security-log.schema.ts';
import type { SecurityLog } from './security-log.ts';
import { AuditPage, AuditVerdict, TrailQuery, VerifyQuery } from './trail.schema.ts';
import type { TrailService } from './trail.service.ts';

export interface AuditRoutesOptions {
  readonly trail: TrailService;
  readonly securityLog: SecurityLog;
}

const config = { permission: 'audit:read' } as const;
const tags = ['audit'];

export const auditRoutes: FastifyPluginAsyncTypebox<AuditRoutesOptions> = async (app, { trail, securityLog }) => {
  app.get(
    '/audit',
    {
      config,
      schema: {
        operationId: 'listAuditEvents',
        summary: 'Read the audit trail of one entity',
        tags,
        querystring: TrailQuery,
        response: { 200: ref(AuditPage), ...READ_PROBLEMS },
      },
    },
    (request) => trail.list(actorOf(request), request.query, pageRequest(request)),
  );

  app.get(
    '/audit/verify',
    {
      config,
      schema: {
        operationId: 'verifyAudit',
        summary: 'Verify that the audit trail of one entity is complete and unchanged',
        tags,
        querystring: VerifyQuery,
        response: { 200: ref(AuditVerdict), ...READ_PROBLEMS },
      },
    },
    (request) => trail.verify(request.query),
  );

  app.get(
    '/audit/security',
    {
      config,
      schema: {
        operationId: 'listSecurityEntries',
        summary: 'List the security log of one day: sign-ins, refusals, denials and role changes',
        tags,
        querystring: SecurityQuery,
        response: { 200: ref(SecurityPage), ...LIST_PROBLEMS },
      },
    },
    (request) => securityLog.list(request.query.day ?? new Date().toISOString().slice(0, 10), pageRequest(request)),
  );
};
