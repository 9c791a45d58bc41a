/**
 * What an ALB does for a service, in one process: it asks every target's `/ready`, sends each request to the healthy target with the
 * fewest outstanding ones, keeps connections to targets open, and never sends a request twice: a connection that fails is a 502.
 */
import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const CHECK_MS = 150;
const HEALTHY = 2;
const UNHEALTHY = 2;

export interface LoadBalancer {
  readonly url: string;
  /** Resolves once the target is healthy and gets requests. */
  register(target: string): Promise<void>;
  /** It gets no new request from now on; resolves when its outstanding ones are answered. */
  deregister(target: string): Promise<void>;
  /** Whether the target gets requests. */
  inService(target: string): boolean;
  /** How many requests each target was sent, and on how many connections. */
  readonly sent: ReadonlyMap<string, Sent>;
  close(): Promise<void>;
}

export interface Sent {
  readonly requests: number;
  readonly connections: number;
}

interface Target {
  readonly url: string;
  readonly agent: Agent;
  readonly sockets: WeakSet<object>;
  healthy: boolean;
  registered: boolean;
  outstanding: number;
  requests: number;
  connections: number;
}

export async function startLoadBalancer(): Promise<LoadBalancer> {
  const targets = new Map<string, Target>();
  const inService = (): Target[] => [...targets.values()].filter(({ healthy, registered }) => healthy && registered);

  const server = createServer((incoming, reply) => {
    const [target] = inService().toSorted((one, other) => one.outstanding - other.outstanding);
    if (target === undefined) reply.writeHead(503).end('no target is in service');
    else forward(target, incoming, reply);
  });
  // As the idle timeout of the real one, longer than the test.
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async register(url) {
      const agent = new Agent({ keepAlive: true });
      const counts = { outstanding: 0, requests: 0, connections: 0 };
      const target: Target = { url, agent, sockets: new WeakSet(), healthy: false, registered: true, ...counts };
      targets.set(url, target);
      void watch(target);
      while (!target.healthy && target.registered) await sleep(10);
    },
    async deregister(url) {
      const target = targets.get(url);
      if (target === undefined) return;
      target.registered = false;
      while (target.outstanding > 0) await sleep(10);
    },
    inService: (url) => inService().some((target) => target.url === url),
    sent: targets,
    async close() {
      for (const target of targets.values()) {
        target.registered = false;
        target.agent.destroy();
      }
      await new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      });
    },
  };
}

async function watch(target: Target): Promise<void> {
  let passed = 0;
  let failed = 0;
  while (target.registered) {
    const ready = await fetch(`${target.url}/ready`, { headers: { connection: 'close' } }).then(
      async (reply) => (await reply.text()) !== '' && reply.status === 200,
      () => false,
    );
    passed = ready ? passed + 1 : 0;
    failed = ready ? 0 : failed + 1;
    if (passed >= HEALTHY) target.healthy = true;
    if (failed >= UNHEALTHY) target.healthy = false;
    await sleep(CHECK_MS);
  }
}

function forward(target: Target, incoming: IncomingMessage, reply: ServerResponse): void {
  target.outstanding += 1;
  target.requests += 1;
  reply.once('close', () => {
    target.outstanding -= 1;
  });
  const { connection: _hop, ...headers } = incoming.headers;
  const { method } = incoming;
  const outgoing = request(`${target.url}${incoming.url}`, { method, agent: target.agent, headers }, (answer) => {
    // Between caller and balancer the connection stays, whatever the target does with its own.
    const { connection: _close, 'keep-alive': _kept, 'transfer-encoding': _chunks, ...kept } = answer.headers;
    reply.writeHead(answer.statusCode ?? 502, kept);
    answer.pipe(reply);
    answer.once('error', () => reply.destroy());
  });
  outgoing.on('socket', (socket) => {
    if (target.sockets.has(socket)) return;
    target.sockets.add(socket);
    target.connections += 1;
  });
  outgoing.once('error', (error) => {
    if (reply.headersSent) reply.destroy();
    else reply.writeHead(502).end(String(error));
  });
  incoming.pipe(outgoing);
}
