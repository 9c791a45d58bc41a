# The environment a company works in: tasks in private subnets of three zones, copies of everything in a second Region.

locals {
  bucket_prefix         = "p2p-automation-${var.account_id}-${local.environment}"
  standby_bucket_prefix = "${local.bucket_prefix}-standby"
  table_prefix          = var.table_prefix
  runs                  = module.registry.released && !var.paused
  writing_region        = coalesce(var.writing_region, var.region)

  # Copies of tables expire after three months, so their bucket is locked for less; payment files and anchors stay for years.
  locked_years = var.disposable ? 0 : var.retention_years
  object_lock = {
    backups  = { mode = "GOVERNANCE", days = var.disposable ? 0 : 35 }
    payments = { mode = "COMPLIANCE", days = local.locked_years * 365 }
  }

  # In this account, or in one whose administrators are others (infra/anchors).
  anchors_bucket  = var.anchors == null ? "${local.bucket_prefix}-anchors" : var.anchors.bucket
  anchors_account = var.anchors == null ? var.account_id : var.anchors.account_id

  oidc_secrets = try(var.oidc.client_secret, false) ? ["P2P_OIDC_CLIENT_SECRET"] : []
  oidc_environment = var.oidc == null ? {} : { for variable, value in {
    P2P_OIDC_ISSUER              = var.oidc.issuer
    P2P_OIDC_CLIENT_ID           = var.oidc.client_id
    P2P_OIDC_REDIRECT_URI        = var.oidc.redirect_uri
    P2P_OIDC_SECOND_FACTOR       = var.oidc.second_factor
    P2P_OIDC_SCOPES              = var.oidc.scopes
    P2P_OIDC_NAME                = var.oidc.name
    P2P_OIDC_ROLE_CLAIM          = var.oidc.role_claim
    P2P_OIDC_ROLES               = var.oidc.roles == null ? null : jsonencode(var.oidc.roles)
    P2P_OIDC_TRUST_GUARDED_ROLES = var.oidc.trust_guarded_roles ? "on" : "off"
  } : variable => value if value != null }

  server_environment = merge(
    {
      P2P_STORE             = "aws"
      AWS_REGION            = var.region
      P2P_TABLE_PREFIX      = local.table_prefix
      P2P_BUCKET_PAYMENTS   = module.storage.bucket_names["payments"]
      P2P_BUCKET_DOCUMENTS  = module.storage.bucket_names["documents"]
      P2P_BUCKET_BACKUPS    = module.storage.bucket_names["backups"]
      P2P_BUCKET_ANCHORS    = local.anchors_bucket
      P2P_METRICS_NAMESPACE = local.name
      P2P_WRITING_REGION    = local.writing_region
      TRUST_PROXY           = module.edge.trusted_proxies
      CORS_ORIGINS          = join(",", var.cors_origins)
      P2P_SEALS             = var.seals
    },
    { for scanner in ["guardduty"] : "P2P_DOCUMENT_SCAN" => scanner if var.scan_documents },
    { for url in module.cache[*].redis_url : "REDIS_URL" => url },
    { for sender in compact([var.mail_from]) : "P2P_MAIL_FROM" => sender },
    local.oidc_environment,
    var.server_environment,
  )
}

module "keys" {
  source = "../../modules/keys"

  name                 = local.name
  deletion_window_days = var.disposable ? 7 : 30
}

module "keys_standby" {
  source    = "../../modules/keys"
  providers = { aws = aws.standby }

  name                 = "${local.name}-standby"
  purposes             = ["data"]
  deletion_window_days = var.disposable ? 7 : 30
}

module "network" {
  source = "../../modules/network"

  permissions_boundary = local.permissions_boundary
  name                 = local.name
  cidr                 = var.vpc_cidr
  zone_count           = var.zone_count
  nat_gateways         = var.nat_gateways
  interface_endpoints  = var.interface_endpoints
  endpoint_policies    = local.endpoint_policies
  logs_key_arn         = module.keys.arns["logs"]
}

module "data" {
  source = "../../modules/data"

  table_prefix        = local.table_prefix
  billing_mode        = var.billing_mode
  on_demand_limit     = var.on_demand_limit
  deletion_protection = !var.disposable
  kms_key_arn         = module.keys.arns["data"]
  replicas            = var.replicate_tables ? { (var.standby_region) = module.keys_standby.arns["data"] } : {}
}

module "storage_standby" {
  source    = "../../modules/storage"
  providers = { aws = aws.standby }

  permissions_boundary = local.permissions_boundary
  bucket_prefix        = local.standby_bucket_prefix
  kms_key_arn          = module.keys_standby.arns["data"]
  access_logs          = false
  object_lock          = local.object_lock
  force_destroy        = var.disposable
}

module "storage" {
  source = "../../modules/storage"

  permissions_boundary = local.permissions_boundary
  bucket_prefix        = local.bucket_prefix
  kms_key_arn          = module.keys.arns["data"]
  object_lock          = local.object_lock
  cors_origins         = var.cors_origins
  scanner_role_arn     = var.scan_documents ? "arn:${data.aws_partition.current.partition}:iam::${var.account_id}:role/${local.name}-malware-scan" : null
  force_destroy        = var.disposable

