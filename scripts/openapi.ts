/** Writes openapi/openapi.json and docs/permissions.md from the routes; with --check it fails where the committed ones differ. */
import { readFileSync, writeFileSync } from 'node:fs';
import { describeApp } from './describe-app.ts';
import { permissionTable } from './permission-table.ts';

const described = await describeApp();
const FILES = {
  'openapi/openapi.json': `${JSON.stringify(described, null, 2)}\n`,
  'docs/permissions.md': permissionTable(described),
};

for (const [name, text] of Object.entries(FILES)) {
  const file = new URL(`../${name}`, import.meta.url);
  if (!process.argv.includes('--check')) {
    writeFileSync(file, text);
    console.log(`${name}: written`);
  } else if (readFileSync(file, 'utf8') === text) console.log(`${name} is what the routes say`);
  else {
    console.error(`${name} is not what the routes say. Run \`npm run openapi\` and commit it.`);
    process.exitCode = 1;
  }
}
