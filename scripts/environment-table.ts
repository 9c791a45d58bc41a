/** The README's table of environment variables, made from the schema in config.ts. `npx tsx scripts/environment-table.ts` prints it. */
import { pathToFileURL } from 'node:url';
import { Environment } from '../src/config.ts';

export function environmentTable(): string {
  const rows = Object.entries(Environment.properties).map(
    ([name, { description, default: fallback }]) =>
      `| \`${name}\` | ${description} | ${fallback === undefined || fallback === '' ? '' : `\`${fallback}\``} |`,
  );
  return ['| variable | what it does | default |', '|---|---|---|', ...rows].join('\n');
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) console.log(environmentTable());
