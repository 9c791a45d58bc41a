/**
 * AWS Lambda's runtime API, as far as a runtime client asks for it, beside the function in a container of its own: POST /invoke gives
 * the function an event and answers what the function answered. A function that failed to start answers every event with 502 and why.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

const RUNTIME = '/2018-06-01/runtime';
const events: { readonly id: string; readonly body: string }[] = [];
const callers = new Map<string, ServerResponse>();
let waiting: ServerResponse | undefined;
let failure: string | undefined;

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += chunk;
  return text;
}

function next(): void {
  if (failure !== undefined) {
    for (const caller of callers.values()) caller.writeHead(502).end(failure);
    callers.clear();
    return;
  }
  const event = waiting === undefined ? undefined : events.shift();
  if (event === undefined) return;
  waiting
    ?.writeHead(200, {
      'content-type': 'application/json',
      'lambda-runtime-aws-request-id': event.id,
      'lambda-runtime-deadline-ms': String(Date.now() + 30_000),
      'lambda-runtime-invoked-function-arn': 'arn:aws:lambda:eu-west-1:123456789012:function:p2p-dev',
    })
    .end(event.body);
  waiting = undefined;
}

createServer(async (request, reply) => {
  const { method, url = '' } = request;
  const body = await textOf(request);
  if (url === '/invoke') {
    const id = `event-${Date.now()}-${callers.size}`;
    callers.set(id, reply);
    events.push({ id, body });
  } else if (method === 'GET' && url === `${RUNTIME}/invocation/next`) {
    waiting = reply;
  } else if (url === `${RUNTIME}/init/error`) {
    failure = body;
    reply.writeHead(202).end();
  } else {
    const [, id = '', outcome] = /\/invocation\/([^/]+)\/(response|error)$/.exec(url) ?? [];
    callers
      .get(id)
      ?.writeHead(outcome === 'response' ? 200 : 502)
      .end(body);
    callers.delete(id);
    reply.writeHead(202).end();
  }
  next();
}).listen(9001, () => console.log('listening'));
