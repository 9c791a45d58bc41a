/** A collector of traces: takes OTLP in JSON over HTTP as the real one does, and keeps the spans. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export interface CollectedSpan {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  /** As OTLP has them: 2 is a server's, 3 a client's. */
  readonly kind: number;
  /** 2 is an error; 0 is nothing said. */
  readonly status: number;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly service: Readonly<Record<string, unknown>>;
}

export interface Collector {
  readonly url: string;
  readonly spans: CollectedSpan[];
  /** Everything it was sent, as text. */
  readonly text: () => string;
  /** Resolves once that many spans are there, or fails after some seconds. */
  collected(count: number): Promise<void>;
}

interface Attribute {
  readonly key: string;
  readonly value: {
    readonly stringValue?: string;
    readonly intValue?: number;
    readonly arrayValue?: { readonly values: readonly { readonly stringValue: string }[] };
  };
}
interface Otlp {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] };
    readonly scopeSpans: readonly {
      readonly spans: readonly (Omit<CollectedSpan, 'attributes' | 'status' | 'service'> & {
        readonly attributes: readonly Attribute[];
        readonly status: { readonly code?: number };
      })[];
    }[];
  }[];
}

const PATIENCE_MS = 15_000;

/** @param statuses what it answers, one after the other; then 200 */
export async function startCollector(
  t: { teardown(fn: () => void): unknown },
  statuses: number[] = [],
): Promise<Collector> {
  const spans: CollectedSpan[] = [];
  let text = '';
  const server = createServer((request, reply) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const status = statuses.shift() ?? (request.url === '/v1/traces' && request.method === 'POST' ? 200 : 404);
      const body = Buffer.concat(chunks).toString('utf8');
      if (status === 200) {
        text += body;
        spans.push(...spansOf(JSON.parse(body) as Otlp));
      }
      reply.writeHead(status, { 'content-type': 'application/json' }).end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    server.close();
    server.closeAllConnections();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    text: () => text,
    async collected(count) {
      const limit = Date.now() + PATIENCE_MS;
      while (spans.length < count) {
        if (Date.now() > limit) throw new Error(`${spans.length} of ${count} spans: ${text}`);
        await sleep(20);
      }
    },
  };
}

const record = (attributes: readonly Attribute[]): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    attributes.map(({ key, value }) => [
      key,
      value.stringValue ?? value.intValue ?? value.arrayValue?.values.map(({ stringValue }) => stringValue),
    ]),
  );

const spansOf = ({ resourceSpans }: Otlp): CollectedSpan[] =>
  resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans
      .flatMap(({ spans }) => spans)
      .map((span) => ({
        ...span,
        attributes: record(span.attributes),
        status: span.status.code ?? 0,
        service: record(resource.attributes),
      })),
  );
