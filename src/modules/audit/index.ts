/** The trail and the security log, as other modules see them. */
import type { FastifyPluginAsync } from 'fastify';
import { type AuditRoutesOptions, auditRoutes } from './audit.routes.ts';
import { SecurityEntry, SecurityPage } from './security-log.schema.ts';
import { AuditEventReply, AuditPage, AuditVerdict } from './trail.schema.ts';

export { createLogBook, type LogBook, type LogFinding } from './log-book.ts';
export { lostName, type SecurityFacts } from './log-chain.ts';
export { createSecurityLogRepository } from './security-log.repository.ts';
export { createSecurityLog, type SecurityLog } from './security-log.ts';
export { createTrailRepository, type EntityChain, type EntityHead } from './trail.repository.ts';
export type { Subject } from './trail.schema.ts';
export { createTrailService, type TrailService } from './trail.service.ts';
export { entityOf, type HeldHead, readEvent, verdictOn } from './trail.ts';

export const auditModule: FastifyPluginAsync<AuditRoutesOptions> = async (app, options) => {
  for (const schema of [AuditEventReply, AuditPage, AuditVerdict, SecurityEntry, SecurityPage]) app.addSchema(schema);
  await app.register(auditRoutes, options);
};
