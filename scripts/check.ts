/**
 * What CI does, in one command: format, lint, types, OpenAPI drift and lint, the build, infra/, all tests with coverage.
 * Every step runs even where one failed, so that all findings are told at once; the last line counts tests.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { checkCoverage } from './coverage.ts';
import { infraStep } from './infra-step.ts';
import { failures, RESULTS, slowestFiles, testCounts } from './test-results.ts';

interface Step {
  readonly name: string;
  readonly command: readonly string[];
  readonly skipped?: string;
}

const bin = (name: string): string => `node_modules/.bin/${name}`;

/** What would bury a finding: notices, and the SDK's advice about Node's version from every test process. */
const QUIET = {
  REDOCLY_TELEMETRY: 'off',
  REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true',
  AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
};

const STEPS: readonly Step[] = [
  { name: 'format and lint', command: [bin('biome'), 'ci', '--reporter=summary', '.'] },
  { name: 'types', command: [bin('tsc'), '--noEmit'] },
  { name: 'build', command: [bin('tsc'), '-p', 'tsconfig.build.json'] },
  { name: 'OpenAPI drift', command: [bin('tsx'), 'scripts/openapi.ts', '--check'] },
  { name: 'OpenAPI lint', command: [bin('redocly'), 'lint', '--format=summary', 'openapi/openapi.json'] },
  { name: 'infra', ...infraStep(process.env) },
  { name: 'tests', command: [bin('tap'), '--reporter=terse', `--output-file=${RESULTS}`, ...process.argv.slice(2)] },
];

const MOST_LINES = 400;

mkdirSync('.tap', { recursive: true });
rmSync(RESULTS, { force: true });
const failed = STEPS.filter((step) => !run(step)).map(({ name }) => name);
if (process.argv.length === 2 && !checkCoverage()) failed.push('coverage');

console.log(['\nslowest test files:', ...slowestFiles()].join('\n'));
const counts = testCounts();
// Here and not only in the runner's output above: many logs keep no more than their end.
if (counts.failed > 0) console.log(['\nfailed assertions:', ...failures().slice(0, MOST_LINES)].join('\n'));
if (failed.length > 0) console.log(`\nfailed: ${failed.join(', ')}`);
const stepFailures = failed.filter((name) => name !== 'tests').length;
console.log(`${counts.passed} passed, ${counts.failed + stepFailures} failed`);
process.exitCode = failed.length > 0 || counts.failed > 0 || counts.passed === 0 ? 1 : 0;

function run({ name, command: [program, ...args], skipped }: Step): boolean {
  const began = Date.now();
  console.log(`\n== ${name}`);
  if (skipped !== undefined) console.log(`skipped: ${skipped}`);
  if (program === undefined) return true;
  const env = { ...process.env, ...QUIET };
  const { status } = spawnSync(program, args, { stdio: 'inherit', env });
  console.log(`== ${name}: ${status === 0 ? 'ok' : 'FAILED'} in ${((Date.now() - began) / 1000).toFixed(1)} s`);
  return status === 0;
}
