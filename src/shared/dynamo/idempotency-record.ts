/** The reply of a command, stored by the transaction that carried it out, and replayed to whoever sends the same request again. */
import { gunzipSync, gzipSync } from 'node:zlib';
import type { IdempotencyClaim, RenderedReply } from '../command.ts';
import { ruleError } from '../errors.ts';
import type { Item } from './codec.ts';
import type { PendingWrite } from './unit-of-work.ts';

const KEPT_SECONDS = 24 * 3600;

export const epochSeconds = (at: Date): number => Math.floor(at.getTime() / 1000);

/** The last reply of a key, or one that a later reply of the same request replaces: what it began is not finished. */
export function idempotencyWrite(
  claim: IdempotencyClaim,
  result: unknown,
  now: Date,
  kept: 'last' | 'unfinished' = 'last',
): PendingWrite {
  const reply = claim.render(result);
  return {
    action: 'put',
    table: 'idempotency',
    key: { id: claim.id },
    item: {
      id: claim.id,
      fingerprint: claim.fingerprints[0],
      status: reply.status,
      headers: reply.headers,
      body: gzipSync(reply.body, { level: 1 }),
      created_at: now.toISOString(),
      expires_at: epochSeconds(now) + KEPT_SECONDS,
      ...(kept === 'unfinished' ? { unfinished: true } : {}),
    },
    condition: {
      kind: 'any',
      of: [
        { kind: 'absent_or_expired', now: epochSeconds(now) },
        {
          kind: 'all',
          of: [
            { kind: 'equals', attribute: 'unfinished', value: true },
            {
              kind: 'any',
              of: claim.fingerprints.map((value) => ({ kind: 'equals', attribute: 'fingerprint', value }) as const),
            },
          ],
        },
      ],
    },
    refuse: (existing) => new ReplayedReply(storedReply(existing ?? {}, claim.fingerprints)),
  };
}

export interface StoredReply extends RenderedReply {
  /** What the request began goes on: the same request is carried out again, and is told how far it has come. */
  readonly unfinished: boolean;
}

/** The stored reply, if this is the same request by one of its fingerprints. @throws DomainError `idempotency.key-reused` if it is another. */
export function storedReply(item: Item, fingerprints: readonly string[]): StoredReply {
  if (!fingerprints.includes(String(item['fingerprint'])))
    throw ruleError(
      'idempotency.key-reused',
      'This Idempotency-Key was used for another request in the last 24 hours. Use a new key for a new request.',
      [{ pointer: '#/headers/idempotency-key', detail: 'was used with another body, query or If-Match' }],
    );
  return {
    status: Number(item['status']),
    headers: item['headers'] as Record<string, string>,
    body: gunzipSync(item['body'] as Uint8Array).toString('utf8'),
    unfinished: item['unfinished'] === true,
  };
}

/** Thrown through the service when another request with the same key has just committed; the caller gets its reply. */
export class ReplayedReply extends Error {
  readonly reply: RenderedReply;

  constructor(reply: RenderedReply) {
    super('the same request was carried out already');
    this.name = 'ReplayedReply';
    this.reply = reply;
  }
}
