/** `npm test`: the suite, or the files that are named, and then the slowest of them. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { RESULTS, slowestFiles } from './test-results.ts';

mkdirSync('.tap', { recursive: true });
rmSync(RESULTS, { force: true });
const { status } = spawnSync('node_modules/.bin/tap', [`--output-file=${RESULTS}`, ...process.argv.slice(2)], {
  stdio: 'inherit',
});
console.log(['', 'slowest files:', ...slowestFiles()].join('\n'));
process.exitCode = status ?? 1;
