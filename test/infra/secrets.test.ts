/** No secret stands in the state of Terraform: it makes secrets empty, and scripts/put-secrets fills them. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { PLANS } from '../support/infra-plan.ts';

/** Values that the provider or a variable marks, and that may stand in the state; the reason is what each is. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  'the tag of a released image': ['module.registry.aws_ssm_parameter.image_tag.value'],
  'AWS makes it; it counts requests of a partner and opens nothing': [
    'module.api_gateway[0].aws_api_gateway_api_key.this["partners/workday"].value',
  ],
};

t.test('nothing that must not be shown is in a plan, but for what is named here', async (t) => {
  const allowed = new Set(Object.values(ALLOWED).flat());
  const seen = Object.values(PLANS)
    .flat()
    .flatMap(({ address, sensitive }) => ((sensitive ?? []) as readonly string[]).map((name) => `${address}.${name}`));
  t.strictSame(
    [...new Set(seen)].filter((name) => !allowed.has(name)),
    [],
  );
  t.ok(seen.length > 0, 'marks are in the plans');
});

/** Resources that put a secret, or the means to read one, into the state by making it. */
const MAKES_SECRETS =
  /"(aws_secretsmanager_secret_version|aws_secretsmanager_random_password|aws_iam_access_key|random_password|random_string|random_bytes|tls_private_key|aws_secretsmanager_secret_versions?)"/;

t.test('no root and no module makes a value of a secret, or reads one', async (t) => {
  const files = readdirSync('infra', { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.tf'));
  t.ok(files.length > 60, `${files.length} files`);
  for (const file of files) t.notMatch(readFileSync(join('infra', file), 'utf8'), MAKES_SECRETS, file);
});

t.test('containers name secrets and hold none', async (t) => {
  for (const [module, block] of [
    ['service', /secrets +=[^\n]*valueFrom = arn/],
    ['lambda', /SECRET/],
  ] as const)
    t.match(readFileSync(`infra/modules/${module}/main.tf`, 'utf8'), block, module);
});
