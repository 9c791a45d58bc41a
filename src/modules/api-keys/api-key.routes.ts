/** /api-keys: keys for machines. A creation is never replayed: its reply has the secret. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { actionRoute } from '../../shared/http/action-route.ts';
import { actorOf, carryOut, sendEntity } from '../../shared/http/carry-out.ts';
import { pageRequest } from '../../shared/http/paging.ts';
import {
  ActionBody,
  CREATE_PROBLEMS,
  DryRunQuery,
  idParams,
  LIST_PROBLEMS,
  READ_PROBLEMS,
  ReasonBody,
  ref,
} from '../../shared/http/schemas.ts';
import { ApiKeyPage, ApiKeyQuery, ApiKeyReply, CreateApiKey, CreatedApiKey } from './api-key.schema.ts';
import type { ApiKeyService } from './api-key.service.ts';

const KeyRef = ref(ApiKeyReply);
const params = idParams({ id: 'api_key' });
const tags = ['api-keys'];

export const apiKeyRoutes: FastifyPluginAsyncTypebox<{ readonly apiKeys: ApiKeyService }> = async (
  app,
  { apiKeys },
) => {
  app.post(
    '/api-keys',
    {
      config: { permission: 'api_key:create', idempotency: false },
      schema: {
        operationId: 'createApiKey',
        summary: 'Create an API key; its secret is shown once, in the reply',
        tags,
        querystring: DryRunQuery,
        body: ref(CreateApiKey),
        response: { 201: ref(CreatedApiKey), ...CREATE_PROBLEMS },
      },
    },
    (request, reply) => {
      reply.header('cache-control', 'no-store');
      return carryOut(request, reply, (command) => apiKeys.create(command, request.body), {
        status: 201,
        location: ({ id }) => `/api-keys/${id}`,
      });
    },
  );

  app.get(
    '/api-keys',
    {
      config: { permission: 'api_key:read' },
      schema: {
        operationId: 'listApiKeys',
        summary: 'List API keys, without their secrets',
        tags,
        querystring: ApiKeyQuery,
        response: { 200: ref(ApiKeyPage), ...LIST_PROBLEMS },
      },
    },
    (request) => apiKeys.list(request.query, pageRequest(request)),
  );

  app.get(
    '/api-keys/:id',
    {
      config: { permission: 'api_key:read' },
      schema: {
        operationId: 'getApiKey',
        summary: 'Read an API key, without its secret',
        tags,
        params,
        response: { 200: KeyRef, ...READ_PROBLEMS },
      },
    },
    async (request, reply) => {
      const key = await apiKeys.shown(request.params.id);
      return sendEntity(reply, key, key);
    },
  );

  app.get(
    '/me/api-keys',
    {
      config: { anyone: true },
      schema: {
        operationId: 'listOwnApiKeys',
        summary: 'List the API keys that act in your name',
        tags,
        querystring: ApiKeyQuery,
        response: { 200: ref(ApiKeyPage), ...LIST_PROBLEMS },
      },
    },
    (request) => apiKeys.listOwn(actorOf(request), request.query, pageRequest(request)),
  );

  actionRoute(app, {
    path: '/me/api-keys/:id/consent',
    operationId: 'consentToApiKey',
    summary: 'Consent to an API key in your name',
    tags,
    permission: 'anyone',
    params,
    body: ActionBody,
    ifMatch: 'required',
    reply: KeyRef,
    run: (command, { id }, { reason }) => apiKeys.actOnOwn(command, id, 'consent', reason),
  });
  actionRoute(app, {
    path: '/me/api-keys/:id/revoke',
    operationId: 'revokeOwnApiKey',
    summary: 'Revoke an API key in your name',
    tags,
    permission: 'anyone',
    params,
    body: ReasonBody,
    reply: KeyRef,
    run: (command, { id }, { reason }) => apiKeys.actOnOwn(command, id, 'revoke', reason),
  });
  actionRoute(app, {
    path: '/api-keys/:id/approve',
    operationId: 'approveApiKey',
    summary: 'Approve an API key that another admin created',
    tags,
    permission: 'api_key:approve',
    params,
    body: ActionBody,
    ifMatch: 'required',
    reply: KeyRef,
    run: (command, { id }, { reason }) => apiKeys.act(command, id, 'approve', reason),
  });
  actionRoute(app, {
    path: '/api-keys/:id/revoke',
    operationId: 'revokeApiKey',
    summary: 'Revoke an API key',
    tags,
    permission: 'api_key:revoke',
    params,
    body: ReasonBody,
    reply: KeyRef,
    run: (command, { id }, { reason }) => apiKeys.act(command, id, 'revoke', reason),
  });
};
