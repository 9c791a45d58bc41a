import { readFileSync } from 'node:fs';
import t from 'tap';
import { environmentTable } from '../scripts/environment-table.ts';

const readme = readFileSync('README.md', 'utf8');

t.test('the table of environment variables is what config.ts says', async (t) => {
  const table = /<!-- environment: checked[^\n]*-->\n([\s\S]*?)\n<!-- environment: end -->/.exec(readme)?.[1];
  t.equal(table, environmentTable());
});

t.test('every file the README names exists', async (t) => {
  const links = [...readme.matchAll(/\]\((?!http)([^)#]+)\)/g)].map(([, link]) => link ?? '');
  t.ok(links.length > 4);
  for (const link of links) t.doesNotThrow(() => readFileSync(link), link);
});
