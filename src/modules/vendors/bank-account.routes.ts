/** /vendors/{id}/bank-accounts: each account is proposed by one person and approved by another. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyRequest } from 'fastify';
import { carryOut, sendEntity } from '../../shared/http/carry-out.ts';
import { pageRequest } from '../../shared/http/paging.ts';
import {
  ACTION_PROBLEMS,
  ActionBody,
  APPROVE_PROBLEMS,
  CREATE_PROBLEMS,
  DryRunQuery,
  IfMatchHeaders,
  idParams,
  READ_PROBLEMS,
  ReasonBody,
  ref,
} from '../../shared/http/schemas.ts';
import {
  type BankAccount,
  BankAccountPage,
  BankAccountQuery,
  BankAccountReply,
  ProposeBankAccount,
} from './bank-account.schema.ts';
import { maskedAccount } from './bank-account.ts';
import type { AccountAction, VendorService } from './vendor.service.ts';

const AccountRef = ref(BankAccountReply);
const ofVendor = idParams({ id: 'vendor' });
const params = idParams({ id: 'vendor', account_id: 'bank_account' });
const tags = ['vendors'];

/** Full numbers only for those who may see them. */
const shownTo =
  (request: FastifyRequest) =>
  (account: BankAccount): BankAccount =>
    request.actor?.permissions.has('bank_details:read') === true ? account : maskedAccount(account);

const ACTIONS: readonly { readonly action: AccountAction; readonly summary: string }[] = [
  { action: 'approve', summary: 'Approve an account that somebody else proposed' },
  { action: 'reject', summary: 'Refuse a proposed account' },
  { action: 'revoke', summary: 'No longer pay to this account' },
];

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
        present: shownTo(request),
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
      return sendEntity(reply, account, shownTo(request)(account));
    },
  );

  for (const { action, summary } of ACTIONS) {
    const approving = action === 'approve';
    app.post(
      `/vendors/:id/bank-accounts/:account_id/${action}`,
      {
        config: { permission: `bank_account:${action}`, ifMatch: approving ? 'required' : 'optional' },
        schema: {
          operationId: `${action}BankAccount`,
          summary,
          tags,
          params,
          headers: IfMatchHeaders,
          querystring: DryRunQuery,
          body: approving ? ActionBody : ReasonBody,
          response: { 200: AccountRef, ...(approving ? APPROVE_PROBLEMS : ACTION_PROBLEMS) },
        },
      },
      (request, reply) =>
        carryOut(
          request,
          reply,
          (command) => {
            const { id, account_id } = request.params as { id: string; account_id: string };
            const { reason } = request.body as { reason?: string };
            return vendors.actOnAccount(command, { vendorId: id, accountId: account_id }, action, reason);
          },
          { status: 200, present: shownTo(request) },
        ),
    );
  }
};
