/** API keys, as the composition root sees them. */
import type { FastifyPluginAsync } from 'fastify';
import { apiKeyRoutes } from './api-key.routes.ts';
import { ApiKeyPage, ApiKeyReply, ApiKeySummary, CreateApiKey, CreatedApiKey } from './api-key.schema.ts';
import type { ApiKeyService } from './api-key.service.ts';

export { createApiKeyRepository } from './api-key.repository.ts';
export { type ApiKeyService, createApiKeyService } from './api-key.service.ts';

const SCHEMAS = [ApiKeyReply, CreatedApiKey, ApiKeySummary, ApiKeyPage, CreateApiKey];

export const apiKeysModule: FastifyPluginAsync<{ readonly apiKeys: ApiKeyService }> = async (app, options) => {
  for (const schema of SCHEMAS) app.addSchema(schema);
  await app.register(apiKeyRoutes, options);
};
