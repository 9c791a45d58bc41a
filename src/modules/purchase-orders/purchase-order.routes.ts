/** /purchase-orders: schema, permission, one service call, reply. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
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
  AmendPurchaseOrder,
  CreatePurchaseOrder,
  PurchaseOrderPage,
  PurchaseOrderQuery,
  PurchaseOrderReply,
  UpdatePurchaseOrder,
} from './purchase-order.schema.ts';
import type { PurchaseOrderService } from './purchase-order.service.ts';

const OrderRef = ref(PurchaseOrderReply);
const params = idParams({ id: 'purchase_order' });
const tags = ['purchase orders'];

const ACTIONS = [
  { action: 'submit', summary: 'Submit for approval', body: ActionBody },
  { action: 'recall', summary: 'Recall a submitted order or amendment', body: ActionBody },
  {
    action: 'approve',
    summary: 'Approve an order or an amendment that another person made',
    body: ActionBody,
    ifMatch: 'required',
  },
  { action: 'reject', summary: 'Reject an order or an amendment', body: ReasonBody },
  { action: 'send', summary: 'Record that the approved revision was sent to the vendor', body: ActionBody },
  {
    action: 'cancel',
    summary: 'Cancel an order without receipts and without live invoices',
    body: ReasonBody,
  },
  {
    action: 'close',
    summary: 'Close an order: nothing more is received or billed; `notices` lists the invoices that stay open',
    body: ActionBody,
  },
  { action: 'reopen', summary: 'Reopen an order that another person closed', body: ReasonBody },
] as const;

export const purchaseOrderRoutes: FastifyPluginAsyncTypebox<{
  readonly purchaseOrders: PurchaseOrderService;
}> = async (app, { purchaseOrders }) => {
  app.post(
    '/purchase-orders',
    {
      config: { permission: 'purchase_order:create' },
      schema: {
        operationId: 'createPurchaseOrder',
        summary: 'Draft a purchase order',
        tags,
        headers: CommandHeaders,
        querystring: DryRunQuery,
        body: ref(CreatePurchaseOrder),
        response: { 201: OrderRef, ...CREATE_PROBLEMS },
      },
    },
    (request, reply) =>
      carryOut(request, reply, (command) => purchaseOrders.create(command, request.body), {
        status: 201,
        location: ({ id }) => `/purchase-orders/${id}`,
      }),
  );

  app.get(
    '/purchase-orders',
    {
      config: { permission: 'purchase_order:read' },
      schema: {
        operationId: 'listPurchaseOrders',
        summary: 'List purchase orders',
        tags,
        querystring: PurchaseOrderQuery,
        response: { 200: ref(PurchaseOrderPage), ...LIST_PROBLEMS },
      },
    },
    (request) => purchaseOrders.list(request.query, pageRequest(request)),
  );

  app.get(
    '/purchase-orders/:id',
    {
      config: { permission: 'purchase_order:read' },
      schema: {
        operationId: 'getPurchaseOrder',
        summary: 'Read a purchase order with received and billed quantities per line',
        tags,
        params,
        response: { 200: OrderRef, ...READ_PROBLEMS },
      },
    },
    async (request, reply) => {
      const order = await purchaseOrders.get(request.params.id);
      return sendEntity(reply, order, order);
    },
  );

  app.patch(
    '/purchase-orders/:id',
    {
      config: { permission: 'purchase_order:update', ifMatch: 'required' },
      schema: {
        operationId: 'updatePurchaseOrder',
        summary: 'Change a draft or rejected purchase order; it becomes a draft',
        tags,
        params,
        headers: IfMatchRequiredHeaders,
        querystring: DryRunQuery,
        body: ref(UpdatePurchaseOrder),
        response: { 200: OrderRef, ...APPROVE_PROBLEMS },
      },
    },
    (request, reply) =>
      carryOut(request, reply, (command) => purchaseOrders.update(command, request.params.id, request.body)),
  );

  actionRoute(app, {
    path: '/purchase-orders/:id/amend',
    operationId: 'amendPurchaseOrder',
    summary: 'Propose a new revision of an approved or sent order',
    tags,
    permission: 'purchase_order:amend',
    params,
    body: ref(AmendPurchaseOrder),
    reply: OrderRef,
    run: (command, { id }, body) => purchaseOrders.amend(command, id, body),
  });

  for (const { action, summary, body, ...rest } of ACTIONS)
    actionRoute(app, {
      path: `/purchase-orders/:id/${action}`,
      operationId: `${action}PurchaseOrder`,
      summary,
      tags,
      permission: `purchase_order:${action}`,
      params,
      body,
      ...rest,
      reply: OrderRef,
      run: (command, { id }, { reason }) => purchaseOrders.act(command, id, action, reason),
    });
};
