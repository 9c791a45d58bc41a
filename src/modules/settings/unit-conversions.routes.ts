/** /settings/unit-conversions: schema, permission, one service call, reply. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { actionRoute } from '../../shared/http/action-route.ts';
import { carryOut, sendEntity } from '../../shared/http/carry-out.ts';
import {
  ActionBody,
  APPROVE_PROBLEMS,
  DryRunQuery,
  IfMatchRequiredHeaders,
  LIST_PROBLEMS,
  ReasonBody,
  ref,
  Strict,
} from '../../shared/http/schemas.ts';
import { UnitConversionsReply, UpdateUnitConversions } from './unit-conversions.schema.ts';
import type { UnitConversionService } from './unit-conversions.service.ts';

const Reply = ref(UnitConversionsReply);
const tags = ['settings'];

export const unitConversionRoutes: FastifyPluginAsyncTypebox<{
  readonly unitConversions: UnitConversionService;
}> = async (app, { unitConversions }) => {
  app.get(
    '/settings/unit-conversions',
    {
      config: { permission: 'settings:read' },
      schema: {
        operationId: 'getUnitConversions',
        summary: 'Read the unit conversions; version 0 is an empty list',
        tags,
        response: { 200: Reply, ...LIST_PROBLEMS },
      },
    },
    async (_request, reply) => {
      const list = await unitConversions.get();
      return sendEntity(reply, list, list);
    },
  );

  app.patch(
    '/settings/unit-conversions',
    {
      config: { permission: 'settings:update', ifMatch: 'required' },
      schema: {
        operationId: 'updateUnitConversions',
        summary: 'Replace the list of unit conversions; in production a second admin approves it',
        tags,
        headers: IfMatchRequiredHeaders,
        querystring: DryRunQuery,
        body: ref(UpdateUnitConversions),
        response: { 200: Reply, ...APPROVE_PROBLEMS },
      },
    },
    (request, reply) => carryOut(request, reply, (command) => unitConversions.update(command, request.body)),
  );

  const action = { tags, permission: 'settings:approve', params: Strict({}), reply: Reply } as const;
  actionRoute(app, {
    ...action,
    path: '/settings/unit-conversions/approve',
    operationId: 'approveUnitConversions',
    summary: 'Approve the unit conversions that another admin proposed',
    body: ActionBody,
    ifMatch: 'required',
    run: (command, _params, { reason }) => unitConversions.decide(command, 'approve', reason),
  });
  actionRoute(app, {
    ...action,
    path: '/settings/unit-conversions/reject',
    operationId: 'rejectUnitConversions',
    summary: 'Reject the proposed unit conversions',
    body: ReasonBody,
    run: (command, _params, { reason }) => unitConversions.decide(command, 'reject', reason),
  });
};
