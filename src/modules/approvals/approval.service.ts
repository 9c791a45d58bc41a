/** What the caller may decide now: every kind says which of its own wait, and the history of each says for whom. */
import type { Actor } from '../../shared/command.ts';
import type { Vault } from '../../shared/crypto.ts';
import type { Item } from '../../shared/dynamo/codec.ts';
import { decodeCursor, encodeCursor } from '../../shared/dynamo/cursor.ts';
import type { Page, PageRequest } from '../../shared/dynamo/query.ts';
import type { TableName } from '../../shared/dynamo/tables.ts';
import { DomainError } from '../../shared/errors.ts';
import { BASE_PATH } from '../../shared/http/carry-out.ts';
import type { Permission } from '../../shared/permissions.ts';
import type { Candidate, ReadStream, Stream, StreamIndex } from './approval.repository.ts';
import type { Approval, ApprovalEntity, Waiting } from './approval.schema.ts';
import { mergedStreams, type Positions } from './merged-streams.ts';

/** How a kind takes part. */
export interface ApprovalSource {
  readonly entity: ApprovalEntity;
  readonly table: TableName;
  /** Statuses in which one waits; keys of another index where it names one. */
  readonly statuses: readonly string[];
  readonly index?: StreamIndex;
  /** Any one of these lets a caller decide. */
  readonly permissions: readonly Permission[];
  /** Under the base path. */
  readonly path: string;
  /** What the summary in the index rules out without a read; where absent, what the caller made. */
  readonly mayWait?: (summary: Item, actorId: string) => boolean;
  /** Read strongly: undefined where it waits no longer, or not for this person. */
  readonly waiting: (actor: Actor, candidate: Candidate) => Promise<Waiting | undefined>;
}

export interface ApprovalServiceDeps {
  readonly sources: readonly ApprovalSource[];
  readonly read: ReadStream;
  readonly vault: Vault;
  /** The caller's approval limit as it stands: an access token does not carry it. */
  readonly limitOf: (actorId: string) => Promise<Actor['approval_limit']>;
}

export interface ApprovalService {
  list(actor: Actor, page: PageRequest): Promise<Page<Approval>>;
}

/** Each costs a read; past this a page is short and has a cursor. */
const MAX_EXAMINED = 200;
const MIN_CHUNK = 20;

export function createApprovalService(deps: ApprovalServiceDeps): ApprovalService {
  return {
    async list(caller, page) {
      const actor = { ...caller, approval_limit: caller.approval_limit ?? (await deps.limitOf(caller.id)) };
      const start = page.cursor === undefined ? {} : decodeCursor(deps.vault, page.binding, page.cursor);
      const chunk = Math.max(page.limit, MIN_CHUNK);
      const merged = mergedStreams(streamsFor(deps.sources, actor), deps.read, start as Positions, chunk);
      const data: Approval[] = [];
      let examined = 0;
      while (data.length < page.limit && examined < MAX_EXAMINED) {
        const wanted = Math.min(page.limit - data.length, MAX_EXAMINED - examined);
        const taken = await take(merged, wanted);
        examined += taken.length;
        const found = await Promise.all(taken.map(({ stream, candidate }) => judge(stream.source, actor, candidate)));
        data.push(...found.filter((approval) => approval !== undefined));
        if (taken.length < wanted) break;
      }
      const rest = await merged.positions();
      return { data, next_cursor: rest === undefined ? null : encodeCursor(deps.vault, page.binding, rest) };
    },
  };
}

interface SourceStream extends Stream {
  readonly source: ApprovalSource;
}

const streamsFor = (sources: readonly ApprovalSource[], { permissions }: Actor): readonly SourceStream[] =>
  sources
    .filter((source) => source.permissions.some((permission) => permissions.has(permission)))
    .flatMap((source) =>
      source.statuses.map((status) => ({ table: source.table, status, index: source.index, source })),
    );

interface Taken {
  readonly stream: SourceStream;
  readonly candidate: Candidate;
}

async function take(merged: ReturnType<typeof mergedStreams<SourceStream>>, count: number): Promise<readonly Taken[]> {
  const taken: Taken[] = [];
  while (taken.length < count) {
    const next = await merged.next();
    if (next === undefined) break;
    taken.push(next);
  }
  return taken;
}

async function judge(source: ApprovalSource, actor: Actor, candidate: Candidate): Promise<Approval | undefined> {
  const { mayWait = isOfAnother } = source;
  if (!mayWait(candidate.summary, actor.id)) return undefined;
  const waiting = await source.waiting(actor, candidate).catch(unlessGone);
  if (waiting === undefined) return undefined;
  const { path = `${source.path}/${candidate.id}`, action = 'approve', ...facts } = waiting;
  return { entity: source.entity, entity_id: candidate.id, ...facts, path: BASE_PATH + path, action };
}

/** docs/rules.md#who: of hardly any kind does the maker decide, so their own need no read. */
const isOfAnother: NonNullable<ApprovalSource['mayWait']> = (summary, actorId) => summary['created_by'] !== actorId;

/** An index may still name what was just deleted. */
function unlessGone(error: unknown): undefined {
  if (error instanceof DomainError && error.kind === 'not_found') return undefined;
  throw error;
}
