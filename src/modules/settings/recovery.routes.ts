/** /settings/recovery: what a restore left, and the two steps back. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { actionRoute } from '../../shared/http/action-route.ts';
import { sendEntity } from '../../shared/http/carry-out.ts';
import { LIST_PROBLEMS, ReasonBody, ref, Strict } from '../../shared/http/schemas.ts';
import { RecoveryReply } from './recovery.schema.ts';
import type { RecoveryService } from './recovery.service.ts';

const tags = ['settings'];

export const recoveryRoutes: FastifyPluginAsyncTypebox<{ readonly recovery: RecoveryService }> = async (
  app,
  { recovery },
) => {
  app.get(
    '/settings/recovery',
    {
      config: { permission: 'settings:read' },
      schema: {
        operationId: 'getRecovery',
        summary: 'Read the recovery mode after a restore',
        tags,
        response: { 200: ref(RecoveryReply), ...LIST_PROBLEMS },
      },
    },
    async (_request, reply) => {
      const state = await recovery.get();
      return sendEntity(reply, state, state);
    },
  );

  const action = { tags, params: Strict({}), reply: ref(RecoveryReply), body: ReasonBody, dryRun: false } as const;
  actionRoute(app, {
    ...action,
    path: '/settings/recovery/open',
    permission: 'recovery:open',
    operationId: 'openRecovery',
    summary: 'Accept commands again after a restore; payments stay held',
    run: (command, _params, { reason }) => recovery.open(command, reason),
  });
  actionRoute(app, {
    ...action,
    path: '/settings/recovery/release',
    permission: 'recovery:release',
    operationId: 'releaseRecovery',
    summary: 'Allow batches to be generated and sent again after a restore',
    run: (command, _params, { reason }) => recovery.release(command, reason),
  });
};
