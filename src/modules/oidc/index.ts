/** Signing in through an outside identity provider, as the composition root sees it. */
import type { FastifyPluginAsync } from 'fastify';
import { TokenReply } from '../auth/index.ts';
import { oidcRoutes } from './oidc.routes.ts';
import { OidcBegun, OidcEnrol, OidcProvider } from './oidc.schema.ts';
import type { OidcService } from './oidc.service.ts';
import type { OidcOptions } from './options.ts';
import type { Provider } from './provider.ts';

export { createOidcService, type OidcService } from './oidc.service.ts';
export type { OidcOptions } from './options.ts';
export { createUsedLoginRepository } from './used-login.repository.ts';

/** Its libraries are loaded only where there is a provider. */
export function createProvider(options: OidcOptions, now?: () => number): Provider {
  const loaded = import('./provider.ts').then(({ createProvider: create }) => create(options, now));
  return {
    authorizationUrl: async (binding) => (await loaded).authorizationUrl(binding),
    claims: async (answer, binding) => (await loaded).claims(answer, binding),
  };
}

export const oidcModule: FastifyPluginAsync<{ readonly oidc: OidcService }> = async (app, options) => {
  for (const schema of [OidcProvider, OidcEnrol, OidcBegun, TokenReply]) app.addSchema(schema);
  await app.register(oidcRoutes, options);
};
