/** /vendors: schema, permission, one service call, reply. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from '@sinclair/typebox';
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
import { CreateVendor, UpdateVendor, VendorPage, VendorQuery, VendorReply } from './vendor.schema.ts';
import type { VendorService } from './vendor.service.ts';

const VendorRef = ref(VendorReply);
const params = idParams({ id: 'vendor' });
const tags = ['vendors'];

const ACTIONS = [
  {
    action: 'approve',
    summary: 'Approve a vendor, or a change of it, that another person proposed',
    body: ActionBody,
    ifMatch: 'required',
  },
  { action: 'reject', summary: 'Reject or withdraw a pending change of a vendor', body: ReasonBody },
  { action: 'hold', summary: 'Hold a vendor: stop payments to it', body: ReasonBody },
  { action: 'release', summary: 'Release a hold on a vendor', body: ActionBody },
  { action: 'block', summary: 'Block a vendor: no new orders and no payments', body: ReasonBody },
  { action: 'unblock', summary: 'Unblock a vendor', body: ActionBody },
  { action: 'archive', summary: 'Archive a vendor', body: ActionBody },
  { action: 'unarchive', summary: 'Restore an archived vendor to its former status', body: ActionBody },
] as const;

export const vendorRoutes: FastifyPluginAsyncTypebox<{ readonly vendors: VendorService }> = async (
  app,
  { vendors },
) => {
  app.post(
    '/vendors',
    {
      config: { permission: 'vendor:create' },
      schema: {
        operationId: 'createVendor',
        summary: 'Propose a vendor',
        tags,
        headers: CommandHeaders,
        body: ref(CreateVendor),
        querystring: DryRunQuery,
        response: { 201: VendorRef, ...CREATE_PROBLEMS },
      },
    },
    (request, reply) =>
      carryOut(request, reply, (command) => vendors.create(command, request.body), {
        status: 201,
        location: ({ id }) => `/vendors/${id}`,
      }),
  );

  app.get(
    '/vendors',
    {
      config: { permission: 'vendor:read' },
      schema: {
        operationId: 'listVendors',
        summary: 'List vendors',
        tags,
        querystring: VendorQuery,
        response: { 200: ref(VendorPage), ...LIST_PROBLEMS },
      },
    },
    (request) => vendors.list(request.query, pageRequest(request)),
  );

  app.get(
    '/vendors/:id',
    {
      config: { permission: 'vendor:read' },
      schema: {
        operationId: 'getVendor',
        summary: 'Read a vendor',
        tags,
        params,
        response: { 200: VendorRef, ...READ_PROBLEMS },
      },
    },
    async (request, reply) => {
      const vendor = await vendors.get(request.params.id);
      return sendEntity(reply, vendor, vendor);
    },
  );

  app.patch(
    '/vendors/:id',
    {
      config: { permission: 'vendor:update', ifMatch: 'required' },
      schema: {
        operationId: 'updateVendor',
        summary: 'Change a vendor that is not archived; of one in use some changes take a second person',
        tags,
        params,
        headers: IfMatchRequiredHeaders,
        querystring: DryRunQuery,
        body: ref(UpdateVendor),
        response: { 200: VendorRef, ...APPROVE_PROBLEMS },
      },
    },
    (request, reply) => carryOut(request, reply, (command) => vendors.update(command, request.params.id, request.body)),
  );

  app.delete(
    '/vendors/:id',
    {
      config: { permission: 'vendor:delete', ifMatch: 'required' },
      schema: {
        operationId: 'deleteVendor',
        summary: 'Delete a vendor that nothing references',
        tags,
        params,
        headers: IfMatchRequiredHeaders,
        querystring: DryRunQuery,
        response: { 204: Type.Null({ description: 'Deleted' }), ...APPROVE_PROBLEMS },
      },
    },
    (request, reply) =>
      carryOut(request, reply, (command) => vendors.remove(command, request.params.id), { status: 204 }),
  );

  for (const { action, summary, body, ...rest } of ACTIONS)
    actionRoute(app, {
      path: `/vendors/:id/${action}`,
      operationId: `${action}Vendor`,
      summary,
      tags,
      permission: `vendor:${action === 'reject' ? 'approve' : action}`,
      params,
      body,
      ...rest,
      reply: VendorRef,
      run: (command, { id }, { reason }) => vendors.act(command, id, action, reason),
    });
};
