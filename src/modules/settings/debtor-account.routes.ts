/** /settings/debtor-accounts: the accounts the company pays from. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyRequest } from 'fastify';
import { actionRoute } from '../../shared/http/action-route.ts';
import { carryOut, sendEntity } from '../../shared/http/carry-out.ts';
import { pageRequest } from '../../shared/http/paging.ts';
import {
  ActionBody,
  APPROVE_PROBLEMS,
  CommandHeaders,
  CREATE_PROBLEMS,
  DryRunQuery,
  IfMatchRequiredHeaders,
  idParams,
  LIST_PROBLEMS,
  READ_PROBLEMS,
  ReasonBody,
  ref,
} from '../../shared/http/schemas.ts';
import {
  CreateDebtorAccount,
  type DebtorAccount,
  DebtorAccountPage,
  DebtorAccountQuery,
  DebtorAccountReply,
  UpdateDebtorAccount,
} from './debtor-account.schema.ts';
import { maskedDebtorAccount } from './debtor-account.ts';
import type { SettingsService } from './settings.service.ts';

const AccountRef = ref(DebtorAccountReply);
const params = idParams({ id: 'debtor_account' });
const tags = ['settings'];

/** The full number for who reads bank details, and for who answers for the account. */
const shownTo =
  (request: FastifyRequest) =>
  (account: DebtorAccount): DebtorAccount => {
    const may = request.actor?.permissions;
    return may?.has('bank_details:read') === true || may?.has('debtor_account:update') === true
      ? account
      : maskedDebtorAccount(account);
  };

const ACTIONS = [
  {
    action: 'approve',
    summary: 'Approve an account, or a change of it, that another admin proposed',
    body: ActionBody,
    ifMatch: 'required',
  },
  { action: 'reject', summary: 'Reject an account, or a pending change of it', body: ReasonBody },
] as const;

export const debtorAccountRoutes: FastifyPluginAsyncTypebox<{ readonly settings: SettingsService }> = async (
  app,
  { settings },
) => {
  app.post(
    '/settings/debtor-accounts',
    {
      config: { permission: 'debtor_account:create' },
      schema: {
        operationId: 'createDebtorAccount',
        summary: 'Add an account the company pays from; in production a second admin approves it',
        tags,
        headers: CommandHeaders,
        querystring: DryRunQuery,
        body: ref(CreateDebtorAccount),
        response: { 201: AccountRef, ...CREATE_PROBLEMS },
      },
    },
    (request, reply) =>
      carryOut(request, reply, (command) => settings.createDebtorAccount(command, request.body), {
        status: 201,
        location: ({ id }) => `/settings/debtor-accounts/${id}`,
        present: shownTo(request),
      }),
  );

  app.get(
    '/settings/debtor-accounts',
    {
      config: { permission: 'settings:read' },
      schema: {
        operationId: 'listDebtorAccounts',
        summary: 'List the accounts the company pays from, masked',
        tags,
        querystring: DebtorAccountQuery,
        response: { 200: ref(DebtorAccountPage), ...LIST_PROBLEMS },
      },
    },
    (request) => settings.listDebtorAccounts(request.query, pageRequest(request)),
  );

  app.get(
    '/settings/debtor-accounts/:id',
    {
      config: { permission: 'settings:read' },
      schema: {
        operationId: 'getDebtorAccount',
        summary: 'Read an account the company pays from',
        tags,
        params,
        response: { 200: AccountRef, ...READ_PROBLEMS },
      },
    },
    async (request, reply) => {
      const account = await settings.debtorAccount(request.params.id);
      return sendEntity(reply, account, shownTo(request)(account));
    },
  );

  app.patch(
    '/settings/debtor-accounts/:id',
    {
      config: { permission: 'debtor_account:update', ifMatch: 'required' },
      schema: {
        operationId: 'updateDebtorAccount',
        summary: 'Change, disable or enable an account the company pays from',
        tags,
        params,
        headers: IfMatchRequiredHeaders,
        querystring: DryRunQuery,
        body: ref(UpdateDebtorAccount),
        response: { 200: AccountRef, ...APPROVE_PROBLEMS },
      },
    },
    (request, reply) =>
      carryOut(request, reply, (command) => settings.updateDebtorAccount(command, request.params.id, request.body), {
        status: 200,
        present: shownTo(request),
      }),
  );

  for (const { action, summary, body, ...rest } of ACTIONS)
    actionRoute(app, {
      path: `/settings/debtor-accounts/:id/${action}`,
      operationId: `${action}DebtorAccount`,
      summary,
      tags,
      permission: 'debtor_account:approve',
      params,
      body,
      ...rest,
      reply: AccountRef,
      present: shownTo,
      run: (command, { id }, { reason }) => settings.decideDebtorAccount(command, id, action, reason),
    });
};
