/** The trail and the security log, as other modules see them. */
export { createSecurityLogRepository } from './security-log.repository.ts';
export { createSecurityLog, type SecurityFacts, type SecurityLog } from './security-log.ts';
