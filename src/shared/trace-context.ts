/** Which trace a request belongs to, as its headers say: W3C Trace Context, or X-Amzn-Trace-Id of a load balancer or API Gateway. */

export interface RemoteTrace {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** 16 hexadecimal digits; absent where the caller began the trace and has no span in it, as a load balancer. */
  readonly spanId?: string | undefined;
  /** Whether the caller keeps the trace; undefined where that is left to us. */
  readonly sampled?: boolean | undefined;
}

type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

/** `traceparent` wins: what stands between it and us adds the other one to every request. Undefined where neither is sound. */
export function remoteTrace(headers: Headers): RemoteTrace | undefined {
  const { traceparent, 'x-amzn-trace-id': amazon } = headers;
  const w3c = typeof traceparent === 'string' ? fromTraceparent(traceparent) : undefined;
  return w3c ?? (typeof amazon === 'string' ? fromAmazon(amazon) : undefined);
}

/** A version after 00 may say more after its flags. */
const TRACEPARENT = /^(?!ff)([\da-f]{2})-([\da-f]{32})-([\da-f]{16})-([\da-f]{2})(-.*)?$/;

function fromTraceparent(header: string): RemoteTrace | undefined {
  const [, version, traceId = '', spanId = '', flags = '', more] = TRACEPARENT.exec(header) ?? [];
  if (version === undefined || (version === '00' && more !== undefined)) return undefined;
  if (isZero(traceId) || isZero(spanId)) return undefined;
  return { traceId, spanId, sampled: (Number.parseInt(flags, 16) & 1) === 1 };
}

const ROOT = /^1-([\da-f]{8})-([\da-f]{24})$/i;
const SPAN = /^[\da-f]{16}$/i;

function fromAmazon(header: string): RemoteTrace | undefined {
  const fields = new Map(
    header.split(';').map((field) => {
      const [name = '', value = ''] = field.trim().split('=');
      return [name, value];
    }),
  );
  const [, time, rest] = ROOT.exec(fields.get('Root') ?? '') ?? [];
  if (time === undefined || isZero(`${time}${rest}`)) return undefined;
  const parent = fields.get('Parent') ?? '';
  const sampled = fields.get('Sampled');
  return {
    traceId: `${time}${rest}`.toLowerCase(),
    ...(SPAN.test(parent) && !isZero(parent) ? { spanId: parent.toLowerCase() } : {}),
    ...(sampled === '1' || sampled === '0' ? { sampled: sampled === '1' } : {}),
  };
}

const isZero = (digits: string): boolean => /^0*$/.test(digits);
