/** The one place where an error becomes a reply: RFC 9457 problem details, with all that is wrong and nothing of the inside. */
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import { ReplayedReply } from '../shared/dynamo/idempotency-record.ts';
import { DomainError, type ErrorItem, type ErrorKind, IntegrityError } from '../shared/errors.ts';
import { validationItems } from './validation-errors.ts';

const STATUS: Readonly<Record<ErrorKind, number>> = {
  malformed: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  stale: 412,
  too_large: 413,
  rule: 422,
  precondition_required: 428,
  too_many_requests: 429,
  unavailable: 503,
};

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  409: 'Conflict',
  412: 'Precondition Failed',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  422: 'Unprocessable Content',
  428: 'Precondition Required',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
};

interface ProblemFacts {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly errors?: readonly ErrorItem[];
  readonly retryAfter?: number | undefined;
}

/** What Fastify itself refuses, in the caller's words. */
const FASTIFY_CODES: Readonly<Record<string, ProblemFacts>> = {
  FST_ERR_CTP_INVALID_JSON_BODY: { status: 400, code: 'request.invalid-json', detail: 'The body is not valid JSON.' },
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: {
    status: 400,
    code: 'request.invalid-length',
    detail: 'The body is not as long as Content-Length says.',
  },
  FST_ERR_CTP_INVALID_MEDIA_TYPE: {
    status: 415,
    code: 'request.unsupported-media-type',
    detail: 'Send the body as application/json.',
  },
};

export const errorHandlerPlugin = fp(
  async (app: FastifyInstance) => {
    app.setErrorHandler((error: FastifyError, request, reply) => {
      if (error instanceof ReplayedReply) return sendReplay(reply, error);
      return sendProblem(request, reply, factsOf(error, request), error);
    });
    app.setNotFoundHandler((request, reply) =>
      sendProblem(request, reply, {
        status: 404,
        code: 'request.no-such-route',
        detail: `There is no ${request.method} ${pathOf(request)}. The OpenAPI document lists every route.`,
      }),
    );
  },
  { name: 'error-handler' },
);

/** For Fastify's `frameworkErrors`: an address so broken that no route, hook or error handler meets it. */
export async function refuseBrokenUrl(
  count: FastifyInstance['countRequest'],
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  const invalid = {
    status: 400,
    code: 'request.invalid-url',
    detail: 'The address is not a valid URL: check its percent signs.',
  };
  const facts = await Promise.resolve(count?.(request)).then(
    () => invalid,
    (error: FastifyError) => factsOf(error, request),
  );
  sendProblem(request, reply, facts);
}

export function sendReplay(reply: FastifyReply, replay: ReplayedReply): FastifyReply {
  return reply
    .code(replay.reply.status)
    .headers({ ...replay.reply.headers, 'idempotency-replayed': 'true' })
    .type('application/json; charset=utf-8')
    .send(replay.reply.body);
}

function factsOf(error: FastifyError, request: FastifyRequest): ProblemFacts {
  if (error instanceof DomainError) {
    const { code, message, errors, retryAfter } = error;
    return { status: STATUS[error.kind], code, detail: message, errors, retryAfter };
  }
  if (error instanceof IntegrityError) return brokenFacts(error, request);
  if (error.validation !== undefined) return validationFacts(error);
  if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE') return tooLarge(request.routeOptions.bodyLimit);
  const known = FASTIFY_CODES[error.code];
  if (known !== undefined) return known;
  if (error.statusCode === 429)
    return {
      status: 429,
      code: 'request.rate-limited',
      detail: 'Too many requests. Wait as long as Retry-After says.',
    };
  if (error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500)
    return { status: error.statusCode, code: 'request.invalid', detail: 'The request cannot be read.' };
  return unexpectedFacts(error, request);
}

const tooLarge = (limit: number): ProblemFacts => ({
  status: 413,
  code: 'request.too-large',
  detail: `The body is larger than ${limit / 1024} KB. Send documents through /documents, and at most 1,000 lines in one request.`,
});

function validationFacts(error: FastifyError): ProblemFacts {
  const errors = validationItems(error);
  if (error.validationContext === 'params')
    return { status: 404, code: 'request.no-such-resource', detail: 'No object can have that id here.', errors };
  return {
    status: 400,
    code: 'request.invalid',
    detail: `The request is not of the form this route takes: ${errors.length} ${errors.length === 1 ? 'thing is' : 'things are'} wrong.`,
    errors,
  };
}

function brokenFacts({ code, table, subject }: IntegrityError, request: FastifyRequest): ProblemFacts {
  request.log.error({ code, table, subject }, 'a stored item is not what this system wrote');
  return {
    status: 500,
    code,
    detail:
      'A stored record is not as this system wrote it, so nothing was decided on it. Tell who operates the system, with the request_id.',
  };
}

/** Names under which the store and its network say that they are not reachable now. */
const OUT_OF_REACH =
  /ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|TimeoutError|ThrottlingException|ProvisionedThroughput|ServiceUnavailable|InternalServerError/;

function unexpectedFacts(error: FastifyError, request: FastifyRequest): ProblemFacts {
  request.log.error({ err: error }, 'request failed');
  if (OUT_OF_REACH.test(`${error.name} ${error.code}`))
    return {
      status: 503,
      code: 'store.unreachable',
      detail: 'The store does not answer. Send the same request again.',
      retryAfter: 2,
    };
  return {
    status: 500,
    code: 'internal',
    detail: 'An internal error occurred. Quote the request_id when you report it.',
  };
}

/** A pointer is written as a URI fragment, as RFC 9457 shows it. */
const asFragment = (item: ErrorItem): ErrorItem =>
  item.pointer.startsWith('#') ? item : { ...item, pointer: `#${item.pointer}` };

const pathOf = (request: FastifyRequest): string => request.url.split('?')[0] ?? '/';

function sendProblem(request: FastifyRequest, reply: FastifyReply, facts: ProblemFacts, cause?: Error): FastifyReply {
  const { status, code, detail, errors = [], retryAfter } = facts;
  if (status < 500)
    request.log.info(
      {
        status,
        code,
        method: request.method,
        path: pathOf(request),
        actor_id: request.actor?.id,
        cause: cause?.message,
        errors: errors.length,
      },
      'request refused',
    );
  if (retryAfter !== undefined) reply.header('retry-after', String(retryAfter));
  if (status === 401) reply.header('www-authenticate', 'Bearer');
  return reply
    .code(status)
    .type('application/problem+json; charset=utf-8')
    .send(
      JSON.stringify({
        type: `urn:p2p:problem:${code}`,
        title: TITLES[status] ?? 'Error',
        status,
        detail,
        instance: pathOf(request),
        code,
        request_id: request.id,
        ...(errors.length > 0 ? { errors: errors.map(asFragment) } : {}),
      }),
    );
}
