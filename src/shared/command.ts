/** What every state change is given besides its body: who asks, when, with which ids, and what they saw. */
import type { ApprovalLimit } from './decisions/approval-limit.ts';
import { DomainError } from './errors.ts';
import { type IdKind, newId } from './ids.ts';
import type { Permission, Role } from './permissions.ts';

export interface Actor {
  /** The person: an API key acts as its owner. */
  readonly id: string;
  readonly roles: readonly Role[];
  readonly permissions: ReadonlySet<Permission>;
  readonly approval_limit?: ApprovalLimit | undefined;
  /** The second factor that the sign-in has shown. */
  readonly factor?: string | undefined;
  /** The API key's id, where a machine asked. */
  readonly via?: string | undefined;
  /** Who made that key, where it was not its owner: what the key does is theirs too (docs/rules.md#api-keys). */
  readonly key_maker?: string | undefined;
}

/** The person with the rate between their approval limit's currency and the document's, as it is valid on the day of the decision. */
export type WithRate = (actor: Actor, currency: string, now: Date) => Promise<Actor>;

export interface RenderedReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface IdempotencyClaim {
  readonly id: string;
  /** Of the request with each key that is valid, the one that makes new ones first: the command may have begun before a rotation. */
  readonly fingerprints: readonly [string, ...string[]];
  /** The same request began the command earlier and got no last reply, or lost it. */
  readonly begun?: boolean | undefined;
  /** Renders what the caller will be told, so that it is stored by the transaction that makes it true. */
  readonly render: (result: unknown) => RenderedReply;
}

export interface Command {
  readonly actor: Actor;
  readonly now: Date;
  readonly request_id: string;
  readonly dryRun: boolean;
  /** The version the caller saw. */
  readonly ifMatch?: number | undefined;
  readonly idempotency?: IdempotencyClaim | undefined;
  /** Renders the reply, before anything is committed: what cannot be shown is not decided. Absent where nobody waits for one. */
  readonly render?: ((result: unknown) => RenderedReply) | undefined;
  readonly ids: IdSource;
}

export interface IdSource {
  /** The next id of this kind; a re-decision gets the same ids of each kind in the same order. */
  next(kind: IdKind): string;
  rewind(): void;
  /** Every id made so far, to leave them out of a dry run's reply. */
  made(): readonly string[];
}

export function idSource(make: (kind: IdKind) => string = newId): IdSource {
  const ids = new Map<IdKind, string[]>();
  const positions = new Map<IdKind, number>();
  return {
    next(kind) {
      const known = ids.get(kind) ?? [];
      const position = positions.get(kind) ?? 0;
      const id = known[position] ?? make(kind);
      known[position] = id;
      ids.set(kind, known);
      positions.set(kind, position + 1);
      return id;
    },
    rewind: () => positions.clear(),
    made: () => [...ids.values()].flat(),
  };
}

/** Refuses when the caller decided on another version than the stored one. */
export function requireVersion(command: Pick<Command, 'ifMatch'>, entity: string, version: number): void {
  if (command.ifMatch === undefined || command.ifMatch === version) return;
  throw new DomainError(
    'stale',
    `${entity}.stale`,
    `You saw version ${command.ifMatch}; it is at version ${version} now. Read it again and decide on what stands there.`,
  );
}
