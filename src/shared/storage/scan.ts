/** Whether a stored object is free of malware: asked of a scanner's command, or read from the tag that a scanner leaves on the object. */
import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { DomainError } from '../errors.ts';
import type { ObjectStorage } from './storage.ts';

export type ScanVerdict =
  | { readonly kind: 'clean' }
  /** `found` names the malware, or why the scanner could not look. */
  | { readonly kind: 'infected'; readonly found: string }
  /** The scanner has not looked at it yet. */
  | { readonly kind: 'pending' };

/** @throws DomainError 503 where the scanner fails */
export type Scan = (key: string) => Promise<ScanVerdict>;

const CLEAN: ScanVerdict = { kind: 'clean' };
const PENDING: ScanVerdict = { kind: 'pending' };
/** Below the time that a request may take. */
const TIMEOUT_MS = 25_000;
const MAX_OUTPUT = 10_000;

/** ClamAV's commands read the object from standard input and end with 0 (clean), 1 (found) or 2 (failed). None without a command. */
export function commandScan(storage: Pick<ObjectStorage, 'get'>, command: string | undefined): Scan | undefined {
  if (command === undefined) return undefined;
  const [name = '', ...args] = command.split(/\s+/);
  return async (key) => {
    const object = await storage.get(key);
    if (object === undefined) return PENDING;
    const { code, output } = await run(name, args, object.body);
    if (code === 0) return CLEAN;
    if (code === 1) return { kind: 'infected', found: /: (.{1,200}) FOUND/.exec(output)?.[1] ?? 'unnamed' };
    throw unavailable(new Error(`${name} ended with ${code}: ${output}`));
  };
}

interface Ended {
  readonly code: number | null;
  readonly output: string;
}

function run(name: string, args: readonly string[], input: Readable): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(name, args, { stdio: ['pipe', 'pipe', 'pipe'], timeout: TIMEOUT_MS });
    let output = '';
    const collect = (chunk: Buffer): void => {
      if (output.length < MAX_OUTPUT) output += chunk.toString('utf8');
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.once('error', (error) => reject(unavailable(error)));
    child.once('close', (code) => resolve({ code, output }));
    // A scanner that has seen enough reads no further: its verdict counts all the same.
    pipeline(input, child.stdin).catch(() => undefined);
  });
}

const unavailable = (cause: unknown): DomainError =>
  new DomainError('unavailable', 'document.scan-unavailable', 'The malware scanner does not answer. Try again later.', {
    retryAfter: 30,
    cause,
  });

/** GuardDuty Malware Protection for S3 scans what is uploaded, and tags it with the result. */
export const SCAN_TAG = 'GuardDutyMalwareScanStatus';

/** What could not be scanned (too large, protected by a password) is no safer than what was found. */
export function tagScan(tag: (key: string) => Promise<string | undefined>): Scan {
  return async (key) => {
    const status = await tag(key);
    if (status === undefined) return PENDING;
    return status === 'NO_THREATS_FOUND' ? CLEAN : { kind: 'infected', found: status };
  };
}
