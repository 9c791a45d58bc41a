/** The payment files that batches name, beside those that lie in the bucket. Pure. */
import type { Batch } from '../../modules/payment-batches/index.ts';
import type { ObjectSummary } from '../../shared/storage/storage.ts';
import type { Finding } from './finding.ts';

export interface FileBook {
  batch(batch: Pick<Batch, 'id' | 'status' | 'files'>): void;
  found(file: Pick<ObjectSummary, 'key' | 'size'>): void;
  findings(): readonly Finding[];
}

export function createFileBook(): FileBook {
  const statuses = new Map<string, string>();
  const named = new Map<string, { readonly size: number; readonly batchId: string }>();
  const sizes = new Map<string, number>();
  return {
    batch({ id, status, files }) {
      statuses.set(id, status);
      for (const { key, size } of files) named.set(key, { size, batchId: id });
    },
    found: ({ key, size }) => void sizes.set(key, size),
    findings: () => [
      ...[...sizes.keys()].filter((key) => !named.has(key)).map((key) => unnamed(key, statuses.get(batchIn(key)))),
      ...[...named].flatMap(([key, { size, batchId }]): Finding[] => {
        const is = sizes.get(key);
        if (is === size) return [];
        const what = is === undefined ? 'is not there' : `has ${is} bytes, not ${size}`;
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
