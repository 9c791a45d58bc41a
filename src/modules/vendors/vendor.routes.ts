/** /vendors: schema, permission, one service call, reply. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from '@sinclair/typebox';
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
  LIST_PROBLEMS,
  READ_PROBLEMS,
  ReasonBody,
  ref,
} from '../../shared/http/schemas.ts';
import type { Permission } from '../../shared/permissions.ts';
import { CreateVendor, UpdateVendor, VendorPage, VendorQuery, VendorReply } from './vendor.schema.ts';
import type { VendorService } from './vendor.service.ts';
import type { VendorAction } from './vendor.ts';

const VendorRef = ref(VendorReply);
const params = idParams({ id: 'vendor' });
const tags = ['vendors'];

interface ActionRoute {
  readonly action: VendorAction;
  readonly summary: string;
  readonly reason?: 'required';
}

const ACTIONS: readonly ActionRoute[] = [
  { action: 'hold', summary: 'Stop payments to a vendor', reason: 'required' },
  { action: 'release', summary: 'Let payments to a vendor go on' },
  { action: 'block', summary: 'No new orders and no payments', reason: 'required' },
  { action: 'unblock', summary: 'Take a block away' },
  { action: 'archive', summary: 'Put a vendor away' },
  { action: 'unarchive', summary: 'Bring a vendor back as it was' },
];

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
        summary: 'Change a vendor that is not archived',
        tags,
        params,
        headers: IfMatchHeaders,
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
        summary: 'Delete a vendor that nothing refers to',
        tags,
        params,
        headers: IfMatchHeaders,
        querystring: DryRunQuery,
        response: { 204: Type.Null({ description: 'Deleted' }), ...APPROVE_PROBLEMS },
      },
    },
    (request, reply) =>
      carryOut(request, reply, (command) => vendors.remove(command, request.params.id), { status: 204 }),
  );

  app.post(
    '/vendors/:id/approve',
    {
      config: { permission: 'vendor:approve', ifMatch: 'required' },
      schema: {
        operationId: 'approveVendor',
        summary: 'Approve a vendor that somebody else proposed',
        tags,
        params,
        headers: IfMatchHeaders,
        querystring: DryRunQuery,
        body: ActionBody,
        response: { 200: VendorRef, ...APPROVE_PROBLEMS },
      },
    },
    (request, reply) =>
      carryOut(request, reply, (command) => vendors.act(command, request.params.id, 'approve', request.body.reason)),
  );

  for (const { action, summary, reason } of ACTIONS) {
    const permission: Permission = `vendor:${action}` as const;
    app.post(
      `/vendors/:id/${action}`,
      {
        config: { permission, ifMatch: 'optional' },
        schema: {
          operationId: `${action}Vendor`,
          summary,
          tags,
          params,
          headers: IfMatchHeaders,
          querystring: DryRunQuery,
          body: reason === 'required' ? ReasonBody : ActionBody,
          response: { 200: VendorRef, ...ACTION_PROBLEMS },
        },
      },
      (request, reply) =>
        carryOut(request, reply, (command) =>
          vendors.act(
            command,
            (request.params as { id: string }).id,
            action,
            (request.body as { reason?: string }).reason,
          ),
        ),
    );
  }
};
