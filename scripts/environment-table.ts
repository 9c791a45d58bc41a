/** The README's table of environment variables, made from the schema in config.ts. `npx tsx scripts/environment-table.ts` writes it there. */
import { readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { Environment } from '../src/config.ts';

export function environmentTable(): string {
  const rows = Object.entries(Environment.properties).map(
    ([name, { description, default: fallback }]) =>
      `| \`${name}\` | ${description} | ${fallback === undefined || fallback === '' ? '' : `\`${fallback}\``} |`,
  );
  return ['| variable | what it does | default |', '|---|---|---|', ...rows].join('\n');
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
