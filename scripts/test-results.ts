/** What the test runner's output says: how many assertions passed, and which files took longest. */
import { existsSync, readFileSync } from 'node:fs';

export const RESULTS = '.tap/results.tap';
const SHOWN = 10;
const SHOWN_OF_EACH = 40;

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

/**
 * Every failed assertion, as lines to print: the file and the titles it is under, then what the runner said of it.
 * A test that failed because something in it did is not repeated. `output` is TAP 14 with nested subtests.
 */
export function failures(output = results()): readonly string[] {
  const lines = output.split('\n');
  /** The subtests that enclose a line, each with how many lines were found before it began. */
  const within: { readonly title: string; readonly before: number }[] = [];
  const found: string[] = [];
  lines.forEach((line, index) => {
    const [, indent = '', kind, title = ''] = /^( *)(# Subtest:|not ok \d+ -) (.*?)(?: # time=.*)?$/.exec(line) ?? [];
    if (kind === undefined) return;
    const depth = indent.length / 4;
    if (kind === '# Subtest:') within.splice(depth, within.length, { title, before: found.length });
    else if (within[depth]?.title !== title || within[depth]?.before === found.length)
      found.push(
        `\u2716 ${[...within.slice(0, depth).map((test) => test.title), title].join(' > ')}`,
        ...said(lines, index, indent),
      );
  });
  return found;
}

/** The block under a failed assertion, without what is there for machines, and no more of it than a screen holds. */
function said(lines: readonly string[], failed: number, indent: string): readonly string[] {
  const end = lines.findIndex((line, index) => index > failed && line === `${indent}  ...`);
  return lines.slice(failed + 2, Math.max(end, failed + 2)).slice(0, SHOWN_OF_EACH);
}

const results = (): string => (existsSync(RESULTS) ? readFileSync(RESULTS, 'utf8') : '');
