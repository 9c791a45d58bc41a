/** Writing a file so that, once acknowledged, it is there whole after a crash or power failure, and before that not at all. */
import { randomUUID } from 'node:crypto';
import { type FileHandle, link, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';

export interface DurableWrite {
  /** Fails with EEXIST where the file exists, instead of replacing it. */
  readonly exclusive?: boolean;
  readonly mode?: number;
}

/** Temp file beside it, fsync, rename (or link(2), which never replaces), fsync of the folder. */
export async function writeDurably(
  file: string,
  bytes: Uint8Array | string | AsyncIterable<Uint8Array>,
  { exclusive = false, mode = 0o600 }: DurableWrite = {},
): Promise<void> {
  // Hidden, so that what a crash leaves behind is never taken for a file.
  const draft = join(dirname(file), `.${randomUUID()}.draft`);
  try {
    const handle = await open(draft, 'wx', mode);
    try {
      await writeAll(handle, bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await (exclusive ? link(draft, file) : rename(draft, file));
  } finally {
    await rm(draft, { force: true });
  }
  await syncFolder(dirname(file));
}

/** Chunk by chunk, so that a big upload is never in memory whole. */
async function writeAll(handle: FileHandle, bytes: Uint8Array | string | AsyncIterable<Uint8Array>): Promise<void> {
  if (typeof bytes === 'string' || bytes instanceof Uint8Array) return handle.writeFile(bytes);
  for await (const chunk of bytes) await handle.writeFile(chunk);
}

/** A name is durable once its folder is. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
