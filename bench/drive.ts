/** Sends requests over keep-alive connections, a few at a time, and fails on a reply that is not the one expected. */
import { Agent, request as httpRequest } from 'node:http';

export interface BenchRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  readonly status: number;
}

const PARALLEL = 4;
const agent = new Agent({ keepAlive: true, maxSockets: PARALLEL });

export async function drive(url: string, request: BenchRequest, count: number): Promise<void> {
  let left = count;
  const worker = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      await send(url, request);
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, worker));
}

export function send(url: string, { method, path, headers, body, status }: BenchRequest): Promise<string> {
  const length =
    body === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  return new Promise((resolve, reject) => {
    const sent = httpRequest(url + path, { method, agent, headers: { ...headers, ...length } }, (reply) => {
      let text = '';
      reply.on('data', (chunk: Buffer) => {
        text += chunk.toString();
      });
      reply.on('end', () =>
        reply.statusCode === status
          ? resolve(text)
          : reject(new Error(`${method} ${path} answered ${reply.statusCode}: ${text.slice(0, 500)}`)),
      );
    });
    sent.on('error', reject);
    sent.end(body);
  });
}
