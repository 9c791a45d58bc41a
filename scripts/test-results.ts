/** What the test runner's output says: how many assertions passed, and which files took longest. */
import { existsSync, readFileSync } from 'node:fs';

export const RESULTS = '.tap/results.tap';
const SHOWN = 10;

/** Assertions, as the test runner's own output counts them. */
export function testCounts(): { readonly passed: number; readonly failed: number } {
  const summary = /^# \{ total: (\d+)(?:, pass: (\d+))?(?:, fail: (\d+))?/m.exec(results());
  return { passed: Number(summary?.[2] ?? 0), failed: Number(summary?.[3] ?? 0) };
}

/** The slowest files, slowest first, as lines to print. */
export function slowestFiles(output = results()): readonly string[] {
  const files = [...output.matchAll(/^(?:not )?ok \d+ - (\S+) # time=([\d.]+)ms/gm)].map(([, file, ms]) => ({
    file,
    seconds: Number(ms) / 1000,
  }));
  return files
    .toSorted((one, other) => other.seconds - one.seconds)
    .slice(0, SHOWN)
    .map(({ file, seconds }) => `${seconds.toFixed(1).padStart(7)} s  ${file}`);
}

const results = (): string => (existsSync(RESULTS) ? readFileSync(RESULTS, 'utf8') : '');
