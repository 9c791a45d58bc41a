import type { Actor, IdempotencyClaim } from '../shared/command.ts';
import type { Permission } from '../shared/permissions.ts';
import type { RequestSpan } from './tracing.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Any one of these lets the caller in; the domain may ask for more. */
    readonly permission?: Permission | readonly Permission[];
    /** Needs no sign-in. */
    readonly public?: true;
    /** Needs a sign-in and nothing else. */
    readonly anyone?: true;
    /** Open also to whoever must change a one-time password before anything else. */
    readonly oneTimePassword?: true;
    readonly ifMatch?: 'required' | 'optional';
    /** False: `?dry_run=true` is 400 here. */
    readonly dryRun?: false;
    /** False: an Idempotency-Key is ignored here. */
    readonly idempotency?: false;
    /** True: the body's exact text is kept for a signature check. */
    readonly rawBody?: true;
  }
  interface FastifyRequest {
    /** Who asks; null on a public route. */
    actor: Actor | null;
    rawBody: string | null;
    /** Null where nothing is traced. */
    span: RequestSpan | null;
    /** The version of If-Match, once read. */
    ifMatch: number | undefined;
    idempotencyClaim: Omit<IdempotencyClaim, 'render'> | null;
  }
}
