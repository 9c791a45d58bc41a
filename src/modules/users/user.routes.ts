/** /users: people, their roles, and what ends their sign-ins. */
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
import { CreateUser, InvitedUser, UpdateUser, UserPage, UserQuery, UserReply } from './user.schema.ts';
import type { UserService } from './user.service.ts';

const UserRef = ref(UserReply);
const params = idParams({ id: 'user' });
const tags = ['users'];

const ACTIONS = [
  {
    action: 'disable',
    summary: 'Disable a user and end all sign-ins; in production a second admin approves it for an administrator',
    body: ActionBody,
  },
  {
    action: 'enable',
    summary: 'Enable a disabled user; in production a second admin approves it for guarded roles',
    body: ActionBody,
  },
  {
    action: 'approve',
    summary: 'Approve a change of a user that another admin proposed',
    body: ActionBody,
    ifMatch: 'required',
  },
  { action: 'reject', summary: 'Reject a proposed change of a user', body: ReasonBody },
  {
    action: 'confirm',
    summary:
      'Confirm a password reset as a second admin, or in place of one where none is left: the person decides again',
    body: ActionBody,
    ifMatch: 'required',
  },
] as const;

export const userRoutes: FastifyPluginAsyncTypebox<{ readonly users: UserService }> = async (app, { users }) => {
  app.post(
    '/users',
    {
      config: { permission: 'user:create' },
      schema: {
        operationId: 'createUser',
        summary: 'Invite a user; in production a second admin approves guarded roles',
        tags,
        headers: CommandHeaders,
        querystring: DryRunQuery,
        body: ref(CreateUser),
        response: { 201: ref(InvitedUser), ...CREATE_PROBLEMS },
      },
    },
    (request, reply) =>
      carryOut(request, reply, (command) => users.create(command, request.body), {
        status: 201,
        location: ({ id }) => `/users/${id}`,
      }),
  );

  app.get(
    '/users',
    {
      config: { permission: 'user:read' },
      schema: {
        operationId: 'listUsers',
        summary: 'List users',
        tags,
        querystring: UserQuery,
        response: { 200: ref(UserPage), ...LIST_PROBLEMS },
      },
    },
    (request) => users.list(request.query, pageRequest(request)),
  );

  app.get(
    '/users/:id',
    {
      config: { permission: 'user:read' },
      schema: {
        operationId: 'getUser',
        summary: 'Read a user',
        tags,
        params,
        response: { 200: UserRef, ...READ_PROBLEMS },
      },
    },
    async (request, reply) => {
      const user = await users.get(request.params.id);
      return sendEntity(reply, user, user);
    },
  );

  app.patch(
    '/users/:id',
    {
      config: { permission: 'user:update', ifMatch: 'required' },
      schema: {
        operationId: 'updateUser',
        summary: "Change a user's name, roles or approval limit; a change of roles ends earlier sign-ins",
        tags,
        params,
        headers: IfMatchRequiredHeaders,
        querystring: DryRunQuery,
        body: ref(UpdateUser),
        response: { 200: UserRef, ...APPROVE_PROBLEMS },
      },
    },
    (request, reply) => carryOut(request, reply, (command) => users.update(command, request.params.id, request.body)),
  );

  actionRoute(app, {
    path: '/users/:id/reset-password',
    operationId: 'resetPassword',
    summary: "Reset another user's password by a link; in production a second admin confirms it",
    tags,
    permission: 'user:reset_password',
    params,
    body: ActionBody,
    reply: ref(InvitedUser),
    run: (command, { id }, { reason }) => users.resetPassword(command, id, reason),
  });

  actionRoute(app, {
    path: '/users/:id/unlink-identity',
    operationId: 'unlinkIdentity',
    summary:
      "End a user's sign-in through the identity provider; in production guarded roles rest until it is confirmed",
    tags,
    permission: 'user:reset_password',
    params,
    body: ReasonBody,
    reply: UserRef,
    run: (command, { id }, { reason }) => users.unlink(command, id, reason),
  });

  for (const { action, summary, body, ...rest } of ACTIONS)
    actionRoute(app, {
      path: `/users/:id/${action}`,
      operationId: `${action}User`,
      summary,
      tags,
      permission: action === 'approve' || action === 'reject' ? 'user:approve' : `user:${action}`,
      params,
      body,
      ...rest,
      reply: UserRef,
      run: (command, { id }, { reason }) => users.act(command, id, action, reason),
    });
};
