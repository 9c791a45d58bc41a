/** From a request to a command, and from its result to the reply: what every state-changing route does alike. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Actor, type Command, idSource, type RenderedReply } from '../command.ts';
import { DomainError } from '../errors.ts';

export interface ReplyShape<T> {
  /** A run that goes on after the reply decides by its result. */
  readonly status: SuccessStatus | ((result: T) => SuccessStatus);
  /** Path of what was created, under the base path. */
  readonly location?: (result: T) => string;
  /** What of the entity goes out; the entity itself where absent. */
  readonly present?: (result: T) => unknown;
}

type SuccessStatus = 200 | 201 | 202 | 204;

/** Prefix of every resource of the contract. */
export const BASE_PATH = '/api/v1';

/** Builds the command, runs it, and sends what it left. Errors go to the error handler. */
export async function carryOut<T>(
  request: FastifyRequest,
  reply: FastifyReply,
  run: (command: Command) => Promise<T>,
  shape: ReplyShape<T> = { status: 200 },
): Promise<never> {
  const rendered = new Map<unknown, RenderedReply>();
  const render = (result: unknown): RenderedReply => {
    const known = rendered.get(result);
    if (known !== undefined) return known;
    const made = renderReply(reply, shape, result as T);
    rendered.set(result, made);
    return made;
  };
  const command = commandOf(request, render);
  const result = await run(command);
  const { status, headers, body } = render(result);
  reply.code(status).headers(headers);
  if (command.dryRun) {
    reply.removeHeader('location').header('dry-run', 'true');
    return sent(reply.type(JSON_TYPE).send(withoutIds(body, command.ids.made())));
  }
  return sent(status === 204 ? reply.send() : reply.type(JSON_TYPE).send(body));
}

const JSON_TYPE = 'application/json; charset=utf-8';

/** The reply went out as text already; to the route's types there is nothing more to give. */
const sent = (reply: FastifyReply): never => reply as never;

/** Who asks. @throws DomainError 401 on a route that lets anyone in */
export function actorOf({ actor }: FastifyRequest): Actor {
  if (actor === null) throw new DomainError('unauthenticated', 'auth.missing', 'Sign in first.');
  return actor;
}

/** For a GET that leaves a trace, such as a download: nothing to replay, no version to hold it to. */
export const readCommand = (request: FastifyRequest): Command => ({
  actor: actorOf(request),
  now: new Date(),
  request_id: request.id,
  dryRun: false,
  ids: idSource(),
});

function commandOf(request: FastifyRequest, render: (result: unknown) => RenderedReply): Command {
  const { idempotencyClaim } = request;
  return {
    ...readCommand(request),
    dryRun: (request.query as { dry_run?: boolean }).dry_run === true,
    ifMatch: request.ifMatch,
    // Where no reply is kept, what is decided may be less than what the reply tells, such as the tokens of a sign-in.
    render: request.routeOptions.config.idempotency === false ? undefined : render,
    idempotency: idempotencyClaim === null ? undefined : { ...idempotencyClaim, render },
  };
}

function renderReply<T>(reply: FastifyReply, shape: ReplyShape<T>, result: T): RenderedReply {
  const { version } = (result ?? {}) as { version?: number };
  const headers: Record<string, string> = {};
  if (version !== undefined) headers['etag'] = `"${version}"`;
  if (shape.location !== undefined) headers['location'] = BASE_PATH + shape.location(result);
  const status = typeof shape.status === 'function' ? shape.status(result) : shape.status;
  const content = shape.present === undefined ? result : shape.present(result);
  const body = status === 204 ? '' : String(reply.serializeInput(content as Record<string, unknown>, String(status)));
  return { status, headers, body };
}

/** An id of a dry run names nothing: it is null in the reply. */
const withoutIds = (body: string, ids: readonly string[]): string =>
  ids.reduce((text, id) => text.replaceAll(JSON.stringify(id), 'null'), body);

/** Reply of a GET by id: the entity, its ETag. */
export function sendEntity<T extends { readonly version: number }>(
  reply: FastifyReply,
  entity: T,
  content: unknown,
): FastifyReply {
  return reply.header('etag', `"${entity.version}"`).send(content);
}
