/** What a verification finds, and how it can be mended. */
import type { AuditedEntity, AuditHead } from '../../shared/audit/event.ts';
import type { PendingWrite } from '../../shared/dynamo/unit-of-work.ts';

/** `seal`: an item that this system did not write as it is; `trail`: one that is not what its events add up to; `claim`: a unique number; `counter`: of an order's line; `reservation`: what payments and credits leave of an invoice. */
export type FindingKind = 'seal' | 'trail' | 'claim' | 'counter' | 'reservation' | 'batch' | 'audit_head' | 'file';

export interface Finding {
  readonly kind: FindingKind;
  /** The entity, or the key of the file. */
  readonly id: string;
  /** One sentence, without names, numbers or bank details of anyone. */
  readonly message: string;
  /** Absent where only people can judge. */
  readonly mend?: Mend;
}

/** What makes the books agree again, under the version of the entity that was read. */
export interface Mend {
  /** Whose trail tells of it; absent for claims of nobody, which the trail of the restore tells of. */
  readonly owner?: Owner;
  /** Fields of the owner that take another value. */
  readonly change?: Readonly<Record<string, unknown>>;
  /** The last event that its chain has. */
  readonly head?: AuditHead;
  readonly writes?: readonly PendingWrite[];
}

export interface Owner {
  readonly entity: AuditedEntity;
  readonly id: string;
  readonly version: number;
}
