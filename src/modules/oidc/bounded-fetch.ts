/** Calls to the provider: in time, of a bounded size, to no other kind of address than the issuer's, and never where a reply sends them. */
import { isIP } from 'node:net';

export type Fetch = (url: string, options: RequestInit) => Promise<Response>;

export interface FetchLimits {
  readonly timeoutMs: number;
  readonly maxBytes: number;
}

const LIMITS: FetchLimits = { timeoutMs: 5000, maxBytes: 256 * 1024 };
const WITHOUT_BODY = [204, 205, 304];

/** @param issuer decides what may be called: on this machine nothing but this machine, else https and named hosts */
export function boundedFetch(issuer: string, { timeoutMs, maxBytes }: FetchLimits = LIMITS): Fetch {
  const home = new URL(issuer);
  return async (url, options) => {
    const target = new URL(url);
    if (!mayCall(home, target)) throw new Error(`the provider names an address that is not called: ${target.origin}`);
    const limits = [AbortSignal.timeout(timeoutMs), options.signal].filter((signal) => signal instanceof AbortSignal);
    const signal = AbortSignal.any(limits);
    const response = await fetch(target, { ...options, redirect: 'manual', signal });
    const body = await boundedBody(response, maxBytes);
    const { status, headers } = response;
    return new Response(WITHOUT_BODY.includes(status) ? null : body, { status, headers });
  };
}

function mayCall(home: URL, target: URL): boolean {
  if (target.username !== '' || target.password !== '') return false;
  if (isLoopback(home)) return isLoopback(target) && /^https?:$/.test(target.protocol);
  return target.protocol === 'https:' && !isLoopback(target) && isIP(target.hostname.replace(/^\[|\]$/g, '')) === 0;
}

export const isLoopback = ({ hostname }: URL): boolean => ['localhost', '127.0.0.1', '[::1]'].includes(hostname);

async function boundedBody(response: Response, maxBytes: number): Promise<ArrayBuffer> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) throw new Error(`the provider's reply is longer than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return new Uint8Array(Buffer.concat(chunks)).buffer;
}
