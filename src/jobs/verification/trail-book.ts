/**
 * What entities hold, beside what their events add up to. A digest per entity is kept, so that memory grows with their number alone; where two
 * differ, the one entity is read again to name the fields. Pure.
 */
import { canonicalJson, sha256 } from '../../shared/audit/canonical.ts';
import { type AuditEvent, type AuditHead, GENESIS_HASH, told } from '../../shared/audit/event.ts';
import type { Item } from '../../shared/dynamo/codec.ts';
import type { FieldTexts } from '../../shared/dynamo/told-fields.ts';
import type { Finding, Owner } from './finding.ts';

export type LoggedChange = Pick<AuditEvent, 'entity_id' | 'seq' | 'hash' | 'changes'>;

export interface TrailBook {
  /** The events of one entity come together, in their order. */
  event(event: LoggedChange): void;
  entity(owner: Owner, head: AuditHead, texts: FieldTexts): void;
  /** Entities that hold something else than their whole chain says. What holds another event as its last is told of by the heads. */
  unlike(): readonly Owner[];
}

interface Chain {
  readonly id: string;
  readonly head: AuditHead;
  readonly fields: Item;
}

interface Sum {
  readonly hash: string;
  readonly digest: string;
}

const digestOf = (texts: FieldTexts): string => sha256(canonicalJson(Object.fromEntries(texts)));

/** @param toldTexts the texts of what a chain adds up to, or undefined for what is no entity */
export function createTrailBook(toldTexts: (id: string, fields: Item) => FieldTexts | undefined): TrailBook {
  const sums = new Map<string, Sum>();
  const unlike: Owner[] = [];
  let open: Chain | undefined;

  function close(): void {
    const texts = open === undefined ? undefined : toldTexts(open.id, open.fields);
    if (open !== undefined && texts !== undefined) sums.set(open.id, { hash: open.head.hash, digest: digestOf(texts) });
    open = undefined;
  }

  return {
    event(event) {
      if (open !== undefined && open.id !== event.entity_id) close();
      const before = open ?? { id: event.entity_id, head: { seq: 0, hash: GENESIS_HASH }, fields: {} };
      // One event that is missing: what they add up to is not known, and the heads tell of the gap.
      if (event.seq !== before.head.seq + 1) return;
      const { seq, hash } = event;
      open = { id: before.id, head: { seq, hash }, fields: Object.assign(before.fields, told([event])) };
    },
    entity(owner, head, texts) {
      close();
      const sum = sums.get(owner.id);
      if (sum?.hash === head.hash && sum.digest !== digestOf(texts)) unlike.push(owner);
    },
    unlike: () => unlike,
  };
}

/** Undefined where they are alike. */
export function trailFinding(id: string, holds: FieldTexts, says: FieldTexts): Finding | undefined {
  const fields = [...new Set([...holds.keys(), ...says.keys()])].filter(
    (field) => holds.get(field) !== says.get(field),
  );
  if (fields.length === 0) return undefined;
  return { kind: 'trail', id, message: `It holds something else than its trail says: ${fields.sort().join(', ')}.` };
}
