/** The payment files that batches name, beside those that lie in the bucket. Pure. */
import type { Batch } from '../../modules/payment-batches/index.ts';
import type { Finding } from './finding.ts';

export interface FileBook {
  batch(batch: Pick<Batch, 'id' | 'status' | 'files'>): void;
  found(file: FoundFile): void;
  findings(): readonly Finding[];
}

/** A payment file as it lies in the bucket. */
export interface FoundFile {
  readonly key: string;
  /** Of the bytes themselves. */
  readonly sha256: string;
}

export function createFileBook(): FileBook {
  const statuses = new Map<string, string>();
  const named = new Map<string, { readonly sha256: string; readonly batchId: string }>();
  const digests = new Map<string, string>();
  return {
    batch({ id, status, files }) {
      statuses.set(id, status);
      for (const { key, sha256 } of files) named.set(key, { sha256, batchId: id });
    },
    found: ({ key, sha256 }) => void digests.set(key, sha256),
    findings: () => [
      ...[...digests.keys()].filter((key) => !named.has(key)).map((key) => unnamed(key, statuses.get(batchIn(key)))),
      ...[...named].flatMap(([key, { sha256, batchId }]): Finding[] => {
        const is = digests.get(key);
        if (is === sha256) return [];
        const what = is === undefined ? 'is not there' : 'has other bytes than it had';
        return [{ kind: 'file', id: key, message: `Batch ${batchId} names this payment file, and it ${what}.` }];
      }),
    ],
  };
}

/** A batch's files lie in a folder of its id. */
const batchIn = (key: string): string => key.split('/')[0] ?? '';

/** Nothing tells from here whether it went out: what a restore forgot a person at the bank remembers. */
const unnamed = (key: string, status: string | undefined): Finding => ({
  kind: 'file',
  id: key,
  message: `No batch names this payment file${status === undefined ? ', and its batch is not there' : `; its batch is ${status} here`}. The bank may have it: ask before payments are released.`,
});
