/** What AWS would name a resource that Terraform plans: mocked providers know no addresses, and policies are about them. */
import { createHash } from 'node:crypto';

export type Values = Readonly<Record<string, unknown>>;

/** The attributes that only AWS gives, by the resource's type; a type that no policy, alarm or schedule refers to has none. */
type Given = (values: Values, at: Place) => Readonly<Record<string, string>>;

export interface Place {
  readonly account: string;
  readonly region: string;
  /** The resource's address in Terraform. */
  readonly address: string;
}

export const ACCOUNT = '123456789012';
const REGIONS = { first: 'eu-west-1', standby: 'eu-central-1' };

/** Resources of the second Region are those of modules whose call ends in `_standby`. */
export const placeOf = (address: string): Place => ({
  account: ACCOUNT,
  region: /^module\.\w+_standby[.[]/.test(address) ? REGIONS.standby : REGIONS.first,
  address,
});

const text = (value: unknown): string => {
  if (typeof value !== 'string') throw new Error(`Not a name: ${JSON.stringify(value)}`);
  return value;
};
/** The same for the same address, so that a plan does not change by being made again. */
const id = ({ address }: Place): string => createHash('sha256').update(address).digest('hex').slice(0, 12);
const arn = (service: string, { region, account }: Place, rest: string): string =>
  `arn:aws:${service}:${region}:${account}:${rest}`;
const named =
  (service: string, kind: string, attribute = 'name'): Given =>
  (values, at) => ({ arn: arn(service, at, `${kind}${text(values[attribute])}`) });
const iam = (kind: string, { account }: Place, name: unknown): string =>
  `arn:aws:iam::${account}:${kind}/${text(name)}`;

const GIVEN: Readonly<Record<string, Given>> = {
  aws_backup_vault: named('backup', 'backup-vault:'),
  aws_cloudwatch_event_rule: named('events', 'rule/'),
  aws_cloudwatch_log_group: named('logs', 'log-group:'),
  aws_cloudwatch_metric_alarm: named('cloudwatch', 'alarm:', 'alarm_name'),
  aws_codebuild_project: named('codebuild', 'project/'),
  aws_codepipeline: named('codepipeline', ''),
  aws_codestarconnections_connection: (_, at) => ({ arn: arn('codestar-connections', at, `connection/${id(at)}`) }),
  aws_dynamodb_table: named('dynamodb', 'table/'),
  aws_ecr_repository: (values, at) => ({
    arn: arn('ecr', at, `repository/${text(values['name'])}`),
    repository_url: `${at.account}.dkr.ecr.${at.region}.amazonaws.com/${text(values['name'])}`,
  }),
  aws_ecs_cluster: (values, at) => {
    const address = arn('ecs', at, `cluster/${text(values['name'])}`);
    return { arn: address, id: address };
  },
  aws_ecs_service: (values, at) => ({ id: arn('ecs', at, `service/${text(values['name'])}/${text(values['name'])}`) }),
  aws_ecs_task_definition: (values, at) => {
    const family = arn('ecs', at, `task-definition/${text(values['family'])}`);
    return { arn: `${family}:1`, arn_without_revision: family };
  },
  aws_iam_policy: (values, at) => ({ arn: iam('policy', at, values['name']) }),
  aws_iam_role: (values, at) => ({ arn: iam('role', at, values['name']), id: text(values['name']) }),
  aws_kms_key: (_, at) => ({ arn: arn('kms', at, `key/${id(at)}`), key_id: id(at) }),
  aws_lambda_alias: (values, at) => ({
    arn: arn('lambda', at, `function:${text(values['function_name'])}:${text(values['name'])}`),
  }),
  aws_lambda_function: named('lambda', 'function:', 'function_name'),
  aws_lb: (values, at) => ({
    arn: arn('elasticloadbalancing', at, `loadbalancer/app/${text(values['name'])}/${id(at)}`),
    arn_suffix: `app/${text(values['name'])}/${id(at)}`,
  }),
  aws_lb_target_group: (values, at) => ({
    arn: arn('elasticloadbalancing', at, `targetgroup/${text(values['name'])}/${id(at)}`),
    arn_suffix: `targetgroup/${text(values['name'])}/${id(at)}`,
  }),
  aws_s3_bucket: (values) => ({ arn: `arn:aws:s3:::${text(values['bucket'])}`, id: text(values['bucket']) }),
  aws_scheduler_schedule: (values, at) => ({
    arn: arn('scheduler', at, `schedule/${text(values['group_name'])}/${text(values['name'])}`),
  }),
  aws_secretsmanager_secret: (values, at) => ({
    arn: arn('secretsmanager', at, `secret:${text(values['name'])}-AbCdEf`),
  }),
  aws_sns_topic: named('sns', ''),
  aws_sqs_queue: named('sqs', ''),
  aws_ssm_parameter: named('ssm', 'parameter'),
};

/** What AWS gives the resource; empty for a type that needs none. */
export const givenTo = (type: string, address: string, values: Values): Readonly<Record<string, string>> =>
  GIVEN[type]?.(values, placeOf(address)) ?? {};
