import { readFileSync } from 'node:fs';
import t from 'tap';
import { environmentTable } from '../scripts/environment-table.ts';
import { Environment } from '../src/config.ts';

const readme = readFileSync('README.md', 'utf8');

t.test('the table of environment variables is what config.ts says', async (t) => {
  const table = /<!-- environment: checked[^\n]*-->\n([\s\S]*?)\n<!-- environment: end -->/.exec(readme)?.[1];
  t.equal(table, environmentTable());
});

t.test('every dependency has its reason', async (t) => {
  const { dependencies, optionalDependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as Record<
    string,
    Record<string, string>
  >;
  const reasons = readFileSync('docs/adr/0008-dependencies.md', 'utf8');
  for (const name of Object.keys({ ...dependencies, ...optionalDependencies }))
    t.ok(
      [name, name.split('/').at(-1)].some((written) => reasons.includes(`\`${written}\``)),
      name,
    );
});

t.test('every file the README names exists', async (t) => {
  const links = [...readme.matchAll(/\]\((?!http)([^)#]+)\)/g)].map(([, link]) => link ?? '');
  t.ok(links.length > 4);
  for (const link of links) t.doesNotThrow(() => readFileSync(link), link);
});

t.test('compose names variables the server knows, and the README the password compose gives', async (t) => {
  const files = ['docker-compose.yml', 'docker-compose.folder.yml'].map((file) => readFileSync(file, 'utf8'));
  const compose = files.join('\n');
  const ofTheSdk = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'];
  const given = [...compose.matchAll(/^ {4}((?:NODE|P2P|AWS|LOG)_\w+):/gm)].map(([, name]) => name ?? '');
  t.ok(given.length > 12, `${given.length} variables`);
  for (const name of given) t.ok(name in Environment.properties || ofTheSdk.includes(name), name);

  const example = readFileSync('.env.example', 'utf8');
  const taken = new Set([...compose.matchAll(/\$\{(\w+):-/g)].map(([, name]) => name ?? ''));
  for (const name of taken) t.ok(example.includes(`${name}=`) || name in Environment.properties, name);

  const [, password = ''] = /P2P_ADMIN_PASSWORD:-([^}]+)\}/.exec(compose) ?? [];
  t.ok(readme.includes(`P2P_ADMIN_PASSWORD='${password}' npm run demo`), password);
});
