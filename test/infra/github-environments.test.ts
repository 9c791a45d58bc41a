/** What may change prod asks somebody first: the GitHub environments are checked, and no workflow reaches AWS before that. */
import { readFileSync } from 'node:fs';
import t from 'tap';
import { type Answers, type Ran, ran } from '../support/release-commands.ts';

const url = (path: string): string => `https://api.github.com/repos/example/erp-lite/environments/${path}`;
const PROTECTED = {
  can_admins_bypass: false,
  deployment_branch_policy: { protected_branches: true, custom_branch_policies: false },
  protection_rules: [{ type: 'required_reviewers', prevent_self_review: true, reviewers: [{ type: 'User' }] }],
};
const reviewers = (more: object) => ({ protection_rules: [{ ...PROTECTED.protection_rules[0], ...more }] });
function checked(found: object | null, environment = 'infra-prod', more: Answers = {}): Ran {
  const answers = { [`curl ${url(environment)}`]: found === null ? null : JSON.stringify(found), ...more };
  const args = ['example/erp-lite', environment];
  return ran('scripts/check-github-environments', args, answers, { GITHUB_TOKEN: 'a token' });
}
const CUSTOM = { ...PROTECTED, deployment_branch_policy: { protected_branches: false, custom_branch_policies: true } };
const branches = (...names: readonly string[]): Answers => ({
  [`curl ${url('infra-prod/deployment-branch-policies')}`]: JSON.stringify({
    branch_policies: names.map((name) => ({ name })),
  }),
});

t.test('an environment with a reviewer, without self-review and for main alone is protected', async (t) => {
  for (const run of [checked(PROTECTED), checked(CUSTOM, 'infra-prod', branches('main'))]) {
    t.equal(run.status, 0, run.stderr);
    t.match(run.stdout, 'infra-prod is protected');
  }
  t.notMatch(JSON.stringify(checked(PROTECTED).said), 'a token', 'the token is in no list of processes');
});

const WRONG: readonly (readonly [sentence: string, found: object | null, says: RegExp, more?: Answers])[] = [
  ['that does not exist', null, /cannot be read/],
  ['without a rule', { ...PROTECTED, protection_rules: [] }, /asks no reviewer/],
  ['with a rule that names nobody', { ...PROTECTED, ...reviewers({ reviewers: [] }) }, /asks no reviewer/],
  [
    'that lets people approve themselves',
    { ...PROTECTED, ...reviewers({ prevent_self_review: false }) },
    /prevent self-review/,
  ],
  ['that administrators go past', { ...PROTECTED, can_admins_bypass: true }, /lets administrators go past/],
  ['for every branch', { ...PROTECTED, deployment_branch_policy: null }, /every branch/],
  ['for another branch besides main', CUSTOM, /'feature main': allow main alone/, branches('main', 'feature')],
];
for (const [sentence, found, says, more] of WRONG)
  t.test(`an environment of prod ${sentence} is refused`, async (t) => {
    const run = checked(found, 'infra-prod', more);
    t.equal(run.status, 1);
    t.match(run.stderr, says);
  });

t.test('dev needs no reviewer, but main', async (t) => {
  t.equal(checked({ ...PROTECTED, protection_rules: [] }, 'infra-dev').status, 0);
  t.equal(checked({ ...PROTECTED, deployment_branch_policy: null }, 'infra-dev').status, 1);
});

const workflow = (file: string): string => readFileSync(`.github/workflows/${file}`, 'utf8');
const job = (text: string, name: string): string =>
  new RegExp(`^ {2}${name}:\\n(?: {3,}.*\\n|\\n)*`, 'm').exec(text)?.[0] ?? '';

t.test('no job that changes something has credentials of AWS before its environment was checked', async (t) => {
  for (const text of [job(workflow('infra.yml'), 'apply'), job(workflow('deploy.yml'), 'deploy')]) {
    const [check, credentials] = [
      text.indexOf('scripts/check-github-environments'),
      text.indexOf('configure-aws-credentials'),
    ];
    t.ok(check > 0 && credentials > check);
    t.match(text, /^ {6}actions: read$/m, 'or the environment cannot be read');
  }
});

t.test('what is applied is the saved plan, by the digest that the plan of the same run told', async (t) => {
  const [plan, apply] = ['plan', 'apply'].map((name) => job(workflow('infra.yml'), name));
  t.match(plan, /plan -input=false -lock=false -out="\$RUNNER_TEMP\/saved\.plan"/);
  t.match(apply, /DIGEST: \$\{\{ needs\.plan\.outputs\[matrix\.environment\] \}\}/);
  const compared = apply?.indexOf('sha256sum --check --strict') ?? -1;
  t.ok(compared > 0 && (apply?.indexOf('apply -input=false "$RUNNER_TEMP/saved.plan"') ?? -1) > compared);
  t.notMatch(apply, '-auto-approve');
});

t.test('every root has its lock file, of one provider version, for more than one platform', async (t) => {
  const locks = ['bootstrap', 'environments/dev', 'environments/prod'].map((root) =>
    readFileSync(`infra/${root}/.terraform.lock.hcl`, 'utf8'),
  );
  for (const lock of locks) t.equal(lock, locks[0]);
  t.ok((locks[0]?.match(/"h1:/g) ?? []).length >= 2);
});
