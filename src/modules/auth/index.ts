/** Signing in, as the composition root sees it. */
import type { FastifyPluginAsync } from 'fastify';
import { authRoutes } from './auth.routes.ts';
import { ChangePassword, Enrol, Me, Refresh, SignIn, SignOut, TokenReply } from './auth.schema.ts';
import type { AuthService } from './auth.service.ts';

export { type AuthService, createAuthService } from './auth.service.ts';
export { createLockout } from './lockout.service.ts';
export { createSessionRepository } from './session.repository.ts';
export { createThrottleRepository } from './throttle.repository.ts';

const SCHEMAS = [SignIn, Refresh, SignOut, Enrol, ChangePassword, TokenReply, Me];

export const authModule: FastifyPluginAsync<{ readonly auth: AuthService }> = async (app, options) => {
  for (const schema of SCHEMAS) app.addSchema(schema);
  await app.register(authRoutes, options);
};
