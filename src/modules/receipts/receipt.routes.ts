/** /receipts, and those of one order: schema, permission, one service call, reply. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { actionRoute } from '../../shared/http/action-route.ts';
import { carryOut, sendEntity } from '../../shared/http/carry-out.ts';
import { pageRequest } from '../../shared/http/paging.ts';
import {
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
  CreateReceipt,
  OrderReceiptQuery,
  ReceiptPage,
  ReceiptQuery,
  ReceiptReply,
  ReturnGoods,
} from './receipt.schema.ts';
import type { ReceiptService } from './receipt.service.ts';

const ReceiptRef = ref(ReceiptReply);
const ofOrder = idParams({ id: 'purchase_order' });
const params = idParams({ id: 'receipt' });
const tags = ['receipts'];

export const receiptRoutes: FastifyPluginAsyncTypebox<{ readonly receipts: ReceiptService }> = async (
  app,
  { receipts },
) => {
  app.post(
    '/purchase-orders/:id/receipts',
    {
      config: { permission: 'receipt:create' },
      schema: {
        operationId: 'createReceipt',
        summary: 'Record a goods receipt for a sent order',
        tags,
        headers: CommandHeaders,
        params: ofOrder,
        querystring: DryRunQuery,
        body: ref(CreateReceipt),
        response: { 201: ReceiptRef, ...CREATE_PROBLEMS },
      },
    },
    (request, reply) =>
      carryOut(request, reply, (command) => receipts.create(command, request.params.id, request.body), {
        status: 201,
        location: ({ id }) => `/receipts/${id}`,
      }),
  );

  app.get(
    '/purchase-orders/:id/receipts',
    {
      config: { permission: 'receipt:read' },
      schema: {
        operationId: 'listReceiptsOfPurchaseOrder',
        summary: 'List the goods receipts of an order',
        tags,
        params: ofOrder,
        querystring: OrderReceiptQuery,
        response: { 200: ref(ReceiptPage), ...READ_PROBLEMS },
      },
    },
    (request) => receipts.listOfOrder(request.params.id, request.query, pageRequest(request)),
  );

  app.get(
    '/receipts',
    {
      config: { permission: 'receipt:read' },
      schema: {
        operationId: 'listReceipts',
        summary: 'List goods receipts',
        tags,
        querystring: ReceiptQuery,
        response: { 200: ref(ReceiptPage), ...LIST_PROBLEMS },
      },
    },
    (request) => receipts.list(request.query, pageRequest(request)),
  );

  app.get(
    '/receipts/:id',
    {
      config: { permission: 'receipt:read' },
      schema: {
        operationId: 'getReceipt',
        summary: 'Read a goods receipt',
        tags,
        params,
        response: { 200: ReceiptRef, ...READ_PROBLEMS },
      },
    },
    async (request, reply) => {
      const receipt = await receipts.get(request.params.id);
      return sendEntity(reply, receipt, receipt);
    },
  );

  actionRoute(app, {
    path: '/receipts/:id/reverse',
    operationId: 'reverseReceipt',
    summary: 'Reverse a goods receipt entered in error, before it is billed',
    tags,
    permission: 'receipt:reverse',
    params,
    body: ReasonBody,
    reply: ReceiptRef,
    run: (command, { id }, { reason }) => receipts.reverse(command, id, reason),
  });

  actionRoute(app, {
    path: '/receipts/:id/return',
    operationId: 'returnGoods',
    summary: 'Return goods to the vendor, also after billing',
    tags,
    permission: 'receipt:return',
    params,
    body: ref(ReturnGoods),
    reply: ReceiptRef,
    run: (command, { id }, body) => receipts.returnGoods(command, id, body),
  });
};
