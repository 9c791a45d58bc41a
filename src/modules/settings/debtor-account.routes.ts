/** /settings/debtor-accounts: the accounts the company pays from. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { actionRoute } from '../../shared/http/action-route.ts';
import { carryOut, sendEntity } from '../../shared/http/carry-out.ts';
import { pageRequest } from '../../shared/http/paging.ts';
import {
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
  ApproveDebtorAccount,
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

const masked = () => maskedDebtorAccount<DebtorAccount>;

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
        present: masked(),
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
      return sendEntity(reply, account, maskedDebtorAccount(account));
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
        present: masked(),
      }),
  );

  actionRoute(app, {
    path: '/settings/debtor-accounts/:id/approve',
    operationId: 'approveDebtorAccount',
    summary: 'Approve an account, or a change of it, that another admin proposed; its IBAN from an independent source',
    tags,
    permission: 'debtor_account:approve',
    params,
    body: ref(ApproveDebtorAccount),
    ifMatch: 'required',
    // Tried dry, a wrong number would not be counted.
    dryRun: false,
    reply: AccountRef,
    present: masked,
    run: (command, { id }, body) => settings.approveDebtorAccount(command, id, body),
  });
  actionRoute(app, {
    path: '/settings/debtor-accounts/:id/reject',
    operationId: 'rejectDebtorAccount',
    summary: 'Reject an account, or a pending change of it',
    tags,
    permission: 'debtor_account:approve',
    params,
    body: ReasonBody,
    reply: AccountRef,
    present: masked,
    run: (command, { id }, { reason }) => settings.rejectDebtorAccount(command, id, reason),
  });
  actionRoute(app, {
    path: '/settings/debtor-accounts/:id/reveal',
    operationId: 'revealDebtorAccount',
    summary: 'Read an account with its whole IBAN; who, when and why is on record',
    tags,
    permission: 'bank_details:read',
    params,
    body: ReasonBody,
    dryRun: false,
    // Each reading is on record: no reply is kept.
    idempotency: false,
    reply: AccountRef,
    run: (command, { id }, { reason }) => settings.revealDebtorAccount(command, id, reason),
  });
};
