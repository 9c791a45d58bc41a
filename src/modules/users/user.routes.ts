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
import { CreateUser, ResetPassword, UpdateUser, UserPage, UserQuery, UserReply } from './user.schema.ts';
import type { UserService } from './user.service.ts';

const UserRef = ref(UserReply);
const params = idParams({ id: 'user' });
const tags = ['users'];

const ACTIONS = [
  { action: 'disable', summary: 'End all sign-ins of a user and refuse new ones', body: ActionBody },
  { action: 'enable', summary: 'Let a disabled user sign in again', body: ActionBody },
  {
    action: 'approve',
    summary: 'Give the roles that another admin proposed',
    body: ActionBody,
    ifMatch: 'required',
  },
  { action: 'reject', summary: 'Drop the roles that wait', body: ReasonBody },
] as const;

export const userRoutes: FastifyPluginAsyncTypebox<{ readonly users: UserService }> = async (app, { users }) => {
  app.post(
    '/users',
    {
      config: { permission: 'user:create' },
      schema: {
        operationId: 'createUser',
        summary: 'Create a user; in production the password is one-time and approving roles take a second admin',
        tags,
        headers: CommandHeaders,
        querystring: DryRunQuery,
        body: ref(CreateUser),
        response: { 201: UserRef, ...CREATE_PROBLEMS },
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
        summary: "Change a user's name, roles or approval limit; other roles end the sign-ins made before",
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
    summary: "Set another user's password; in production its first use must change it",
    tags,
    permission: 'user:reset_password',
    params,
    body: ref(ResetPassword),
    reply: UserRef,
    run: (command, { id }, { password, reason }) => users.resetPassword(command, id, password, reason),
  });

  for (const { action, summary, body, ...rest } of ACTIONS)
    actionRoute(app, {
      path: `/users/:id/${action}`,
      operationId: `${action}User`,
      summary,
      tags,
      permission: `user:${action === 'reject' ? 'approve' : action}`,
      params,
      body,
      ...rest,
      reply: UserRef,
      run: (command, { id }, { reason }) => users.act(command, id, action, reason),
    });
};
