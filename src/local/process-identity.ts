/** Tells processes apart beyond their number, which the system gives out again: by command line and by start time. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** False once the process is gone; a process of another user counts as alive. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** Its command line with spaces between the arguments, or '' where there is no such process. */
export function commandLine(pid: number): string {
  return fromProc(pid, 'cmdline')?.replaceAll('\0', ' ').trim() ?? ps(pid, 'command=');
}

/** Differs between two processes that had the same number one after the other; '' where the process is gone. */
export function startedAt(pid: number): string {
  const stat = fromProc(pid, 'stat');
  // Field 22, counted behind the program's name, which may hold spaces and brackets; a reboot starts the count again.
  if (stat !== undefined) return `${bootId()}:${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]}`;
  return ps(pid, 'lstart=');
}

function fromProc(pid: number, file: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return undefined;
  }
}

function bootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
}

/** For systems without /proc, macOS first of all. */
function ps(pid: number, column: string): string {
  return spawnSync('ps', ['-ww', '-o', column, '-p', String(pid)], { encoding: 'utf8' }).stdout?.trim() ?? '';
}
