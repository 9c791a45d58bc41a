/** One server a data folder: two on one folder corrupt each other's requests. */
import { randomUUID } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isAlive, startedAt } from './process-identity.ts';

export interface FolderLock {
  release(): void;
}

interface Holder {
  readonly pid: number;
  readonly started_at: string;
  readonly nonce: string;
}

export class FolderInUseError extends Error {
  readonly pid: number;

  constructor(folder: string, pid: number) {
    super(
      `The data folder ${folder} is in use by the process ${pid}. Stop that process, or give this one a folder of its own with P2P_DATA_DIR.`,
    );
    this.name = 'FolderInUseError';
    this.pid = pid;
  }
}

/** Whom a file names that a power failure left empty. */
const NOBODY: Holder = { pid: 0, started_at: '', nonce: '' };
const LOCK_FILE = 'server.lock';
const ATTEMPTS = 20;
const SETTLE_MS = 100;

/** Takes the lock, also over from a process that died with it. @throws FolderInUseError while another process lives that holds it. */
export async function lockFolder(folder: string): Promise<FolderLock> {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, LOCK_FILE);
  const own: Holder = { pid: process.pid, started_at: startedAt(process.pid), nonce: randomUUID() };
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if (take(file, own)) return { release: () => release(file, own) };
    const holder = readHolder(file);
    if (holder === undefined) continue; // released between the two looks
    if (lives(holder)) throw new FolderInUseError(folder, holder.pid);
    if (!removeStale(file, holder) || !take(file, own)) continue;
    // Somebody who judged the same dead holder may have moved ours away for a moment, and puts it back when he sees it.
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    if (readHolder(file)?.nonce === own.nonce) return { release: () => release(file, own) };
  }
  throw new Error(`The lock ${file} changes hands too fast to be taken; start again.`);
}

/** link(2) fails where the name exists, and shows the file only with all its content. */
function take(file: string, own: Holder): boolean {
  const draft = `${file}.${own.nonce}`;
  writeFileSync(draft, JSON.stringify(own), { mode: 0o600 });
  try {
    linkSync(draft, file);
    return true;
  } catch {
    return false;
  } finally {
    rmSync(draft, { force: true });
  }
}

function readHolder(file: string): Holder | undefined {
  if (!existsSync(file)) return undefined;
  try {
    return parseHolder(readFileSync(file, 'utf8'));
  } catch {
    return NOBODY;
  }
}

function parseHolder(text: string): Holder {
  return JSON.parse(text) as Holder;
}

/** A container's server has the same small number after each restart: only the start time tells it from its predecessor. */
const lives = (holder: Holder): boolean =>
  holder.pid > 0 && isAlive(holder.pid) && startedAt(holder.pid) === holder.started_at;

/** False when what lay there was no longer what was judged dead. */
function removeStale(file: string, judged: Holder): boolean {
  const aside = `${file}.${randomUUID()}`;
  try {
    renameSync(file, aside);
  } catch {
    return false;
  }
  const mine = readHolder(aside)?.nonce === judged.nonce;
  if (!mine) linkBack(aside, file);
  rmSync(aside, { force: true });
  return mine;
}

function linkBack(aside: string, file: string): void {
  try {
    linkSync(aside, file);
  } catch {
    // A third one took it meanwhile; whose it was sees that after SETTLE_MS and yields.
  }
}

function release(file: string, own: Holder): void {
  if (readHolder(file)?.nonce === own.nonce) rmSync(file, { force: true });
}
