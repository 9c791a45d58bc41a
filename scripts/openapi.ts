/** Writes openapi/openapi.json from the route schemas; with --check it fails where the committed document differs. */
import { readFileSync, writeFileSync } from 'node:fs';
import { describeApp } from './describe-app.ts';

const FILE = new URL('../openapi/openapi.json', import.meta.url);

const document = `${JSON.stringify(await describeApp(), null, 2)}\n`;
if (!process.argv.includes('--check')) {
  writeFileSync(FILE, document);
  console.log(`openapi/openapi.json: ${Object.keys(JSON.parse(document).paths).length} paths`);
} else if (readFileSync(FILE, 'utf8') !== document) {
  console.error('openapi/openapi.json is not what the routes say. Run `npm run openapi` and commit it.');
  process.exitCode = 1;
} else console.log('openapi/openapi.json is what the routes say');
