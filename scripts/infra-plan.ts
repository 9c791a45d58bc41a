/**
 * Writes test/infra/plans: what each root of infra/ would make, in short, for the tests that compare names, policies and alarms.
 * With --check it says where the files differ from the code instead. It needs Terraform and the provider, no account.
 *
 *   tsx scripts/infra-plan.ts [--check] [bootstrap|dev|prod ...]
 */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { givenTo } from './infra-plan/addresses.ts';
import { keptOf, sensitiveOf } from './infra-plan/kept.ts';
import { ROOTS, type Root } from './infra-plan/roots.ts';
import { resourcesOf } from './infra-plan/terraform.ts';

const args = process.argv.slice(2);
const check = args.includes('--check');
const wanted = args.filter((arg) => arg !== '--check');
const unknown = wanted.filter((name) => !ROOTS.some((root) => root.name === name));
if (unknown.length > 0) {
  console.error(
    `infra-plan: there is no root ${unknown.join(', ')}; there are ${ROOTS.map(({ name }) => name).join(', ')}`,
  );
  process.exit(2);
}

// A copy: no .terraform folder and no lock file of another source ends up in the tree.
const work = mkdtempSync(join(tmpdir(), 'infra-plan-'));
try {
  cpSync('infra', join(work, 'infra'), {
    recursive: true,
    filter: (path) => !/\.terraform|\.tfvars$|\.tfstate/.test(path),
  });
  const roots = ROOTS.filter(({ name }) => wanted.length === 0 || wanted.includes(name));
  const differing = roots.filter((root) => !upToDate(root));
  if (differing.length > 0) process.exitCode = 1;
} finally {
  rmSync(work, { recursive: true });
}

function upToDate(root: Root): boolean {
  const file = `test/infra/plans/${root.name}.json`;
  const folder = join(work, 'infra', root.folder);
  const plugins = process.env['TF_PLUGIN_DIR'];
  destroyable();
  const init = spawnSync(
    'terraform',
    ['init', '-backend=false', '-input=false', '-no-color', ...(plugins ? [`-plugin-dir=${plugins}`] : [])],
    { cwd: folder, encoding: 'utf8' },
  );
  if (init.status !== 0) throw new Error(`${root.name}: ${init.stderr}`);
  const resources = resourcesOf(folder, root)
    .map(({ address, type, values, sensitive_values: marked }) => ({
      address,
      type,
      ...givenTo(type, address, values),
      ...keptOf(type, values),
      ...sensitiveOf(values, marked),
    }))
    .sort((a, b) => (a.address < b.address ? -1 : 1));
  const written = `${JSON.stringify({ resources }, null, 2)}\n`;
  const same = existsSync(file) && readFileSync(file, 'utf8') === written;
  if (!check) writeFileSync(file, written);
  console.log(`infra-plan: ${root.name}: ${resources.length} resources, ${sentence(same)}`);
  return same || !check;
}

/** A test destroys what it made. */
function destroyable(): void {
  for (const file of ['modules/keys/main.tf', 'bootstrap/main.tf']) {
    const path = join(work, 'infra', file);
    writeFileSync(path, readFileSync(path, 'utf8').replaceAll('prevent_destroy = true', 'prevent_destroy = false'));
  }
}

function sentence(same: boolean): string {
  if (same) return 'as the file says';
  return check ? 'not as the file says: run `npm run infra-plan` and commit what it changes' : 'written';
}
