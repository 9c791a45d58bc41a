# The small environment: API Gateway and Lambda with the server's image, on-demand tables, no VPC, AWS's own keys.

locals {
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
}

module "data" {
  source = "../../modules/data"

  table_prefix        = "p2p_dev_"
  deletion_protection = false
  on_demand_limit     = { read = 500, write = 500 }
}

module "storage" {
  source = "../../modules/storage"

  permissions_boundary = local.permissions_boundary
  bucket_prefix        = "p2p-automation-${var.account_id}-${local.environment}"
  access_logs          = false
  cors_origins         = var.cors_origins
  force_destroy        = true
}

module "registry" {
  source = "../../modules/registry"

  initial_tag  = var.initial_image_tag
  name         = local.name
  keep_images  = 10
  readers      = var.promoting_accounts
  force_delete = true
}

module "secrets" {
  source = "../../modules/secrets"

  name                 = local.name
  account_id           = var.account_id
  variables            = concat(["P2P_JWT_PRIVATE_KEY", "P2P_WEBHOOK_SECRET", "P2P_ENCRYPTION_KEY"], local.oidc_secrets)
  recovery_window_days = 0
}

module "access" {
  source = "../../modules/access"

  table_prefix = module.data.table_prefix
  bucket_arns  = module.storage.bucket_arns
  secret_arns  = values(module.secrets.arns)
  tracing      = true
  mail_from    = var.mail_from
}

# The function needs an image; before the first release there is none.
module "lambda" {
  source = "../../modules/lambda"
  count  = module.registry.released ? 1 : 0

  permissions_boundary = local.permissions_boundary
  name                 = local.name
  image                = module.registry.image
  memory               = var.function_memory
  architecture         = lower(var.cpu_architecture)
  secret_arns          = module.secrets.arns
  server_policy        = module.access.server_policy
  secrets_policy       = module.access.secrets_policy
  tracing              = true

  environment = merge(
    {
      P2P_STORE             = "aws"
      P2P_TABLE_PREFIX      = module.data.table_prefix
      P2P_BUCKET_PAYMENTS   = module.storage.bucket_names["payments"]
      P2P_BUCKET_DOCUMENTS  = module.storage.bucket_names["documents"]
      P2P_BUCKET_BACKUPS    = module.storage.bucket_names["backups"]
      P2P_METRICS_NAMESPACE = local.name
      P2P_WRITING_REGION    = var.region
      CORS_ORIGINS          = join(",", var.cors_origins)
    },
    { for sender in compact([var.mail_from]) : "P2P_MAIL_FROM" => sender },
    local.oidc_environment,
    var.server_environment,
  )
}

module "api_gateway" {
  source = "../../modules/api-gateway"
  count  = module.registry.released ? 1 : 0

  permissions_boundary = local.permissions_boundary
  name                 = local.name
  cors_origins         = slice(var.cors_origins, 0, length(var.cors_origins) == 1 ? 1 : 0)
  tracing              = true

  lambda = {
    function_name = module.lambda[0].function_name
    alias_name    = module.lambda[0].alias_name
    invoke_arn    = module.lambda[0].invoke_arn
  }
}

module "observability" {
  source = "../../modules/observability"

  name           = local.name
  emails         = var.alarm_emails
  log_group_name = one(module.lambda[*].log_group_name)
  function_name  = one(module.lambda[*].function_name)
  api_name       = one(module.api_gateway[*].api_name)
  table_prefix   = module.data.table_prefix
}

module "cost" {
  source = "../../modules/cost"

  name              = local.name
  environment       = local.environment
  monthly_limit     = var.monthly_limit
  anomaly_detection = false
  topic_arn         = module.observability.topic_arn
}
