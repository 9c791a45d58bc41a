/** The README's table of environment variables, made from the schema in config.ts. `npx tsx scripts/environment-table.ts` writes it there. */
import { readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { Environment } from '../src/config.ts';

/** Padded as the formatter wants it. */
export function environmentTable(): string {
  const rows = Object.entries(Environment.properties).map(([name, { description = '', default: fallback }]) => [
    `\`${name}\``,
    description,
    fallback === undefined || fallback === '' ? '' : `\`${fallback}\``,
  ]);
  const head = ['variable', 'what it does', 'default'];
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((cells) => cells[column]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    `| ${widths.map((width, column) => (cells[column] ?? '').padEnd(width)).join(' | ')} |`;
  return [head, widths.map((width) => '-'.repeat(width)), ...rows].map(line).join('\n');
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const file = new URL('../README.md', import.meta.url);
  const marks = /(<!-- environment: checked[^\n]*-->\n)[\s\S]*?(\n<!-- environment: end -->)/;
  const readme = readFileSync(file, 'utf8');
  writeFileSync(
    file,
    readme.replace(marks, (_, start: string, end: string) => start + environmentTable() + end),
  );
}
