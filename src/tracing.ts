/** Spans by OpenTelemetry, sent to a collector in OTLP over HTTP. Loaded only where the environment names one. */
import { AsyncLocalStorage } from 'node:async_hooks';
import {
  type Attributes,
  type Context,
  createContextKey,
  DiagLogLevel,
  diag,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  trace,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  BatchSpanProcessor,
  NodeTracerProvider,
  RandomIdGenerator,
  type Sampler,
  SamplingDecision,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace-node';
import type { RequestTracer } from './plugins/tracing.ts';
import type { RemoteTrace } from './shared/trace-context.ts';

export interface TracingOptions {
  /** The collector's address, without a path. */
  readonly endpoint: string;
  readonly service: string;
  /** Share of the traces kept, 0 to 1; what moves money is always kept, and what the caller has decided stays so. */
  readonly share: number;
  readonly version: string;
  /** Told why spans could not be sent. */
  readonly onError: (reason: string) => void;
}

/** Of a client of the AWS SDK, what is needed to see its calls. */
export interface SdkClient {
  readonly middlewareStack: {
    add(
      middleware: (next: (args: never) => Promise<unknown>, context: CallContext) => (args: never) => Promise<unknown>,
      options: { readonly step: 'initialize'; readonly name: string },
    ): void;
  };
}

interface CallContext {
  readonly clientName?: string;
  readonly commandName?: string;
}

export interface Tracing extends RequestTracer {
  /** Its calls within a request are spans of that request's. */
  watch(client: SdkClient): void;
  /** Sends what is collected. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

const MONEY = /^\/api\/v1\/payment/;
const EXPORT_TIMEOUT_MS = 5_000;
const REMOTE = createContextKey('remote trace');

export function openTracing({ endpoint, service, share, version, onError }: TracingOptions): Tracing {
  diag.setLogger({ ...QUIET, error: onError }, { logLevel: DiagLogLevel.ERROR, suppressOverrideMessage: true });
  const ids = idsOfCallers();
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes({ 'service.name': service, 'service.version': version }),
    sampler: sampler(share),
    idGenerator: ids,
    spanProcessors: [
      new BatchSpanProcessor(new OTLPTraceExporter({ url: `${endpoint}/v1/traces`, timeoutMillis: EXPORT_TIMEOUT_MS })),
    ],
  });
  const tracer = provider.getTracer('p2p', version);
  const current = new AsyncLocalStorage<Span>();

  return {
    begin({ method, route, remote }) {
      const attributes = { 'http.request.method': method, ...(route === undefined ? {} : { 'http.route': route }) };
      const name = route === undefined ? method : `${method} ${route}`;
      const options = { kind: SpanKind.SERVER, attributes };
      const span = ids.within(remote, () => tracer.startSpan(name, options, contextOf(remote)));
      return {
        traceId: span.spanContext().traceId,
        run: (work) => current.run(span, work),
        end(status) {
          span.setAttribute('http.response.status_code', status);
          if (status >= 500) {
            span.setAttribute('error.type', String(status));
            span.setStatus({ code: SpanStatusCode.ERROR });
          }
          span.end();
        },
      };
    },
    watch(client) {
      client.middlewareStack.add(
        (next, context) => async (args) => {
          const parent = current.getStore();
          if (parent === undefined || !parent.isRecording()) return next(args);
          const options = { kind: SpanKind.CLIENT, attributes: callAttributes(context, args) };
          const name = `${options.attributes['rpc.service']}.${options.attributes['rpc.method']}`;
          const span = tracer.startSpan(name, options, trace.setSpan(ROOT_CONTEXT, parent));
          return carried(span, () => next(args));
        },
        { step: 'initialize', name: 'trace' },
      );
    },
    flush: () => provider.forceFlush().catch((error: unknown) => onError(String(error))),
    close: () => provider.shutdown().catch((error: unknown) => onError(String(error))),
  };
}

async function carried(span: Span, call: () => Promise<unknown>): Promise<unknown> {
  try {
    return await call();
  } catch (error) {
    span.setAttribute('error.type', error instanceof Error ? error.name : 'unknown');
    span.setStatus({ code: SpanStatusCode.ERROR });
    throw error;
  } finally {
    span.end();
  }
}

/** What is asked of which tables: keys and items stay out, they name people and documents. */
function callAttributes({ clientName = '', commandName = '' }: CallContext, args: unknown): Attributes {
  const { input = {} } = args as { readonly input?: Readonly<Record<string, unknown>> };
  const tables = tablesOf(input);
  return {
    'rpc.system': 'aws-api',
    'rpc.service': clientName.replace(/Client$/, ''),
    'rpc.method': commandName.replace(/Command$/, ''),
    ...(tables.length === 0 ? {} : { 'aws.dynamodb.table_names': tables }),
  };
}

function tablesOf(input: Readonly<Record<string, unknown>>): string[] {
  const { TableName, RequestItems, TransactItems } = input;
  if (typeof TableName === 'string') return [TableName];
  if (typeof RequestItems === 'object' && RequestItems !== null) return Object.keys(RequestItems);
  if (!Array.isArray(TransactItems)) return [];
  const actions = TransactItems.flatMap((item: Readonly<Record<string, { readonly TableName?: string }>>) =>
    Object.values(item).flatMap(({ TableName: table = '' }) => table),
  );
  return [...new Set(actions)];
}

function contextOf(remote: RemoteTrace | undefined): Context {
  if (remote === undefined) return ROOT_CONTEXT;
  const context = ROOT_CONTEXT.setValue(REMOTE, remote);
  const { traceId, spanId, sampled } = remote;
  if (spanId === undefined) return context;
  const traceFlags = sampled === true ? TraceFlags.SAMPLED : TraceFlags.NONE;
  return trace.setSpanContext(context, { traceId, spanId, traceFlags, isRemote: true });
}

/** A span without a parent takes the trace of a caller who has none to offer: load balancers begin traces and write no spans. */
function idsOfCallers() {
  const random = new RandomIdGenerator();
  let given: string | undefined;
  return {
    generateSpanId: () => random.generateSpanId(),
    generateTraceId: () => given ?? random.generateTraceId(),
    within<T>(remote: RemoteTrace | undefined, start: () => T): T {
      given = remote?.traceId;
      try {
        return start();
      } finally {
        given = undefined;
      }
    },
  };
}

function sampler(share: number): Sampler {
  const some = new TraceIdRatioBasedSampler(share);
  const keep = (context: Context, traceId: string, attributes: Attributes): boolean => {
    const parent = trace.getSpanContext(context);
    if (parent !== undefined && parent.isRemote !== true) return (parent.traceFlags & TraceFlags.SAMPLED) !== 0;
    const { sampled } = (context.getValue(REMOTE) ?? {}) as Partial<RemoteTrace>;
    if (sampled !== undefined) return sampled;
    if (attributes['http.request.method'] === 'POST' && MONEY.test(String(attributes['http.route']))) return true;
    return some.shouldSample(context, traceId).decision === SamplingDecision.RECORD_AND_SAMPLED;
  };
  return {
    shouldSample: (context, traceId, _name, _kind, attributes) => ({
      decision: keep(context, traceId, attributes) ? SamplingDecision.RECORD_AND_SAMPLED : SamplingDecision.NOT_RECORD,
    }),
    toString: () => `P2pSampler{${share}}`,
  };
}

const silent = (): void => undefined;
const QUIET = { error: silent, warn: silent, info: silent, debug: silent, verbose: silent };
