/** Where the environment names no collector nothing of OpenTelemetry is loaded, and no call is looked at. */
import type { FastifyBaseLogger } from 'fastify';
import type { Config } from './config.ts';
import type { SdkClient, Tracing } from './tracing.ts';

export async function startTracing(
  { traces }: Config,
  options: { readonly version: string; readonly clients: readonly SdkClient[]; readonly log: FastifyBaseLogger },
): Promise<Tracing | undefined> {
  if (traces === undefined) return undefined;
  const { openTracing } = await import('./tracing.ts');
  const onError = (reason: string): void => options.log.warn({ reason }, 'traces could not be sent');
  const tracing = openTracing({ ...traces, version: options.version, onError });
  for (const client of options.clients) tracing.watch(client);
  return tracing;
}
