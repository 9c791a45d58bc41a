/** Applies a root of infra/ with mocked providers, and answers with the resources that it would make. */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { givenTo, type Values } from './addresses.ts';
import type { Root } from './roots.ts';

export interface Resource {
  readonly address: string;
  readonly type: string;
  readonly values: Values;
  /** What the provider's schema marks, or a variable. */
  readonly sensitive_values?: Values;
}
/** What AWS would give, by the address of the resource. */
export type Given = Readonly<Record<string, Readonly<Record<string, string>>>>;

const FILE = 'written.tftest.hcl';

/** Again until the addresses that were given are those of the resources that came of it: a role's name may hold another's. */
export function resourcesOf(folder: string, root: Root): readonly Resource[] {
  let given: Given = {};
  for (let round = 0; round < 3; round += 1) {
    const resources = applied(folder, root, given);
    const next = Object.fromEntries(
      resources
        .map(({ type, address, values }) => [address, givenTo(type, address, values)] as const)
        .filter(([, attributes]) => Object.keys(attributes).length > 0),
    );
    if (JSON.stringify(next) === JSON.stringify(given)) return resources;
    given = next;
  }
  throw new Error(`${root.name}: the addresses do not settle.`);
}

function applied(folder: string, root: Root, given: Given): readonly Resource[] {
  writeFileSync(join(folder, 'tests', FILE), testFile(folder, root, given));
  const { stdout, stderr } = spawnSync(
    'terraform',
    ['test', '-json', '-verbose', '-no-color', `-filter=tests/${FILE}`],
    { cwd: folder, encoding: 'utf8', maxBuffer: 200_000_000 },
  );
  const messages = stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line));
  const state = messages.find(({ type }) => type === 'test_state')?.test_state;
  const errors = messages.filter(({ type, '@level': level }) => type === 'diagnostic' && level === 'error');
  if (state === undefined || errors.length > 0)
    throw new Error(`${root.name}: ${JSON.stringify(errors.slice(0, 3))} ${stderr}`);
  return managed(state.root_module);
}

interface Module {
  readonly resources?: readonly (Resource & { readonly mode: string })[];
  readonly child_modules?: readonly Module[];
}
const managed = (module: Module): readonly Resource[] => [
  ...(module.resources ?? []).filter(({ mode }) => mode === 'managed'),
  ...(module.child_modules ?? []).flatMap(managed),
];

/** One provider for each that the root configures; every one knows what was given. */
function testFile(folder: string, { testing, variables }: Root, given: Given): string {
  const aliases = [...readFileSync(join(folder, 'versions.tf'), 'utf8').matchAll(/^ *alias *= *"(\w+)"/gm)];
  const overrides = Object.entries(given).map(
    ([address, attributes]) =>
      `override_resource {\n  target = ${address}\n  values = ${JSON.stringify(attributes)}\n}\n`,
  );
  const providers = ['', ...aliases.map(([, alias]) => `  alias = "${alias}"\n`)].map(
    (alias) => `mock_provider "aws" {\n${alias}  source = "${testing}"\n}\n`,
  );
  return `${providers.join('')}${overrides.join('')}variables {\n${variables}\n}\nrun "written" {\n  command = apply\n}\n`;
}