  replication = {
    bucket_prefix = module.storage_standby.bucket_prefix
    # The pipeline's role may touch roles of this prefix alone.
    role_name   = "${local.name}-replication"
    kms_key_arn = module.keys_standby.arns["data"]
    besides     = { for copy in module.anchors_standby[*].bucket_arn : "arn:${data.aws_partition.current.partition}:s3:::${local.anchors_bucket}" => copy }
  }
}

module "anchors_standby" {
  source    = "../../modules/anchors"
  count     = var.anchors == null ? 1 : 0
  providers = { aws = aws.standby }

  bucket = "${local.standby_bucket_prefix}-anchors"
  years  = local.locked_years
}

module "anchors" {
  source = "../../modules/anchors"
  count  = var.anchors == null ? 1 : 0

  bucket      = local.anchors_bucket
  years       = local.locked_years
  replication = { bucket_arn = module.anchors_standby[0].bucket_arn, role_arn = module.storage.replication_role_arn }
}

module "registry" {
  source = "../../modules/registry"

  initial_tag         = var.initial_image_tag
  name                = local.name
  kms_key_arn         = module.keys.arns["data"]
  replication_regions = [var.standby_region]
  force_delete        = var.disposable
}

module "secrets" {
  source = "../../modules/secrets"

  name                 = local.name
  account_id           = var.account_id
  kms_key_arn          = module.keys.arns["secrets"]
  variables            = concat(["P2P_JWT_PRIVATE_KEY", "P2P_WEBHOOK_SECRET", "P2P_ENCRYPTION_KEY"], local.oidc_secrets, var.previous_secrets)
  recovery_window_days = var.disposable ? 0 : 30
}

module "access" {
  source = "../../modules/access"

  table_prefix    = local.table_prefix
  bucket_arns     = module.storage.bucket_arns
  anchors         = { bucket_arn = "arn:${data.aws_partition.current.partition}:s3:::${local.anchors_bucket}", account_id = local.anchors_account }
  secret_arns     = values(module.secrets.arns)
  data_key_arn    = module.keys.arns["data"]
  secrets_key_arn = module.keys.arns["secrets"]
  tracing         = var.tracing
  mail_from       = var.mail_from
}

module "edge" {
  source = "../../modules/edge"

  name                = local.name
  vpc_id              = module.network.vpc_id
  vpc_cidr            = module.network.cidr
  subnet_ids          = var.api_gateway == null ? module.network.public_subnet_ids : module.network.private_subnet_ids
  internal            = var.api_gateway != null
  ingress_cidrs       = var.api_gateway == null ? ["0.0.0.0/0"] : [var.vpc_cidr]
  certificate_arn     = var.certificate_arn
  log_bucket          = module.storage.log_bucket
  logs_key_arn        = module.keys.arns["logs"]
  deletion_protection = !var.disposable
  waf                 = var.waf
  cloudfront          = var.cloudfront
  origin_secrets      = var.origin_secrets
  dns                 = var.dns
}

module "api_gateway" {
  source = "../../modules/api-gateway"
  count  = var.api_gateway == null ? 0 : 1

  permissions_boundary = local.permissions_boundary
  name                 = local.name
  cors_origins         = slice(var.cors_origins, 0, length(var.cors_origins) == 1 ? 1 : 0)
  require_key          = var.api_gateway.require_key
  throttle             = var.api_gateway.throttle
  usage_plans          = var.api_gateway.usage_plans
  tracing              = var.tracing
  logs_key_arn         = module.keys.arns["logs"]

  load_balancer = {
    arn         = module.edge.load_balancer_arn
    domain_name = var.api_gateway.domain_name
    vpc_id      = module.network.vpc_id
    subnet_ids  = module.network.private_subnet_ids
  }
}

module "service" {
  source = "../../modules/service"

  permissions_boundary            = local.permissions_boundary
  name                            = local.name
  image                           = module.registry.image
  released                        = module.registry.released
  repository_arn                  = module.registry.repository_arn
  cpu                             = var.tasks.cpu
  memory                          = var.tasks.memory
  tasks                           = var.paused ? { min = 0, max = 0 } : { min = var.tasks.min, max = var.tasks.max }
  cpu_architecture                = var.cpu_architecture
  tracing_image                   = var.tracing_image
  environment                     = local.server_environment
  secret_arns                     = module.secrets.arns
  server_policy                   = module.access.server_policy
  secrets_policy                  = module.access.secrets_policy
  vpc_id                          = module.network.vpc_id
  subnet_ids                      = module.network.private_subnet_ids
  target_group_arn                = module.edge.target_group_arn
  target_group_suffix             = module.edge.target_group_suffix
  load_balancer_suffix            = module.edge.load_balancer_suffix
  load_balancer_security_group_id = module.edge.security_group_id
  egress = {
    prefix_lists    = module.network.prefix_list_ids
    security_groups = module.network.endpoint_security_groups
    cidrs           = coalesce(var.egress_cidrs, var.nat_gateways == "none" ? [] : ["0.0.0.0/0"])
  }
  deployment_alarm_names = [module.observability.alarm_names["5xx"]]
  logs_key_arn           = module.keys.arns["logs"]
  tracing                = var.tracing
}

