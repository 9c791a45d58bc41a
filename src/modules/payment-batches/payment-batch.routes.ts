/** /payment-batches: schema, permission, one service call, reply. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { actionRoute } from '../../shared/http/action-route.ts';
import { carryOut, sendEntity } from '../../shared/http/carry-out.ts';
import { pageRequest } from '../../shared/http/paging.ts';
import {
  ACTION_PROBLEMS,
  ActionBody,
  CommandHeaders,
  CREATE_PROBLEMS,
  DryRunQuery,
  IfMatchHeaders,
  idParams,
  LIST_PROBLEMS,
  READ_PROBLEMS,
  ReasonBody,
  ref,
} from '../../shared/http/schemas.ts';
import { PaymentPage } from '../payments/index.ts';
import {
  BatchPage,
  BatchQuery,
  BatchReply,
  CancelBatch,
  CreateBatch,
  MemberQuery,
  SendBatch,
  SkipPage,
} from './payment-batch.schema.ts';
import type { BatchService } from './payment-batch.service.ts';

const BatchRef = ref(BatchReply);
const params = idParams({ id: 'payment_batch' });
const tags = ['payment batches'];

export const batchRoutes: FastifyPluginAsyncTypebox<{ readonly paymentBatches: BatchService }> = async (
  app,
  { paymentBatches: batches },
) => {
  app.post(
    '/payment-batches',
    {
      config: { permission: 'payment_batch:create' },
      schema: {
        operationId: 'createPaymentBatch',
        summary: 'Create a payment batch; with more than 20 candidates it is built in the background',
        tags,
        headers: CommandHeaders,
        body: ref(CreateBatch),
        querystring: DryRunQuery,
        response: { 201: BatchRef, 202: BatchRef, ...CREATE_PROBLEMS },
      },
    },
    (request, reply) =>
      carryOut(request, reply, (command) => batches.create(command, request.body), {
        status: ({ status }) => (status === 'building' ? 202 : 201),
        location: ({ id }) => `/payment-batches/${id}`,
      }),
  );

  app.get(
    '/payment-batches',
    {
      config: { permission: 'payment_batch:read' },
      schema: {
        operationId: 'listPaymentBatches',
        summary: 'List batches',
        tags,
        querystring: BatchQuery,
        response: { 200: ref(BatchPage), ...LIST_PROBLEMS },
      },
    },
    (request) => batches.list(request.query, pageRequest(request)),
  );

  app.get(
    '/payment-batches/:id',
    {
      config: { permission: 'payment_batch:read' },
      schema: {
        operationId: 'getPaymentBatch',
        summary: 'Read a payment batch with its first payments',
        tags,
        params,
        response: { 200: BatchRef, ...READ_PROBLEMS },
      },
    },
    async (request, reply) => {
      const batch = await batches.get(request.params.id);
      return sendEntity(reply, batch, batch);
    },
  );

  app.get(
    '/payment-batches/:id/payments',
    {
      config: { permission: 'payment_batch:read' },
      schema: {
        operationId: 'listPaymentBatchPayments',
        summary: 'List the payments of a batch',
        tags,
        params,
        querystring: MemberQuery,
        response: { 200: ref(PaymentPage), ...READ_PROBLEMS },
      },
    },
    (request) => batches.listMembers(request.params.id, pageRequest(request)),
  );

  app.get(
    '/payment-batches/:id/skipped',
    {
      config: { permission: 'payment_batch:read' },
      schema: {
        operationId: 'listPaymentBatchSkipped',
        summary: 'List what a batch skipped, with the reasons',
        tags,
        params,
        querystring: MemberQuery,
        response: { 200: ref(SkipPage), ...READ_PROBLEMS },
      },
    },
    (request) => batches.listSkipped(request.params.id, pageRequest(request)),
  );

  app.post(
    '/payment-batches/:id/generate',
    {
      config: { permission: 'payment_batch:generate', ifMatch: 'optional', dryRun: false },
      schema: {
        operationId: 'generatePaymentBatch',
        summary: 'Generate the bank files; for a large batch in the background',
        tags,
        params,
        headers: IfMatchHeaders,
        body: ActionBody,
        response: { 200: BatchRef, 202: BatchRef, ...ACTION_PROBLEMS },
      },
    },
    (request, reply) =>
      carryOut(request, reply, (command) => batches.generate(command, request.params.id), {
        status: ({ status }) => (status === 'generating' ? 202 : 200),
      }),
  );

  const shape = { tags, params, reply: BatchRef } as const;
  actionRoute(app, {
    ...shape,
    path: '/payment-batches/:id/submit',
    operationId: 'submitPaymentBatch',
    summary: 'Submit a batch for approval, with the facts its file will be made from',
    permission: 'payment_batch:submit',
    body: ActionBody,
    run: (command, { id }) => batches.submit(command, id),
  });
  actionRoute(app, {
    ...shape,
    path: '/payment-batches/:id/recall',
    operationId: 'recallPaymentBatch',
    summary: 'Recall a submitted or approved batch to draft, before its file is generated',
    permission: 'payment_batch:recall',
    body: ReasonBody,
    run: (command, { id }, { reason }) => batches.recall(command, id, reason),
  });
  actionRoute(app, {
    ...shape,
    path: '/payment-batches/:id/approve',
    operationId: 'approvePaymentBatch',
    summary: 'Approve a batch that another person made',
    permission: 'payment_batch:approve',
    body: ActionBody,
    ifMatch: 'required',
    run: (command, { id }, { reason }) => batches.approve(command, id, reason),
  });
  actionRoute(app, {
    ...shape,
    path: '/payment-batches/:id/reject',
    operationId: 'rejectPaymentBatch',
    summary: 'Reject a batch; its payments are free for another batch',
    permission: 'payment_batch:reject',
    body: ReasonBody,
    run: (command, { id }, { reason }) => batches.reject(command, id, reason),
  });
  actionRoute(app, {
    ...shape,
    path: '/payment-batches/:id/send',
    operationId: 'sendPaymentBatch',
    summary: 'Record that the file was sent to the bank',
    permission: 'payment_batch:send',
    body: ref(SendBatch),
    run: (command, { id }, body) => batches.send(command, id, body),
  });
  actionRoute(app, {
    ...shape,
    path: '/payment-batches/:id/cancel',
    operationId: 'cancelPaymentBatch',
    summary: 'Cancel a batch that the bank never received',
    permission: 'payment_batch:cancel',
    body: ref(CancelBatch),
    run: (command, { id }, body) => batches.cancel(command, id, body),
  });
};
