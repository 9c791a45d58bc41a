/** What the demo prints: a line a step with who did it, tables where they read faster, and a count at the end. */

const plain = process.env['NO_COLOR'] !== undefined || process.stdout.isTTY !== true;
const paint = (code: number, text: string): string => (plain ? text : `\u001b[${code}m${text}\u001b[0m`);
const green = (text: string): string => paint(32, text);
const red = (text: string): string => paint(31, text);
const dim = (text: string): string => paint(2, text);

export interface Report {
  /** Runs a step; what it returns is printed behind it. A step that throws ends the demo. */
  step<T>(who: string, what: string, run: () => Promise<readonly [said: string, result: T]>): Promise<T>;
  heading(text: string): void;
  table(rows: readonly (readonly string[])[]): void;
  lines(text: string): void;
  readonly steps: number;
}

export function createReport(): Report {
  let steps = 0;
  return {
    get steps() {
      return steps;
    },
    async step(who, what, run) {
      try {
        const [said, result] = await run();
        steps += 1;
        console.log(`${green('✓')} ${who.padEnd(16)} ${what.padEnd(46)} ${dim(said)}`);
        return result;
      } catch (error) {
        console.log(`${red('✗')} ${who.padEnd(16)} ${what}`);
        throw error;
      }
    },
    heading(text) {
      console.log(`\n${text}`);
    },
    table(rows) {
      const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
      for (const row of rows)
        console.log(`    ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd());
    },
    lines(text) {
      for (const line of text.split('\n')) console.log(dim(`    ${line}`));
    },
  };
}
