/** /settings/company, and what is shipped: the approval policy and the match tolerances. */
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
import { CompanyReply, UpdateCompany } from './company.schema.ts';
import { ApprovalPolicy, MatchTolerances } from './policy.schema.ts';
import type { SettingsService } from './settings.service.ts';

const CompanyRef = ref(CompanyReply);
const tags = ['settings'];

export const settingsRoutes: FastifyPluginAsyncTypebox<{ readonly settings: SettingsService }> = async (
  app,
  { settings },
) => {
  app.get(
    '/settings/company',
    {
      config: { permission: 'settings:read' },
      schema: {
        operationId: 'getCompany',
        summary: "Read the company's settings; version 0 holds the defaults",
        tags,
        response: { 200: CompanyRef, ...LIST_PROBLEMS },
      },
    },
    async (_request, reply) => {
      const company = await settings.company();
      return sendEntity(reply, company, company);
    },
  );

  app.patch(
    '/settings/company',
    {
      config: { permission: 'settings:update', ifMatch: 'required' },
      schema: {
        operationId: 'updateCompany',
        summary: "Change the company's settings; in production a second admin approves it",
        tags,
        headers: IfMatchRequiredHeaders,
        querystring: DryRunQuery,
        body: ref(UpdateCompany),
        response: { 200: CompanyRef, ...APPROVE_PROBLEMS },
      },
    },
    (request, reply) => carryOut(request, reply, (command) => settings.updateCompany(command, request.body)),
  );

  const action = { tags, permission: 'settings:approve', params: Strict({}), reply: CompanyRef } as const;
  actionRoute(app, {
    ...action,
    path: '/settings/company/approve',
    operationId: 'approveCompany',
    summary: 'Approve the change of the settings that another admin proposed',
    body: ActionBody,
    ifMatch: 'required',
    run: (command, _params, { reason }) => settings.decideCompany(command, 'approve', reason),
  });
  actionRoute(app, {
    ...action,
    path: '/settings/company/reject',
    operationId: 'rejectCompany',
    summary: 'Reject the pending change of the settings',
    body: ReasonBody,
    run: (command, _params, { reason }) => settings.decideCompany(command, 'reject', reason),
  });

  app.get(
    '/settings/approval-policy',
    {
      config: { permission: 'settings:read' },
      schema: {
        operationId: 'getApprovalPolicy',
        summary: 'Read the approval policy',
        tags,
        response: { 200: ref(ApprovalPolicy), ...LIST_PROBLEMS },
      },
    },
    async () => settings.approvalPolicy(),
  );

  app.get(
    '/settings/match-tolerances',
    {
      config: { permission: 'settings:read' },
      schema: {
        operationId: 'getMatchTolerances',
        summary: 'Read the match tolerances',
        tags,
        response: { 200: ref(MatchTolerances), ...LIST_PROBLEMS },
      },
    },
    async () => settings.matchTolerances(),
  );
};
