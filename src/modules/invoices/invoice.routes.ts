/** /invoices: schema, permission, one service call, reply. */
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
import { InvoicePage, InvoiceQuery, InvoiceReply } from './invoice.schema.ts';
import type { InvoiceService } from './invoice.service.ts';
import { ApplyCredit, CreateInvoice, ReleaseHold, UnapplyCredit, UpdateInvoice } from './invoice-bodies.schema.ts';
import { MatchReply } from './invoice-match.schema.ts';

const InvoiceRef = ref(InvoiceReply);
const params = idParams({ id: 'invoice' });
const tags = ['invoices'];
const common = { tags, params, reply: InvoiceRef };

const MATCHES = [
  { action: 'match', summary: 'Match an invoice against its order and receipts' },
  { action: 'reconcile', summary: 'Match an invoice (another name for /match)' },
] as const;

const ACTIONS = [
  { action: 'reject', permission: 'invoice:reject', summary: 'Reject an invoice', body: ReasonBody },
  {
    action: 'dispute',
    permission: 'invoice:dispute',
    summary: 'Dispute an invoice with its vendor; meanwhile it reserves no quantity',
    body: ReasonBody,
  },
  {
    action: 'resolve',
    permission: 'invoice:resolve',
    summary: 'Resolve a dispute; the invoice becomes received again',
    body: ActionBody,
  },
  { action: 'void', permission: 'invoice:void', summary: 'Void an invoice', body: ReasonBody },
  {
    action: 'free-number',
    permission: 'invoice:free_number',
    summary: 'Free the number of a rejected or voided invoice for another invoice',
    body: ReasonBody,
  },
] as const;

export const invoiceRoutes: FastifyPluginAsyncTypebox<{ readonly invoices: InvoiceService }> = async (
  app,
  { invoices },
) => {
  app.post(
    '/invoices',
    {
      config: { permission: 'invoice:create' },
      schema: {
        operationId: 'createInvoice',
        summary: "Enter a supplier's invoice or credit note",
        tags,
        headers: CommandHeaders,
        body: ref(CreateInvoice),
        querystring: DryRunQuery,
        response: { 201: InvoiceRef, ...CREATE_PROBLEMS },
      },
    },
    (request, reply) =>
      carryOut(request, reply, (command) => invoices.create(command, request.body), {
        status: 201,
        location: ({ id }) => `/invoices/${id}`,
      }),
  );

  app.get(
    '/invoices',
    {
      config: { permission: 'invoice:read' },
      schema: {
        operationId: 'listInvoices',
        summary: 'List invoices',
        tags,
        querystring: InvoiceQuery,
        response: { 200: ref(InvoicePage), ...LIST_PROBLEMS },
      },
    },
    (request) => invoices.list(request.query, pageRequest(request), new Date()),
  );

  app.get(
    '/invoices/:id',
    {
      config: { permission: 'invoice:read' },
      schema: {
        operationId: 'getInvoice',
        summary: 'Read an invoice',
        tags,
        params,
        response: { 200: InvoiceRef, ...READ_PROBLEMS },
      },
    },
    async (request, reply) => {
      const invoice = await invoices.get(request.params.id, new Date());
      return sendEntity(reply, invoice, invoice);
    },
  );

  app.get(
    '/invoices/:id/match',
    {
      config: { permission: 'invoice:read' },
      schema: {
        operationId: 'getInvoiceMatch',
        summary: 'Read every line of the last match, with the facts it was computed from',
        tags,
        params,
        response: { 200: ref(MatchReply), ...READ_PROBLEMS },
      },
    },
    (request) => invoices.getMatch(request.params.id),
  );

  app.patch(
    '/invoices/:id',
    {
      config: { permission: 'invoice:update', ifMatch: 'required' },
      schema: {
        operationId: 'updateInvoice',
        summary: 'Change an invoice; its status becomes received again',
        tags,
        params,
        headers: IfMatchRequiredHeaders,
        querystring: DryRunQuery,
        body: ref(UpdateInvoice),
        response: { 200: InvoiceRef, ...APPROVE_PROBLEMS },
      },
    },
    (request, reply) =>
      carryOut(request, reply, (command) => invoices.update(command, request.params.id, request.body)),
  );

  for (const { action, summary } of MATCHES)
    actionRoute(app, {
      ...common,
      path: `/invoices/:id/${action}`,
      operationId: `${action}Invoice`,
      summary,
      permission: 'invoice:match',
      body: ActionBody,
      run: (command, { id }, { reason }) => invoices.match(command, id, reason),
    });

  actionRoute(app, {
    ...common,
    path: '/invoices/:id/approve',
    operationId: 'approveInvoice',
    summary: 'Approve the next step of an invoice; an exception is overridden first, with a reason',
    permission: ['invoice:approve', 'invoice:approve_without_po', 'invoice:override'],
    body: ActionBody,
    ifMatch: 'required',
    run: (command, { id }, { reason }) => invoices.approve(command, id, reason),
  });

  for (const { action, permission, summary, body } of ACTIONS)
    actionRoute(app, {
      ...common,
      path: `/invoices/:id/${action}`,
      operationId: `${action === 'free-number' ? 'freeNumberOf' : action}Invoice`,
      summary,
      permission,
      body,
      run: (command, { id }, { reason }) => invoices.act(command, id, action, reason),
    });

  actionRoute(app, {
    ...common,
    path: '/invoices/:id/hold',
    operationId: 'holdInvoice',
    summary: 'Hold an invoice: keep it from being paid',
    permission: 'invoice:hold',
    body: ReasonBody,
    run: (command, { id }, { reason }) => invoices.hold(command, id, reason),
  });

  actionRoute(app, {
    ...common,
    path: '/invoices/:id/release',
    operationId: 'releaseInvoice',
    summary: 'Release one hold of an invoice',
    permission: 'invoice:release',
    body: ref(ReleaseHold),
    run: (command, { id }, { hold_id, reason }) => invoices.release(command, id, hold_id, reason),
  });

  actionRoute(app, {
    ...common,
    path: '/invoices/:id/apply',
    operationId: 'applyCreditNote',
    summary: 'Apply an approved credit note to an invoice',
    permission: 'invoice:apply',
    body: ref(ApplyCredit),
    run: (command, { id }, body) => invoices.apply(command, id, body),
  });

  actionRoute(app, {
    ...common,
    path: '/invoices/:id/unapply',
    operationId: 'unapplyCreditNote',
    summary: 'Reverse the application of a credit note',
    permission: 'invoice:unapply',
    body: ref(UnapplyCredit),
    run: (command, { id }, body) => invoices.unapply(command, id, body),
  });
};
