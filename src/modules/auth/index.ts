/** Signing in, as the composition root sees it. */
import type { FastifyPluginAsync } from 'fastify';
import { authRoutes } from './auth.routes.ts';
import {
  BeginFactor,
  ChangePassword,
  ConfirmFactor,
  Enrol,
  FactorConfirmed,
  FactorSecret,
  Me,
  RecoveryCodes,
  Refresh,
  SignIn,
  SignOut,
  TokenReply,
} from './auth.schema.ts';
import type { AuthService } from './auth.service.ts';

export { originOf, tokenReplyOf } from './auth.routes.ts';
export { TokenReply } from './auth.schema.ts';
export { type AuthService, createAuthService, type Grant } from './auth.service.ts';
export { createLockout, type Origin } from './lockout.service.ts';
export { createSecondFactorService } from './second-factor.service.ts';
export { createSessionRepository } from './session.repository.ts';
export { createThrottleRepository } from './throttle.repository.ts';

const SCHEMAS = [
  SignIn,
  Refresh,
  SignOut,
  Enrol,
  ChangePassword,
  TokenReply,
  Me,
  BeginFactor,
  ConfirmFactor,
  FactorSecret,
  FactorConfirmed,
  RecoveryCodes,
];

export const authModule: FastifyPluginAsync<{ readonly auth: AuthService }> = async (app, options) => {
  for (const schema of SCHEMAS) app.addSchema(schema);
  await app.register(authRoutes, options);
};
