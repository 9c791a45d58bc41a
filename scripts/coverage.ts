/** Thresholds of coverage: 100 for shared/ and the pure domain, 90 overall; every file below its mark is named. */
import { existsSync, readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { CARRIERS } from '../test/support/architecture-rules.ts';

const SUMMARY = '.tap/report/coverage-summary.json';
const MEASURES = ['lines', 'statements', 'functions', 'branches'] as const;
const OVERALL = 90;

type Totals = Readonly<Record<(typeof MEASURES)[number], { readonly pct: number }>>;

/** The pure domain: a module's files without a role suffix, and its domain and formats folders. */
const PURE = /^src\/modules\/[^/]+\/(?:(?:domain|formats)\/.+|[a-z-]+)\.ts$/;
/** Not decisions: what a module shows, primitives, and what carries decisions out (the architecture's own list). */
const NOT_PURE = new RegExp(String.raw`/(?:index|password)\.ts$|^src/modules/(?:${CARRIERS.join('|')})\.ts$`);

export const mustBeWhole = (file: string): boolean =>
  file.startsWith('src/shared/') || (PURE.test(file) && !NOT_PURE.test(file));

export function checkCoverage(): boolean {
  if (!existsSync(SUMMARY)) {
    console.log(`no coverage was measured: ${SUMMARY} is missing`);
    return false;
  }
  const summary = JSON.parse(readFileSync(SUMMARY, 'utf8')) as Record<string, Totals>;
  const low: string[] = [];
  for (const [path, totals] of Object.entries(summary)) {
    const file = path === 'total' ? 'overall' : relative(process.cwd(), path);
    const mark = file === 'overall' ? OVERALL : mustBeWhole(file) ? 100 : 0;
    for (const measure of MEASURES)
      if (totals[measure].pct < mark) low.push(`  ${file}: ${measure} ${totals[measure].pct} of ${mark}`);
  }
  const { lines, branches } = summary['total'] ?? { lines: { pct: 0 }, branches: { pct: 0 } };
  console.log(
    `\n== coverage: ${lines.pct}% of lines, ${branches.pct}% of branches${low.length > 0 ? '; too low:' : ''}`,
  );
  for (const line of low) console.log(line);
  return low.length === 0;
}
