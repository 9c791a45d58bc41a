/** Which of several Regions over replicated tables writes, and what every payment decision carries to stay there. Pure. */
import type { Draft } from '../../shared/dynamo/entity-store.ts';
import type { PendingWrite } from '../../shared/dynamo/unit-of-work.ts';
import { DomainError } from '../../shared/errors.ts';
import type { WritingRegion } from './writing-region.schema.ts';

export interface Regions {
  /** Where this process runs. */
  readonly here: string;
  /** The Region that its environment lets write; undefined where it says nothing. */
  readonly writing: string | undefined;
}

/** Both must agree: the environment is each Region's own, and one that comes back after it was lost has its old one. */
export function writesElsewhere({ here, writing }: Regions, held: string | undefined): string | undefined {
  if (writing !== undefined && writing !== here) return writing;
  return held === here ? undefined : held;
}

export const writingFrom = (region: string, by: string): Draft<WritingRegion> => ({
  id: 'writing_region',
  status: 'writing',
  region,
  created_by: by,
});

/** The statuses that bring money closer to the bank. */
const PAYING: Readonly<Record<string, readonly unknown[]>> = {
  payments: ['approved'],
  payment_batches: ['approved', 'generating', 'generated', 'sent'],
};

export const decidesPayment = ({ table, item }: PendingWrite): boolean =>
  PAYING[table]?.includes(item?.['status']) === true;

export function standbyRegion({ here, writing }: Regions, elsewhere: string): DomainError {
  const start =
    writing === undefined || writing === here ? '' : `start the servers there with P2P_WRITING_REGION=${here} and `;
  return new DomainError(
    'unavailable',
    'service.standby-region',
    `This server is in ${here} and only reads, for ${elsewhere} writes: send the request there. Where ${elsewhere} is lost, ${start}run p2p move-writing-region --to ${here}, as docs/runbooks/restore-another-region.md says.`,
    { retryAfter: 60 },
  );
}
