/** /payments: schema, permission, one service call, reply. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { maskAccountNumber, maskIban } from '../../shared/bank-account-number.ts';
import { actionRoute } from '../../shared/http/action-route.ts';
import { carryOut, sendEntity } from '../../shared/http/carry-out.ts';
import { pageRequest } from '../../shared/http/paging.ts';
import {
  ActionBody,
  CommandHeaders,
  CREATE_PROBLEMS,
  DryRunQuery,
  idParams,
  LIST_PROBLEMS,
  READ_PROBLEMS,
  ReasonBody,
  ref,
} from '../../shared/http/schemas.ts';
import {
  BankReason,
  CreatePayment,
  type Payment,
  PaymentPage,
  PaymentQuery,
  PaymentReply,
  SettlePayment,
} from './payment.schema.ts';
import type { PaymentService } from './payment.service.ts';

const PaymentRef = ref(PaymentReply);
const params = idParams({ id: 'payment' });
const tags = ['payments'];

/** What every reply but that of `reveal` shows. */
export function maskedPayment(payment: Payment): Payment {
  const { iban, account_number, ...rest } = payment.creditor;
  const masked = {
    iban: iban === null ? null : maskIban(iban),
    account_number: account_number === null ? null : maskAccountNumber(account_number),
  };
  return { ...payment, creditor: { ...rest, ...masked } };
}

const ACTIONS = [
  { action: 'approve', summary: 'Approve a payment that another person made', body: ActionBody, ifMatch: 'required' },
  { action: 'reject', summary: 'Reject a payment; the invoice can be paid again', body: ReasonBody },
  { action: 'hold', summary: 'Hold a payment: keep it out of bank files', body: ReasonBody },
  { action: 'release', summary: 'Release a held payment', body: ActionBody },
  { action: 'cancel', summary: 'Cancel a payment that is in no bank file', body: ReasonBody },
  { action: 'void', summary: 'Void a payment that the bank refused or returned', body: ActionBody },
  { action: 'settle', summary: 'Record that the bank booked a payment', body: ref(SettlePayment) },
  { action: 'fail', summary: 'Record that the bank refused a payment', body: ref(BankReason) },
  { action: 'return', summary: 'Record that the bank returned a payment', body: ref(BankReason) },
  {
    action: 'correct',
    summary: 'Correct the last bank answer recorded; the payment returns to its former status',
    body: ReasonBody,
  },
] as const;

export const paymentRoutes: FastifyPluginAsyncTypebox<{ readonly payments: PaymentService }> = async (
  app,
  { payments },
) => {
  app.post(
    '/payments',
    {
      config: { permission: 'payment:create' },
      schema: {
        operationId: 'createPayment',
        summary: 'Create a payment for an approved invoice',
        tags,
        headers: CommandHeaders,
        body: ref(CreatePayment),
        querystring: DryRunQuery,
        response: { 201: PaymentRef, ...CREATE_PROBLEMS },
      },
    },
    (request, reply) =>
      carryOut(request, reply, (command) => payments.create(command, request.body), {
        status: 201,
        location: ({ id }) => `/payments/${id}`,
        present: maskedPayment,
      }),
  );

  app.get(
    '/payments',
    {
      config: { permission: 'payment:read' },
      schema: {
        operationId: 'listPayments',
        summary: 'List payments',
        tags,
        querystring: PaymentQuery,
        response: { 200: ref(PaymentPage), ...LIST_PROBLEMS },
      },
    },
    (request) => payments.list(request.query, pageRequest(request)),
  );

  app.get(
    '/payments/:id',
    {
      config: { permission: 'payment:read' },
      schema: {
        operationId: 'getPayment',
        summary: 'Read a payment',
        tags,
        params,
        response: { 200: PaymentRef, ...READ_PROBLEMS },
      },
    },
    async (request, reply) => {
      const payment = await payments.get(request.params.id);
      return sendEntity(reply, payment, maskedPayment(payment));
    },
  );

  actionRoute(app, {
    path: '/payments/:id/reveal',
    operationId: 'revealPayment',
    summary: 'Read a payment with the whole account number; who, when and why is on record',
    tags,
    permission: 'bank_details:read',
    params,
    body: ReasonBody,
    dryRun: false,
    // Each reading is on record: no reply is kept.
    idempotency: false,
    reply: PaymentRef,
    run: (command, { id }, { reason }) => payments.reveal(command, id, reason),
  });

  for (const outcome of ['confirm', 'dismiss'] as const)
    actionRoute(app, {
      path: `/payments/:id/${outcome}-failure`,
      operationId: `${outcome}PaymentFailure`,
      summary:
        outcome === 'confirm'
          ? 'Confirm that a payment failed, as Workday reported; the invoice can be paid again'
          : 'Dismiss a failure that Workday reported; the payment stays with the bank',
      tags,
      permission: 'payment:fail',
      params,
      body: ReasonBody,
      reply: PaymentRef,
      present: () => maskedPayment,
      run: (command, { id }, { reason }) => payments.decideFailure(command, id, outcome, reason),
    });

  for (const { action, summary, body, ...rest } of ACTIONS)
    actionRoute(app, {
      path: `/payments/:id/${action}`,
      operationId: `${action}Payment`,
      summary,
      tags,
      permission: `payment:${action}`,
      params,
      body,
      ...rest,
      reply: PaymentRef,
      present: () => maskedPayment,
      run: (command, { id }, body) => payments.act(command, id, action, body),
    });
};
