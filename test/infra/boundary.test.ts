/** No role that the pipeline may make is without its boundary, and the pipeline hands over the roles of its environment by name alone. */
import { readdirSync, readFileSync } from 'node:fs';
import t from 'tap';

const INFRA = new URL('../../infra/', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, INFRA), 'utf8');
const filesOf = (folder: string): readonly string[] =>
  readdirSync(new URL(folder, INFRA)).filter((name) => name.endsWith('.tf'));

/** Terraform's own placeholder. */
const EACH = `\${each.key}`;

interface Role {
  readonly module: string;
  /** As Terraform writes it: `${var.name}-task`. */
  readonly name: string;
  readonly block: string;
}

const roles: readonly Role[] = readdirSync(new URL('modules', INFRA)).flatMap((module) =>
  filesOf(`modules/${module}`).flatMap((file) =>
    [...read(`modules/${module}/${file}`).matchAll(/^resource "aws_iam_role" "\w+" \{\n[\s\S]*?^\}/gm)].map(
      ([block]) => ({
        module,
        name: /^ {2}name\s+= (.*)$/m.exec(block)?.[1] ?? '',
        block,
      }),
    ),
  ),
);

t.test('every role of a module is made with the boundary', async (t) => {
  t.ok(roles.length >= 10, `${roles.length} roles`);
  for (const { module, name, block } of roles)
    t.match(block, /^ {2}permissions_boundary\s+= var\.permissions_boundary$/m, `${module}: ${name}`);
});

t.test('every environment gives its boundary to every module that makes a role', async (t) => {
  const making = new Set(roles.map(({ module }) => module));
  for (const environment of ['dev', 'prod']) {
    const calls = read(`environments/${environment}/main.tf`).matchAll(
      /^module "(\w+)" \{\n\s+source\s+= "[^"]*\/modules\/([\w-]+)"[\s\S]*?^\}/gm,
    );
    for (const [block, name, module = ''] of calls)
      if (making.has(module))
        t.match(block, /^ {2}permissions_boundary\s+= local\.permissions_boundary$/m, `${environment}: ${name}`);
  }
});

t.test('the pipeline hands over exactly the roles that the modules make, by name', async (t) => {
  const list = /service_roles = \[([^\]]*)\]/.exec(read('bootstrap/github.tf'))?.[1] ?? '';
  const handed = [...list.matchAll(/"([^"]+)"/g)].map(([, name]) => name);
  const steps = ['build', 'deploy', 'scan', 'test'];
  const made = roles.flatMap(({ module, name }) => {
    const suffix = /^"\$\{var\.name\}(-[^"]+)"$/.exec(name)?.[1];
    if (module === 'storage') return ['-replication'];
    if (suffix === undefined) return [`${module}: ${name}`];
    if (suffix.endsWith(EACH)) return steps.map((step) => suffix.replace(EACH, step));
    // The standby Region has a vault of its own.
    return module === 'recovery' ? [suffix, `-standby${suffix}`] : [suffix];
  });
  t.strictSame(handed.sort(), [...new Set(made)].sort());
  t.notMatch(read('bootstrap/apply.tf'), /"iam:PassRole"\]\n\s+Resource\s+= \[local\.roles_of/);
});
