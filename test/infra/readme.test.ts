/** What infra/README.md says where it stands: every file and every setting that its table names is there. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';

const table = readFileSync('infra/README.md', 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| '))
  .map((line) => line.split('|').map((cell) => cell.trim()));
const rows = table.slice(table.findIndex(([, heading]) => heading === 'heading') + 1);
const settings = ['prod', 'dev'].map((name) => readFileSync(`infra/environments/${name}/variables.tf`, 'utf8')).join();

t.test('every file and every setting of the table is there', async (t) => {
  let files = 0;
  let named = 0;
  for (const [, heading, where = '', switched = ''] of rows) {
    for (const [, path = ''] of where.matchAll(/`([^` ]+)`/g)) {
      if (!/^\.\.\/|^(modules|environments|bootstrap|buildspecs|lambda-client)\b|\.(tf|json)$/.test(path)) continue;
      files += 1;
      t.ok(existsSync(join('infra', path)), `${heading}: ${path}`);
    }
    for (const [, setting = ''] of switched.matchAll(/`([a-z_]+)(?: = [^`]*)?`/g)) {
      named += 1;
      t.match(settings, `variable "${setting}"`, `${heading}: ${setting}`);
    }
  }
  t.ok(files > 30 && named > 10, `${files} files, ${named} settings`);
});
