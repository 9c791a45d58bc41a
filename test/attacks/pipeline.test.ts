/**
 * Somebody who can push to a branch, open a pull request, or has a workflow's role in hand. Each attack is asked of the documents that
 * infra/bootstrap would make (test/infra/plans), by the simulator of IAM.
 */
import { readFileSync } from 'node:fs';
import t from 'tap';
import { type Policy, simulate } from '../support/iam.ts';
import { boundaryOf, documentsOf, PLANS, rolesOf } from '../support/infra-plan.ts';
import { APPLY_PROD, type Attack, FROM_DEV, OF_ANY } from '../support/pipeline-attacks.ts';

const REPOSITORY = 'example/erp-lite';
const WORKFLOWS = rolesOf(PLANS.bootstrap).map(({ name = '' }) => name);

/** The claims of GitHub's token, as AWS compares them. */
interface Token {
  readonly sub: string;
  readonly ref: string;
  readonly workflow: string;
}
const MAIN = 'refs/heads/main';
const token = (sub: string, ref = MAIN, workflow = 'infra', repository = REPOSITORY): Token => ({
  sub: `repo:${repository}:${sub}`,
  ref,
  workflow: `${repository}/.github/workflows/${workflow}.yml@${ref}`,
});

function assumable({ sub, ref, workflow }: Token): readonly string[] {
  const issuer = 'token.actions.githubusercontent.com';
  const context = {
    [`${issuer}:aud`]: 'sts.amazonaws.com',
    [`${issuer}:sub`]: sub,
    [`${issuer}:ref`]: ref,
    [`${issuer}:job_workflow_ref`]: workflow,
  };
  return rolesOf(PLANS.bootstrap).flatMap(({ name = '', assume_role_policy: trust }) => {
    const statements = (trust as unknown as Policy).Statement.map((one) => ({ ...one, Resource: '*' }));
    const call = { action: 'sts:AssumeRoleWithWebIdentity', resource: '*', context };
    return simulate({ policies: [{ Version: '2012-10-17', Statement: statements }] }, call).allowed ? [name] : [];
  });
}

t.test('the workflows of the protected branch get their roles, so that a refusal below says something', async (t) => {
  t.strictSame(assumable(token(`ref:${MAIN}`)), ['p2p-github-plan']);
  for (const environment of ['dev', 'prod']) {
    t.strictSame(assumable(token(`environment:infra-${environment}`)), [`p2p-github-apply-${environment}`]);
    t.strictSame(assumable(token(`environment:${environment}`, MAIN, 'deploy')), [`p2p-github-deploy-${environment}`]);
  }
});

const PUSHED: readonly (readonly [sentence: string, token: Token, gets: readonly string[]])[] = [
  ['a branch of the repository gets no role', token('ref:refs/heads/evil', 'refs/heads/evil'), []],
  [
    'a branch that names the environment infra-prod gets no role',
    token('environment:infra-prod', 'refs/heads/evil'),
    [],
  ],
  ['a branch that names the environment prod gets no role', token('environment:prod', 'refs/heads/evil', 'deploy'), []],
  [
    'a new workflow on the protected branch gets no role that changes something',
    token('environment:infra-prod', MAIN, 'evil'),
    [],
  ],
  ['the workflow that deploys may not apply', token('environment:infra-prod', MAIN, 'deploy'), []],
  ['a tag of the name of the branch gets no role', token('environment:infra-prod', 'refs/tags/main'), []],
  [
    'a pull request of the repository may plan and nothing else',
    token('pull_request', 'refs/pull/7/merge'),
    ['p2p-github-plan'],
  ],
  ['a fork gets no role for its own runs', token(`ref:${MAIN}`, MAIN, 'infra', 'mallory/erp-lite'), []],
  [
    "a fork's pull request in its own name gets no role",
    token('pull_request', 'refs/pull/7/merge', 'infra', 'mallory/erp-lite'),
    [],
  ],
  [
    'a repository whose name begins with ours gets no role',
    token(`ref:${MAIN}`, MAIN, 'infra', 'example/erp-lite-2'),
    [],
  ],
];
for (const [sentence, claims, gets] of PUSHED) t.test(sentence, async (t) => t.strictSame(assumable(claims), gets));

t.test('a plan that somebody put in place of the reviewed one is not applied', async (t) => {
  const workflow = readFileSync('.github/workflows/infra.yml', 'utf8');
  t.match(workflow, /DIGEST: \$\{\{ needs\.plan\.outputs\[matrix\.environment\] \}\}/);
  t.ok(
    workflow.indexOf('sha256sum --check --strict') < workflow.indexOf('apply -input=false "$RUNNER_TEMP/saved.plan"'),
  );
  t.notMatch(workflow, 'pull_request_target');
});

function refused(names: readonly string[], attacks: readonly Attack[]): void {
  for (const name of names)
    for (const [sentence, ...calls] of attacks)
      t.test(`${name}, to one that ${sentence}: refused`, async (t) => {
        for (const call of calls)
          t.notOk(simulate(documentsOf(name), call).allowed, `${call.action} on ${call.resource}`);
      });
}
refused(WORKFLOWS, OF_ANY);
refused(['p2p-github-apply-prod'], APPLY_PROD);
refused(['p2p-github-apply-dev'], FROM_DEV);

t.test(
  'a role that the apply role of dev made, and allowed everything, does no more to prod than it does itself',
  async (t) => {
    const everything: Policy = {
      Version: '2012-10-17',
      Statement: [{ Sid: 'All', Effect: 'Allow', Action: '*', Resource: '*' }],
    };
    for (const made of rolesOf(PLANS.dev))
      for (const [sentence, ...calls] of [...FROM_DEV, ...OF_ANY.slice(0, 4)])
        for (const call of calls)
          if (!call.action.startsWith('iam:') || call.resource.includes('prod'))
            t.notOk(
              simulate({ policies: [everything], boundary: boundaryOf(made) }, call).allowed,
              `${made.name} ${sentence}: ${call.action}`,
            );
  },
);

t.test('every resource of an environment bears the tag by which others are kept from it', async (t) => {
  for (const environment of ['dev', 'prod']) {
    const text = readFileSync(`infra/environments/${environment}/versions.tf`, 'utf8');
    t.match(text, /Environment = local\.environment/);
    t.equal(text.split(/^provider "aws"/m).length - 1, text.split('default_tags {').length - 1, environment);
  }
});
