/** What Terraform would make, as `npm run infra-plan` wrote it down, and the documents of the roles in it. */
import { readFileSync } from 'node:fs';
import type { Documents, Policy } from './iam.ts';
import { MANAGED } from './managed-policies.ts';

export interface Planned {
  readonly address: string;
  readonly type: string;
  readonly arn?: string;
  readonly name?: string;
  readonly role?: string;
  readonly policy?: Policy;
  readonly policy_arn?: string;
  readonly permissions_boundary?: string;
  readonly assume_role_policy?: TrustPolicy;
  readonly [attribute: string]: unknown;
}
interface TrustPolicy {
  readonly Statement: readonly { readonly Principal: { readonly Service?: string; readonly Federated?: string } }[];
}

export const planOf = (root: 'bootstrap' | 'dev' | 'prod'): readonly Planned[] =>
  (JSON.parse(readFileSync(`test/infra/plans/${root}.json`, 'utf8')) as { resources: readonly Planned[] }).resources;

export const PLANS = { bootstrap: planOf('bootstrap'), dev: planOf('dev'), prod: planOf('prod') };
const ALL = Object.values(PLANS).flat();
export const rolesOf = (plan: readonly Planned[]): readonly Planned[] =>
  plan.filter(({ type }) => type === 'aws_iam_role');

/** Inline and managed documents of a role, and its boundary, which the bootstrap makes. */
export function documentsOf(name: string): Documents {
  const role = rolesOf(ALL).find((one) => one.name === name);
  if (role === undefined) throw new Error(`No root makes the role ${name}.`);
  const inline = ALL.filter((one) => one.type === 'aws_iam_role_policy' && one.role === name).map(policyOf);
  const managed = ALL.filter((one) => one.type === 'aws_iam_role_policy_attachment' && one.role === name).map(
    ({ policy_arn: arn = '' }) => managedPolicy(arn),
  );
  return { policies: [...inline, ...managed], boundary: boundaryOf(role) };
}

export function boundaryOf({ permissions_boundary: arn }: Planned): Policy | undefined {
  if (arn === undefined) return undefined;
  const policy = ALL.find((one) => one.type === 'aws_iam_policy' && one.arn === arn);
  if (policy === undefined) throw new Error(`No root makes the boundary ${arn}.`);
  return policyOf(policy);
}

function policyOf({ address, policy }: Planned): Policy {
  if (policy === undefined) throw new Error(`${address} has no document.`);
  return policy;
}

function managedPolicy(arn: string): Policy {
  const policy = MANAGED[arn.replace('arn:aws:iam::aws:policy/', '')];
  if (policy === undefined) throw new Error(`${arn} is not in managed-policies.ts.`);
  return policy;
}

/** Without the statement of this name: what a test shows to be needed. */
export const without = ({ policies, boundary }: Documents, sid: string): Documents => ({
  policies: policies.map((policy) => ({ ...policy, Statement: policy.Statement.filter(({ Sid }) => Sid !== sid) })),
  boundary,
});