module "cache" {
  source = "../../modules/cache"
  count  = var.cache == null ? 0 : 1

  name                   = local.name
  node_type              = var.cache.node_type
  nodes                  = var.cache.nodes
  vpc_id                 = module.network.vpc_id
  subnet_ids             = module.network.private_subnet_ids
  task_security_group_id = module.service.task_security_group_id
  kms_key_arn            = module.keys.arns["data"]
}

module "jobs" {
  source = "../../modules/jobs"

  permissions_boundary = local.permissions_boundary
  name                 = local.name
  enabled              = local.runs && local.writing_region == var.region
  cpu_architecture     = var.cpu_architecture
  schedules            = coalesce(var.schedules, local.schedules)
  container            = module.service.container
  cluster_arn          = module.service.cluster_arn
  execution_role_arn   = module.service.execution_role_arn
  jobs_policy          = module.access.jobs_policy
  subnet_ids           = module.network.private_subnet_ids
  security_group_id    = module.service.task_security_group_id
  logs_key_arn         = module.keys.arns["logs"]
}

# Names instead of the service's outputs: the service's deployments wait for these alarms, not the other way round.
module "observability" {
  source = "../../modules/observability"

  name              = local.name
  emails            = var.alarm_emails
  logs_key_arn      = module.keys.arns["logs"]
  log_group_name    = "/${local.name}/server"
  load_balancer     = { suffix = module.edge.load_balancer_suffix, target_group_suffix = module.edge.target_group_suffix }
  service           = { cluster = local.name, name = local.name, min_tasks = local.runs ? var.tasks.min : 0 }
  api_name          = one(module.api_gateway[*].api_name)
  table_names       = module.data.table_names
  table_prefix      = local.table_prefix
  jobs              = keys(coalesce(var.schedules, local.schedules))
  heartbeats        = { for job, hours in { anchor-audit = 2, backup = 1 } : job => hours if local.runs && contains(keys(coalesce(var.schedules, local.schedules)), job) }
  dead_letter_queue = "${local.name}-jobs-not-started"
  firewall          = var.waf == null ? null : { name = local.name, mode = var.waf.mode }
  tracing           = var.tracing
}

module "recovery_standby" {
  source    = "../../modules/recovery"
  providers = { aws = aws.standby }

  permissions_boundary = local.permissions_boundary
  name                 = "${local.name}-standby"
  kms_key_arn          = module.keys_standby.arns["data"]
  lock                 = var.disposable ? null : var.backup_lock
  force_destroy        = var.disposable
}

module "recovery" {
  source = "../../modules/recovery"

  permissions_boundary = local.permissions_boundary
  name                 = local.name
  table_arns           = module.data.backed_up_table_arns
  copy_vault_arn       = module.recovery_standby.vault_arn
  kms_key_arn          = module.keys.arns["data"]
  lock                 = var.disposable ? null : var.backup_lock
  notify               = true
  topic_arn            = module.observability.topic_arn
  force_destroy        = var.disposable
}

module "cost" {
  source = "../../modules/cost"

  name          = local.name
  environment   = local.environment
  monthly_limit = var.monthly_limit
  topic_arn     = module.observability.topic_arn
}

module "pipeline" {
  source = "../../modules/pipeline"
  count  = var.pipeline == null ? 0 : 1

  permissions_boundary  = local.permissions_boundary
  name                  = local.name
  environment           = local.environment
  source_repository     = var.pipeline.repository
  source_branch         = var.pipeline.branch
  repository_name       = module.registry.repository_name
  repository_url        = module.registry.repository_url
  repository_arn        = module.registry.repository_arn
  tested_repository_url = coalesce(var.pipeline.tested_repository_url, "${var.account_id}.dkr.ecr.${var.region}.amazonaws.com/p2p-dev")
  topic_arn             = module.observability.topic_arn
  kms_key_arn           = module.keys.arns["data"]
  logs_key_arn          = module.keys.arns["logs"]
}

module "malware_scan" {
  source = "../../modules/malware-scan"
  count  = var.scan_documents ? 1 : 0

  permissions_boundary = local.permissions_boundary
  name                 = local.name
  bucket               = module.storage.bucket_names["documents"]
  kms_key_arn          = module.keys.arns["data"]
}

module "baseline" {
  source = "../../modules/baseline"
  count  = var.baseline ? 1 : 0

  name          = local.name
  bucket_arns   = concat([for purpose in ["payments", "documents", "backups"] : module.storage.bucket_arns[purpose]], module.anchors[*].bucket_arn)
  topic_arn     = module.observability.topic_arn
  force_destroy = var.disposable
}
