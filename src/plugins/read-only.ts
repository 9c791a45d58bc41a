/** A service in a standby Region, or after a restore until it is opened, reads and takes no command. */
import fp from 'fastify-plugin';

export interface ReadOnlyOptions {
  /** @throws DomainError while commands are refused */
  readonly requireCommands: () => Promise<void>;
  /** Beginnings of paths that stay open: signing in, and the way out. */
  readonly except: readonly string[];
}

export const readOnlyPlugin = fp<ReadOnlyOptions>(
  async (app, { requireCommands, except }) => {
    app.addHook('onRequest', async (request) => {
      const { url = '' } = request.routeOptions;
      if (READS.has(request.method) || !url.startsWith('/api/') || except.some((path) => url.startsWith(path))) return;
      await requireCommands();
    });
  },
  { name: 'read-only', dependencies: ['authorization'] },
);

const READS = new Set(['GET', 'HEAD', 'OPTIONS']);
