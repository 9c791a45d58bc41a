/** /auth: tokens for people. Nothing here takes an Idempotency-Key or a dry run, and no reply may be cached. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from '@sinclair/typebox';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ACCESS_TOKEN_SECONDS } from '../../plugins/authentication.ts';
import { actorOf, carryOut } from '../../shared/http/carry-out.ts';
import { ACTION_PROBLEMS, LIST_PROBLEMS, ref } from '../../shared/http/schemas.ts';
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
import type { AuthService, Grant } from './auth.service.ts';
import type { Origin } from './lockout.service.ts';

const tags = ['auth'];
const open = { public: true, idempotency: false, dryRun: false } as const;
const ownFactor = { anyone: true, idempotency: false, dryRun: false } as const;
const signedIn = { anyone: true, oneTimePassword: true, idempotency: false, dryRun: false } as const;

/** What every sign-in replies. */
export const tokenReplyOf =
  (app: Pick<FastifyInstance, 'signAccessToken'>) =>
  ({ refresh_token, lacks_factor, ...claims }: Grant) => ({
    access_token: app.signAccessToken(claims),
    token_type: 'Bearer' as const,
    expires_in: ACCESS_TOKEN_SECONDS,
    refresh_token,
    password_change_required: claims.one_time === true,
    second_factor_required: lacks_factor,
  });

export const originOf = (request: FastifyRequest): Origin => ({
  ip: request.ip,
  request_id: request.id,
  now: new Date(),
});

export const authRoutes: FastifyPluginAsyncTypebox<{ readonly auth: AuthService }> = async (app, { auth }) => {
  app.addHook('onSend', async (_request, reply) => void reply.header('cache-control', 'no-store'));

  const tokenOf = tokenReplyOf(app);

  app.post(
    '/auth/token',
    {
      config: open,
      schema: {
        operationId: 'signIn',
        summary: 'Sign in with e-mail and password, and a code where there is a second factor',
        tags,
        body: ref(SignIn),
        response: { 200: ref(TokenReply), ...LIST_PROBLEMS },
      },
    },
    async (request) => tokenOf(await auth.signIn(request.body, originOf(request))),
  );

  app.post(
    '/auth/enrol',
    {
      config: open,
      schema: {
        operationId: 'enrol',
        summary: 'Set a password with the link from an invitation or a reset, and sign in',
        tags,
        body: ref(Enrol),
        response: { 200: ref(TokenReply), ...ACTION_PROBLEMS },
      },
    },
    async (request) => tokenOf(await auth.enrol(request.body, originOf(request))),
  );

  app.post(
    '/auth/refresh',
    {
      config: open,
      schema: {
        operationId: 'refreshToken',
        summary: 'Exchange a refresh token for a new access token and refresh token',
        tags,
        body: ref(Refresh),
        response: { 200: ref(TokenReply), ...LIST_PROBLEMS },
      },
    },
    async (request) => tokenOf(await auth.refresh(request.body.refresh_token, originOf(request))),
  );

  app.post(
    '/auth/logout',
    {
      config: open,
      schema: {
        operationId: 'signOut',
        summary: 'Sign out: end a sign-in and its access tokens',
        tags,
        body: ref(SignOut),
        response: { 204: Type.Null({ description: 'Signed out' }), ...LIST_PROBLEMS },
      },
    },
    async (request, reply) => {
      await auth.signOut(request.body.refresh_token, originOf(request));
      return reply.code(204).send(null);
    },
  );

  app.post(
    '/auth/password',
    {
      config: signedIn,
      schema: {
        operationId: 'changePassword',
        summary: 'Change your own password and end all earlier sign-ins',
        tags,
        body: ref(ChangePassword),
        response: { 200: ref(TokenReply), ...ACTION_PROBLEMS },
      },
    },
    (request, reply) =>
      carryOut(request, reply, (command) => auth.changePassword(command, request.body, originOf(request)), {
        status: 200,
        present: tokenOf,
      }),
  );

  app.post(
    '/auth/second-factor',
    {
      config: ownFactor,
      schema: {
        operationId: 'beginSecondFactor',
        summary: 'Get a secret for an authenticator app; it counts once its first code was sent',
        tags,
        body: ref(BeginFactor),
        response: { 200: ref(FactorSecret), ...ACTION_PROBLEMS },
      },
    },
    (request, reply) =>
      carryOut(request, reply, (command) => auth.beginFactor(command, request.body, originOf(request))),
  );

  app.post(
    '/auth/second-factor/confirm',
    {
      config: ownFactor,
      schema: {
        operationId: 'confirmSecondFactor',
        summary: 'Send the first code: every sign-in made before is over, the reply is a new one, with recovery codes',
        tags,
        body: ref(ConfirmFactor),
        response: { 200: ref(FactorConfirmed), ...ACTION_PROBLEMS },
      },
    },
    (request, reply) =>
      carryOut(request, reply, (command) => auth.confirmFactor(command, request.body, originOf(request)), {
        status: 200,
        present: ({ recovery_codes, ...grant }) => ({ ...tokenOf(grant), recovery_codes }),
      }),
  );

  app.post(
    '/auth/second-factor/recovery-codes',
    {
      config: ownFactor,
      schema: {
        operationId: 'renewRecoveryCodes',
        summary: 'Get ten new recovery codes; those before are over',
        tags,
        body: ref(BeginFactor),
        response: { 200: ref(RecoveryCodes), ...ACTION_PROBLEMS },
      },
    },
    (request, reply) =>
      carryOut(request, reply, (command) => auth.renewRecoveryCodes(command, request.body, originOf(request))),
  );

  app.get(
    '/auth/me',
    {
      config: { anyone: true, oneTimePassword: true },
      schema: {
        operationId: 'getMe',
        summary: 'Read your own user, roles and permissions',
        tags,
        response: { 200: ref(Me), ...LIST_PROBLEMS },
      },
    },
    (request) => auth.me(actorOf(request)),
  );
};
