/** The RBAC hook: a route without `config.permission`, `anyone` or `public` does not start; a caller without the permission gets 403. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import { DomainError } from '../shared/errors.ts';
import type { Permission } from '../shared/permissions.ts';

export interface AuthorizationOptions {
  /** Paths of plugins that cannot set a config of their own, such as Swagger UI's files. */
  readonly publicPrefixes?: readonly string[];
  /** Told of every denial; must not fail the request. */
  readonly denied?: (facts: {
    readonly actor_id: string;
    readonly permission: string;
    readonly request_id: string;
    readonly method: string;
    readonly route: string;
  }) => void;
}

export const authorizationPlugin = fp<AuthorizationOptions>(
  async (app: FastifyInstance, options) => {
    app.addHook('onRoute', (route) => {
      if (options.publicPrefixes?.some((prefix) => route.url.startsWith(prefix)))
        route.config = { ...route.config, public: true };
      const config = route.config ?? {};
      if (config.public !== true && config.anyone !== true && permissionsIn(config.permission).length === 0)
        throw new Error(`${String(route.method)} ${route.url} declares neither config.permission nor config.public`);
    });
    app.addHook('onRequest', async (request) => {
      const required = permissionsIn(request.routeOptions.config.permission);
      if (request.actor === null || required.length === 0) return;
      if (required.some((permission) => request.actor?.permissions.has(permission))) return;
      await app.countRequest?.(request);
      const permission = required.join(' or ');
      options.denied?.({
        actor_id: request.actor.id,
        permission,
        request_id: request.id,
        method: request.method,
        route: request.routeOptions.url ?? '',
      });
      throw denial(request, permission);
    });
  },
  { name: 'authorization', dependencies: ['authentication'] },
);

const denial = (request: FastifyRequest, permission: string): DomainError =>
  new DomainError(
    'forbidden',
    'auth.permission-missing',
    `This takes the permission ${permission}; your roles are ${request.actor?.roles.join(', ') || 'none'}.`,
  );

const permissionsIn = (permission: Permission | readonly Permission[] | undefined): readonly Permission[] =>
  permission === undefined ? [] : typeof permission === 'string' ? [permission] : permission;
