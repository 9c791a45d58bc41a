/** What may pass the VPC's endpoints and leave the tasks: what the roles were seen to do, by this account, to what is prod's; nothing else. */
import t from 'tap';
import { type Call, type Policy, simulate } from '../support/iam.ts';
import { documentsOf, PLANS } from '../support/infra-plan.ts';
import * as recorded from '../support/recorded-calls.ts';

const prod = recorded.namesOf(PLANS.prod);
const OURS = '123456789012';
const OTHERS = '999999999999';
const endpoints = new Map(
  PLANS.prod
    .filter(({ type }) => type === 'aws_vpc_endpoint')
    .map((one) => [String(one['service_name']).replace('com.amazonaws.eu-west-1.', ''), one.policy] as const),
);
/** The endpoint that a call takes. */
const ENDPOINTS: Readonly<Record<string, readonly string[]>> = {
  dynamodb: ['dynamodb'],
  ecr: ['ecr.api', 'ecr.dkr'],
  logs: ['logs'],
  s3: ['s3'],
  secretsmanager: ['secretsmanager'],
  xray: ['xray'],
};

function passes(call: Call, account = OURS): boolean {
  const services = ENDPOINTS[call.action.split(':')[0] ?? ''] ?? [];
  if (services.length === 0) throw new Error(`${call.action} takes no endpoint`);
  return services.every((service) => {
    const policy = endpoints.get(service);
    const context = { ...call.context, 'aws:PrincipalAccount': account };
    return policy !== undefined && simulate({ policies: [policy] }, { ...call, context }).allowed;
  });
}

t.test('every endpoint has a policy of its own', async (t) => {
  t.ok(endpoints.size >= 9, `${endpoints.size} endpoints`);
  for (const [service, policy] of endpoints) t.ok(policy, service);
});

t.test('what server, jobs and the start of tasks were seen to do passes', async (t) => {
  // The key is used by DynamoDB, S3 and Secrets Manager, not by the task.
  const calls = [...recorded.serverCalls(prod), ...recorded.jobCalls(prod), ...recorded.startCalls(prod)];
  for (const call of calls.filter(({ action }) => !action.startsWith('kms:')))
    if (!passes(call)) t.fail(`${call.action} on ${call.resource}`);
  t.ok(calls.length > 100, `${calls.length} calls`);
});

const BEYOND: readonly (readonly [sentence: string, call: Call, account: string])[] = [
  ['a key of another account', { action: 'dynamodb:GetItem', resource: table('p2p_payments') }, OTHERS],
  ['a table of another account', { action: 'dynamodb:PutItem', resource: table('p2p_payments', OTHERS) }, OURS],
  ['a table that is not of the system', { action: 'dynamodb:PutItem', resource: table('others') }, OURS],
  ['another bucket, to carry data out', { action: 's3:PutObject', resource: 'arn:aws:s3:::mallory/a' }, OURS],
  [
    "a key of another account, into the system's own bucket",
    { action: 's3:PutObject', resource: `arn:aws:s3:::p2p-automation-${OURS}-prod-documents/a` },
    OTHERS,
  ],
  [
    'a log group of others',
    { action: 'logs:PutLogEvents', resource: `arn:aws:logs:eu-west-1:${OURS}:log-group:/x:log-stream:y` },
    OURS,
  ],
  [
    'a secret of others',
    {
      action: 'secretsmanager:GetSecretValue',
      resource: `arn:aws:secretsmanager:eu-west-1:${OURS}:secret:other-AbCdEf`,
    },
    OURS,
  ],
  [
    'an image of others',
    { action: 'ecr:BatchGetImage', resource: `arn:aws:ecr:eu-west-1:${OTHERS}:repository/p2p-prod` },
    OURS,
  ],
  ['deletion of a table', { action: 'dynamodb:DeleteTable', resource: table('p2p_payments') }, OURS],
];
for (const [sentence, call, account] of BEYOND)
  t.test(`no endpoint passes ${sentence}`, async (t) => t.notOk(passes(call, account)));

function table(name: string, account = OURS): string {
  return `arn:aws:dynamodb:eu-west-1:${account}:table/${name}`;
}

t.test('without NAT gateways tasks reach the endpoints and the cache, and no address besides', async (t) => {
  const rules = PLANS.prod.filter(
    ({ type, address }) => type === 'aws_vpc_security_group_egress_rule' && !address.startsWith('module.edge.'),
  );
  t.strictSame(
    rules.map(({ address, from_port: from, to_port: to, cidr_ipv4: cidr }) => [
      address.replace(/^.*egress_rule\./, ''),
      from,
      to,
      cidr,
    ]),
    [
      ['to_cache', 6379, 6379, undefined],
      ['endpoints["endpoints"]', 443, 443, undefined],
      ['gateway["dynamodb"]', 443, 443, undefined],
      ['gateway["s3"]', 443, 443, undefined],
    ],
  );
});

const policyOf = (name: string): Policy => {
  const found = PLANS.prod.find(
    ({ address }) => address === `module.data.aws_dynamodb_resource_policy.append_only["${name}"]`,
  );
  if (found?.policy === undefined) throw new Error(`${name} has no policy`);
  return found.policy;
};
const administrator: Policy = {
  Version: '2012-10-17',
  Statement: [{ Sid: 'All', Effect: 'Allow', Action: '*', Resource: '*' }],
};
const asked = (name: string, action: string, policies: readonly Policy[], context: Call['context'] = {}): boolean =>
  simulate(
    { policies: [...policies, policyOf(name)] },
    { action: `dynamodb:${action}`, resource: table(`p2p_${name}`), context },
  ).allowed;
const IN_TRANSACTION = { 'dynamodb:EnclosingOperation': 'TransactWriteItems' };

t.test('an event is put inside a transaction; outside of one it is refused, to an administrator too', async (t) => {
  const task = documentsOf('p2p-prod-task').policies;
  t.ok(asked('audit_log', 'PutItem', task, IN_TRANSACTION), 'as the server does');
  t.notOk(asked('audit_log', 'PutItem', task));
  t.notOk(asked('audit_log', 'PutItem', [administrator]));
});

t.test('nobody changes or deletes an event, an administrator neither', async (t) => {
  for (const name of ['audit_log', 'security_log'])
    for (const action of [
      'UpdateItem',
      'DeleteItem',
      'BatchWriteItem',
      'PartiQLInsert',
      'PartiQLUpdate',
      'PartiQLDelete',
    ])
      t.notOk(asked(name, action, [administrator], IN_TRANSACTION), `${name} ${action}`);
});

t.test('copies between Regions pass', async (t) => {
  const role = `arn:aws:iam::${OURS}:role/aws-service-role/replication.dynamodb.amazonaws.com/AWSServiceRoleForDynamoDBReplication`;
  for (const action of ['PutItem', 'UpdateItem', 'DeleteItem'])
    t.ok(asked('audit_log', action, [administrator], { 'aws:PrincipalArn': role }), action);
});
