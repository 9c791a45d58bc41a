/** /vendors/{id}/bank-accounts: each account is proposed by one person and approved by another. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { actionRoute } from '../../shared/http/action-route.ts';
import { carryOut, sendEntity } from '../../shared/http/carry-out.ts';
import { pageRequest } from '../../shared/http/paging.ts';
import {
  CommandHeaders,
  CREATE_PROBLEMS,
  DryRunQuery,
  idParams,
  READ_PROBLEMS,
  ReasonBody,
  ref,
} from '../../shared/http/schemas.ts';
import {
  ApproveBankAccount,
  type BankAccount,
  BankAccountPage,
  BankAccountQuery,
  BankAccountReply,
  ProposeBankAccount,
} from './bank-account.schema.ts';
import { maskedAccount } from './bank-account.ts';
import type { VendorService } from './vendor.service.ts';

const AccountRef = ref(BankAccountReply);
const ofVendor = idParams({ id: 'vendor' });
const params = idParams({ id: 'vendor', account_id: 'bank_account' });
const tags = ['vendors'];

const masked = () => maskedAccount<BankAccount>;

const ACTIONS = [
  { action: 'reject', summary: 'Reject a proposed bank account', body: ReasonBody },
  { action: 'revoke', summary: 'Revoke a bank account: no longer pay to it', body: ReasonBody },
] as const;

export const bankAccountRoutes: FastifyPluginAsyncTypebox<{ readonly vendors: VendorService }> = async (
  app,
  { vendors },
) => {
  app.post(
    '/vendors/:id/bank-accounts',
    {
      config: { permission: 'bank_account:create' },
      schema: {
        operationId: 'proposeBankAccount',
        summary: "Propose a vendor's bank account",
        tags,
        headers: CommandHeaders,
        params: ofVendor,
        querystring: DryRunQuery,
        body: ref(ProposeBankAccount),
        response: { 201: AccountRef, ...CREATE_PROBLEMS },
      },
    },
    (request, reply) =>
      carryOut(request, reply, (command) => vendors.proposeAccount(command, request.params.id, request.body), {
        status: 201,
        location: ({ id, vendor_id }) => `/vendors/${vendor_id}/bank-accounts/${id}`,
        present: masked(),
      }),
  );

  app.get(
    '/vendors/:id/bank-accounts',
    {
      config: { permission: 'vendor:read' },
      schema: {
        operationId: 'listBankAccounts',
        summary: "List a vendor's bank accounts, masked",
        tags,
        params: ofVendor,
        querystring: BankAccountQuery,
        response: { 200: ref(BankAccountPage), ...READ_PROBLEMS },
      },
    },
    (request) => vendors.listAccounts(request.params.id, request.query, pageRequest(request)),
  );

  app.get(
    '/vendors/:id/bank-accounts/:account_id',
    {
      config: { permission: 'vendor:read' },
      schema: {
        operationId: 'getBankAccount',
        summary: 'Read a bank account',
        tags,
        params,
        response: { 200: AccountRef, ...READ_PROBLEMS },
      },
    },
    async (request, reply) => {
      const account = await vendors.getAccount(request.params.id, request.params.account_id);
      return sendEntity(reply, account, maskedAccount(account));
    },
  );

  actionRoute(app, {
    path: '/vendors/:id/bank-accounts/:account_id/approve',
    operationId: 'approveBankAccount',
    summary: 'Approve a bank account that another person proposed, with its number from an independent source',
    tags,
    permission: 'bank_account:approve',
    params,
    body: ref(ApproveBankAccount),
    ifMatch: 'required',
    // Tried dry, a wrong number would not be counted.
    dryRun: false,
    reply: AccountRef,
    present: masked,
    run: (command, { id, account_id }, body) =>
      vendors.approveAccount(command, { vendorId: id, accountId: account_id }, body),
  });
  actionRoute(app, {
    path: '/vendors/:id/bank-accounts/:account_id/reveal',
    operationId: 'revealBankAccount',
    summary: 'Read an account with its whole number; who, when and why is on record',
    tags,
    permission: 'bank_details:read',
    params,
    body: ReasonBody,
    dryRun: false,
    // Each reading is on record: no reply is kept.
    idempotency: false,
    reply: AccountRef,
    run: (command, { id, account_id }, { reason }) =>
      vendors.revealAccount(command, { vendorId: id, accountId: account_id }, reason),
  });

  for (const { action, summary, body } of ACTIONS)
    actionRoute(app, {
      path: `/vendors/:id/bank-accounts/:account_id/${action}`,
      operationId: `${action}BankAccount`,
      summary,
      tags,
      permission: `bank_account:${action}`,
      params,
      body,
      reply: AccountRef,
      present: masked,
      run: (command, { id, account_id }, { reason }) =>
        vendors.endAccount(command, { vendorId: id, accountId: account_id }, action, reason),
    });
};
