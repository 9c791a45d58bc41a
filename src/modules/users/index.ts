/** People, as other modules and the authentication plugin see them. */
import type { FastifyPluginAsync } from 'fastify';
import { userRoutes } from './user.routes.ts';
import { CreateUser, InvitedUser, UpdateUser, UserPage, UserReply, UserSummary } from './user.schema.ts';
import type { UserService } from './user.service.ts';

export { ensureFirstAdmin, ensureTwoAdmins, type FirstAdmin } from './first-admin.ts';
export type { ClaimedRoles, ProviderIdentity } from './identity.ts';
export { hashPassword, unmatchableHash, verifyPassword } from './password.ts';
export {
  type FactorRule,
  factorOf,
  hasFactor,
  hasShownFactor,
  lacksFactor,
  PROVIDER_FACTOR,
  pendingFactor,
  RECOVERY_CODES,
  recoveryHash,
  type SecondFactor,
  showsFactor,
  withFactor,
  withoutRecoveryCode,
  withPendingFactor,
  withRecoveryCodes,
} from './second-factor.ts';
export { createUserRepository, type UserRepository } from './user.repository.ts';
export { ApprovalLimit, Password, RoleName, type User } from './user.schema.ts';
export { createUserService, type UserService } from './user.service.ts';
export { isEnrolling, rolesInForce } from './user.ts';

const SCHEMAS = [UserReply, InvitedUser, UserSummary, UserPage, CreateUser, UpdateUser];

export const usersModule: FastifyPluginAsync<{ readonly users: UserService }> = async (app, options) => {
  for (const schema of SCHEMAS) app.addSchema(schema);
  await app.register(userRoutes, options);
};
