/** What a connection may cost: how long a request takes to arrive, and that nobody goes on sending what was refused already. */
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';

export interface Timeouts {
  /** Until the last header is there. */
  readonly headersMs: number;
  /** Until the last byte of the body is there. */
  readonly requestMs: number;
  /** How often connections are looked at. */
  readonly checkMs: number;
}

/** A body of 2 MB within half a minute is 70 KB a second. */
const TIMEOUTS: Timeouts = { headersMs: 10_000, requestMs: 30_000, checkMs: 2_000 };

/** Options of the node server; a load balancer's connections stay open for 72 seconds, longer than it keeps them itself. */
export const connectionOptions = ({ headersMs, requestMs, checkMs }: Timeouts = TIMEOUTS) => ({
  requestTimeout: requestMs,
  http: { headersTimeout: headersMs, connectionsCheckingInterval: checkMs },
  clientErrorHandler: answerClientError,
});

export const connectionsPlugin = fp(
  async (app: FastifyInstance) => {
    app.addHook('onSend', async (request, reply) => {
      // The body still arrives and nobody began to read it: it was refused before.
      if (request.raw.complete === false && request.raw.readableFlowing === null) reply.header('connection', 'close');
    });
  },
  { name: 'connections' },
);

interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
}

const UNREADABLE: Refusal = {
  status: 400,
  code: 'request.unreadable',
  detail: 'This is not an HTTP request that can be read.',
};
const REFUSALS: Readonly<Record<string, Refusal>> = {
  ERR_HTTP_REQUEST_TIMEOUT: {
    status: 408,
    code: 'request.timeout',
    detail: 'The request did not arrive in time. Send it again at once.',
  },
  HPE_HEADER_OVERFLOW: {
    status: 431,
    code: 'request.headers-too-large',
    detail: 'The headers and the address are larger than 16 KB together.',
  },
};

/** What node refuses before there is a request: no route, hook or error handler meets it. */
function answerClientError(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  const { status, code, detail } = REFUSALS[error.code ?? ''] ?? UNREADABLE;
  const title = STATUS_CODES[status];
  const body = JSON.stringify({ type: `urn:p2p:problem:${code}`, title, status, detail, code });
  const head = [
    `HTTP/1.1 ${status} ${title}`,
    'content-type: application/problem+json; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ];
  if (socket.writable) socket.write(`${head.join('\r\n')}\r\n\r\n${body}`);
  socket.destroy(error);
}
