/** `POST .../{id}/<action>`: every action has the same shape, so it is registered from a description of what is its own. */
import type { Static, TSchema } from '@sinclair/typebox';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Command } from '../command.ts';
import type { Permission } from '../permissions.ts';
import { carryOut } from './carry-out.ts';
import { ACTION_PROBLEMS, APPROVE_PROBLEMS, DryRunQuery, IfMatchHeaders, IfMatchRequiredHeaders } from './schemas.ts';

export interface ActionRoute<Params extends TSchema, Body extends TSchema, Result> {
  /** Under the base path, with the action's name: `/vendors/:id/approve`. */
  readonly path: string;
  readonly operationId: string;
  readonly summary: string;
  readonly tags: readonly string[];
  /** `anyone`: whoever is signed in; the service says whose it is. */
  readonly permission: Permission | readonly Permission[] | 'anyone';
  readonly params: Params;
  /** `ActionBody` (an optional reason), `ReasonBody` (a required one) or a body of its own. */
  readonly body: Body;
  /** Required on every approve: a person approves the version they saw. */
  readonly ifMatch?: 'required' | 'optional';
  readonly dryRun?: false;
  /** False where the reply must not be kept: it takes no Idempotency-Key. */
  readonly idempotency?: false;
  /** Schema of the 200. */
  readonly reply: TSchema;
  readonly run: (command: Command, params: Static<Params>, body: Static<Body>) => Promise<Result>;
  /** What of the result this caller is shown. */
  readonly present?: (request: FastifyRequest) => (result: Result) => unknown;
}

export function actionRoute<Params extends TSchema, Body extends TSchema, Result>(
  app: FastifyInstance,
  route: ActionRoute<Params, Body, Result>,
): void {
  const ifMatch = route.ifMatch ?? 'optional';
  app.post(
    route.path,
    {
      config: {
        ...(route.permission === 'anyone' ? { anyone: true } : { permission: route.permission }),
        ifMatch,
        ...(route.dryRun === false ? { dryRun: false } : {}),
        ...(route.idempotency === false ? { idempotency: false } : {}),
      },
      schema: {
        operationId: route.operationId,
        summary: route.summary,
        tags: [...route.tags],
        params: route.params,
        ...(route.idempotency === false
          ? {}
          : { headers: ifMatch === 'required' ? IfMatchRequiredHeaders : IfMatchHeaders }),
        ...(route.dryRun === false ? {} : { querystring: DryRunQuery }),
        body: route.body,
        response: { 200: route.reply, ...(ifMatch === 'required' ? APPROVE_PROBLEMS : ACTION_PROBLEMS) },
      },
    },
    (request, reply) =>
      carryOut(
        request,
        reply,
        (command) => route.run(command, request.params as Static<Params>, request.body as Static<Body>),
        { status: 200, ...(route.present === undefined ? {} : { present: route.present(request) }) },
      ),
  );
}
