/** What of a planned resource is kept in test/infra/plans: names, policies, and what alarms and dashboards read. */
import type { Values } from './addresses.ts';

/** Attributes by type; of every other type only the address is kept. */
const KEPT: Readonly<Record<string, readonly string[]>> = {
  aws_backup_vault: ['name'],
  aws_cloudwatch_dashboard: ['dashboard_name', 'dashboard_body'],
  aws_cloudwatch_event_rule: ['name', 'event_pattern'],
  aws_cloudwatch_log_group: ['name', 'retention_in_days'],
  aws_cloudwatch_metric_alarm: [
    'alarm_name',
    'alarm_description',
    'namespace',
    'metric_name',
    'dimensions',
    'metric_query',
  ],
  aws_codebuild_project: ['name', 'service_role'],
  aws_codepipeline: ['name', 'role_arn'],
  aws_dynamodb_resource_policy: ['resource_arn', 'policy'],
  aws_dynamodb_table: ['name'],
  aws_ecr_repository: ['name'],
  aws_ecs_cluster: ['name'],
  aws_ecs_service: ['name'],
  aws_ecs_task_definition: ['family', 'execution_role_arn', 'task_role_arn'],
  aws_iam_group_policy: ['group', 'policy'],
  aws_iam_policy: ['name', 'policy'],
  aws_iam_role: ['name', 'permissions_boundary', 'assume_role_policy'],
  aws_iam_role_policy: ['name', 'role', 'policy'],
  aws_iam_role_policy_attachment: ['role', 'policy_arn'],
  aws_kms_alias: ['name'],
  aws_kms_key: ['policy'],
  aws_lambda_function: ['function_name', 'role'],
  aws_lb: ['name'],
  aws_lb_target_group: ['name'],
  aws_s3_bucket: ['bucket'],
  aws_s3_bucket_policy: ['policy'],
  aws_scheduler_schedule: ['name', 'group_name', 'target'],
  aws_scheduler_schedule_group: ['name'],
  aws_secretsmanager_secret: ['name'],
  aws_sns_topic: ['name'],
  aws_sqs_queue: ['name'],
  aws_ssm_parameter: ['name'],
  aws_vpc_endpoint: ['service_name', 'policy'],
  aws_vpc_security_group_egress_rule: ['cidr_ipv4', 'ip_protocol', 'from_port', 'to_port'],
  aws_guardduty_malware_protection_plan: ['actions'],
};

const JSON_TEXTS = new Set(['assume_role_policy', 'dashboard_body', 'event_pattern', 'input', 'policy']);

/** Identifiers that mocks make up anew each time, and that nothing here asks for. */
const MADE_UP = new Set(['network_configuration']);

export function keptOf(type: string, values: Values): Values {
  const kept = (KEPT[type] ?? []).filter((name) => values[name] !== null && values[name] !== undefined);
  return Object.fromEntries(kept.map((name) => [name, readable(name, values[name])]));
}

/** Names of the attributes whose values stand in the state and must not be shown. */
export const sensitiveOf = (values: Values, marked: Values = {}): Values => {
  const sensitive = Object.keys(marked).filter((name) => anyMarked(marked[name]) && filled(values[name]));
  return sensitive.length === 0 ? {} : { sensitive };
};
const anyMarked = (mark: unknown): boolean =>
  mark === true || (typeof mark === 'object' && mark !== null && Object.values(mark).some(anyMarked));
const filled = (value: unknown): boolean => value !== null && value !== undefined && value !== '';

/** Documents as documents, and no empty settings: a change shows as a change of one line. */
function readable(name: string, value: unknown): unknown {
  if (typeof value === 'string' && JSON_TEXTS.has(name) && value.startsWith('{')) return JSON.parse(value);
  if (Array.isArray(value)) return value.map((one) => readable('', one));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(
        ([key, inner]) =>
          !MADE_UP.has(key) && inner !== null && inner !== '' && !(Array.isArray(inner) && inner.length === 0),
      )
      .map(([key, inner]) => [key, readable(key, inner)]),
  );
}
