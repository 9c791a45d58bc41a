/** /auth/oidc: a sign-in goes from here to the identity provider and back. No token is ever in an address. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from '@sinclair/typebox';
import { BASE_PATH } from '../../shared/http/carry-out.ts';
import { problems, ref } from '../../shared/http/schemas.ts';
import { originOf, TokenReply, tokenReplyOf } from '../auth/index.ts';
import { OidcBegun, OidcCallbackQuery, OidcEnrol, OidcProvider } from './oidc.schema.ts';
import type { OidcService } from './oidc.service.ts';

const tags = ['auth'];
const open = { public: true, idempotency: false, dryRun: false } as const;
const LOGIN = '/auth/oidc/login';

export const oidcRoutes: FastifyPluginAsyncTypebox<{ readonly oidc: OidcService }> = async (app, { oidc }) => {
  app.addHook('onSend', async (_request, reply) => void reply.header('cache-control', 'no-store'));
  const tokenOf = tokenReplyOf(app);

  app.get(
    '/auth/oidc',
    {
      config: open,
      schema: {
        operationId: 'getIdentityProvider',
        summary: 'Which identity provider people sign in with besides passwords',
        tags,
        response: { 200: ref(OidcProvider), ...problems(429, 503) },
      },
    },
    async () => ({ name: oidc.name, login_path: oidc.name === null ? null : BASE_PATH + LOGIN }),
  );

  app.get(
    LOGIN,
    {
      config: open,
      exposeHeadRoute: false,
      schema: {
        operationId: 'beginOidcSignIn',
        summary: 'Send the browser to the identity provider; a cookie binds the sign-in to it for 10 minutes',
        tags,
        response: { 302: Type.Null({ description: 'To the identity provider' }), ...problems(404, 429, 503) },
      },
    },
    async (request, reply) => {
      const { url, cookie } = await oidc.begin(originOf(request));
      return reply.header('set-cookie', cookie).redirect(url, 302) as never;
    },
  );

  app.get(
    '/auth/oidc/callback',
    {
      config: open,
      exposeHeadRoute: false,
      schema: {
        operationId: 'completeOidcSignIn',
        summary: 'What the identity provider sends the browser back with; the reply is a sign-in of 12 hours',
        tags,
        querystring: OidcCallbackQuery,
        response: { 200: ref(TokenReply), ...problems(400, 401, 403, 404, 409, 429, 503) },
      },
    },
    async (request, reply) => {
      reply.header('set-cookie', oidc.cleared());
      const query = new URL(request.url, 'http://callback.invalid').searchParams;
      return tokenOf(await oidc.complete({ query, cookies: request.headers.cookie }, originOf(request)));
    },
  );

  app.post(
    '/auth/oidc/enrol',
    {
      config: open,
      schema: {
        operationId: 'beginOidcEnrolment',
        summary: 'Take an invitation with an account at the identity provider in place of a password',
        tags,
        body: ref(OidcEnrol),
        response: { 200: ref(OidcBegun), ...problems(400, 401, 404, 413, 415, 429, 503) },
      },
    },
    async (request, reply) => {
      const { url, cookie } = await oidc.beginByInvitation(request.body.token, originOf(request));
      reply.header('set-cookie', cookie);
      return { authorization_url: url };
    },
  );
};
