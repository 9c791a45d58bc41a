variable "account_id" {
  description = "The account of this environment. Any other is refused."
  type        = string
  default     = ""

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id is missing or not an account number: give the 12 digits of this environment's account."
  }
}

variable "state_bucket" {
  description = "Bucket of the state, as bootstrap made it; its name carries the account."
  type        = string
  default     = ""

  validation {
    condition     = var.state_bucket == "" || strcontains(var.state_bucket, "-${var.account_id}-")
    error_message = "state_bucket belongs to another account than account_id: this environment's state must not be kept there."
  }
}

variable "region" {
  description = "Region of the environment."
  type        = string
  default     = "eu-west-1"

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "region is no AWS Region, such as eu-west-1."
  }
}

variable "writing_region" {
  description = "The one Region that writes and pays, of several with the same tables (docs/adr/0010-writing-region.md); null for region. Elsewhere the servers only read and no job runs."
  type        = string
  default     = null

  # A name that no server runs in would leave every Region reading.
  validation {
    condition     = contains([var.region, var.standby_region], coalesce(var.writing_region, var.region))
    error_message = "writing_region must be region or standby_region: in no other are there servers over these tables."
  }
}

variable "cost_center" {
  description = "Tag CostCenter of everything."
  type        = string
  default     = "accounts-payable"
}

variable "alarm_emails" {
  description = "Who is told of alarms and costs."
  type        = list(string)
  default     = []
}

variable "cors_origins" {
  description = "Origins whose browsers may call the API and upload documents."
  type        = list(string)
  default     = []
}

variable "mail_from" {
  description = "Sender of the server's letters, an address or domain that SES has verified in this account and Region. The server refuses to start without one."
  type        = string
  default     = null
}

variable "oidc" {
  description = <<-EOT
    OpenID Connect provider that people may sign in with; null for none. second_factor names the values of amr or acr that guarded roles take, or any.
    With client_secret the secret P2P_OIDC_CLIENT_SECRET must have its value before the next release: no task starts without it.
  EOT
  type = object({
    issuer              = string
    client_id           = string
    redirect_uri        = string
    second_factor       = string
    client_secret       = optional(bool, true)
    scopes              = optional(string)
    name                = optional(string)
    role_claim          = optional(string)
    roles               = optional(map(list(string)))
    trust_guarded_roles = optional(bool, false)
  })
  default = null
}

variable "server_environment" {
  description = "Further environment variables of the server, such as LOG_LEVEL or P2P_RATE_LIMIT."
  type        = map(string)
  default     = {}
}

variable "standby_region" {
  description = "Region of copies: buckets, images, backups."
  type        = string
  default     = "eu-central-1"

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.standby_region)) && var.standby_region != var.region
    error_message = "standby_region must be an AWS Region other than region: copies in the same Region are lost with it."
  }
}

variable "replicate_tables" {
  description = "Keep every table in the standby Region too (global tables). Only region writes."
  type        = bool
  default     = false
}

variable "certificate_arn" {
  description = "ACM certificate of the service's host name, in region."
  type        = string
  default     = ""

  validation {
    condition     = can(regex("^arn:[a-z-]+:acm:[a-z0-9-]+:[0-9]{12}:certificate/", var.certificate_arn))
    error_message = "prod needs certificate_arn: request an ACM certificate for the service's host name in this Region and give its ARN."
  }

  validation {
    condition     = strcontains(var.certificate_arn, ":${var.region}:") || !startswith(var.certificate_arn, "arn:")
    error_message = "certificate_arn is of another Region than region: a load balancer takes certificates of its own Region only."
  }
}

variable "dns" {
  description = "Hosted zone and name to point at the service; null where DNS is kept elsewhere."
  type        = object({ zone_id = string, name = string })
  default     = null

  validation {
    condition     = var.dns == null || var.api_gateway == null
    error_message = "dns points at the load balancer, which is internal with api_gateway: leave dns null and give API Gateway a custom domain of its own (infra/README.md)."
  }
}

variable "vpc_cidr" {
  description = "Range of the VPC."
  type        = string
  default     = "10.40.0.0/16"
}

variable "zone_count" {
  description = "Availability zones."
  type        = number
  default     = 3
}

variable "nat_gateways" {
  description = "per_zone, single or none."
  type        = string
  default     = "per_zone"
}

variable "interface_endpoints" {
  description = "Services to reach without NAT."
  type        = set(string)
  default     = []

  validation {
    condition     = var.nat_gateways != "none" || length(setsubtract(concat(["ecr.api", "ecr.dkr", "logs", "secretsmanager"], var.tracing ? ["xray"] : []), var.interface_endpoints)) == 0
    error_message = "Without NAT gateways tasks reach nothing but endpoints: interface_endpoints needs ecr.api, ecr.dkr, logs, secretsmanager, and xray with tracing."
  }
}

variable "billing_mode" {
  description = "Tables on_demand, or provisioned with autoscaling (docs/adr/0100-billing-mode.md)."
  type        = string
  default     = "on_demand"

  # DynamoDB makes a replica of a provisioned table only once its writes scale, which is after Terraform made the table.
  validation {
    condition     = var.billing_mode == "on_demand" || !var.replicate_tables
    error_message = "Tables that are replicated are billed on demand: a provisioned table takes a replica only after its autoscaling is there."
  }
}

variable "on_demand_limit" {
  description = "Most request units a second of an on-demand table; null for none."
  type        = object({ read = number, write = number })
  default     = { read = 4000, write = 4000 }
}

variable "table_prefix" {
  description = "What table names begin with. Another one than p2p_ only after a restore beside the old tables (docs/runbooks/restore-table.md)."
  type        = string
  default     = "p2p_"

  validation {
    condition     = can(regex("^p2p_([a-z0-9]+_)?$", var.table_prefix)) && !startswith(var.table_prefix, "p2p_dev_")
    error_message = "table_prefix must be p2p_, or p2p_ with one more word such as p2p_r1_: the roles of prod reach no other tables."
  }
}

variable "paused" {
  description = "Stops the service and the schedules, for a restore: no task runs, and autoscaling starts none."
  type        = bool
  default     = false
}

variable "cpu_architecture" {
  description = "X86_64, or ARM64 (Graviton, a fifth cheaper) where images are built with P2P_IMAGE_PLATFORM=linux/arm64."
  type        = string
  default     = "X86_64"
}

variable "tracing_image" {
  description = "Image of the collector; null for AWS's public one. Without NAT gateways it must lie in a repository of this account (infra/README.md)."
  type        = string
  default     = null

  validation {
    condition     = !(var.tracing && var.nat_gateways == "none") || can(regex("^[0-9]{12}\\.dkr\\.ecr\\.", coalesce(var.tracing_image, "public")))
    error_message = "Without NAT gateways nothing is pulled from public registries: mirror the collector's image into the account's registry and name it in tracing_image, or set tracing = false."
  }
}

variable "tasks" {
  description = "Fewest and most tasks, and their size."
  type = object({
    min    = optional(number, 2)
    max    = optional(number, 10)
    cpu    = optional(number, 512)
    memory = optional(number, 1024)
  })
  default = {}
}

variable "waf" {
  description = "Firewall before the load balancer; null for none. It counts until mode = \"block\" (docs/runbooks/firewall-false-positives.md)."
  type        = object({ requests_in_5_minutes = optional(number, 6000), mode = optional(string, "count") })
  default     = {}
}

variable "cloudfront" {
  description = "CloudFront before the load balancer; null for none."
  type = object({
    domain_names       = list(string)
    certificate_arn    = string
    origin_domain_name = string
  })
  default = null
}

variable "retention_years" {
  description = "Years in which nobody, the account's root included, can delete or replace a payment file or an anchor of the audit trail (object lock in COMPLIANCE mode). It can be made longer, never shorter."
  type        = number
  default     = 7

  validation {
    condition     = var.retention_years >= 0 && var.retention_years <= 30 && floor(var.retention_years) == var.retention_years
    error_message = "retention_years is a whole number from 0 to 30."
  }
}

variable "anchors" {
  description = "Bucket of the audit trail's anchors in another account, as infra/anchors made it; null for one in this account."
  type        = object({ bucket = string, account_id = string })
  default     = null

  validation {
    condition     = var.anchors == null || can(regex("^[0-9]{12}$", var.anchors.account_id))
    error_message = "anchors.account_id is no account number of 12 digits."
  }

  # The boundary of prod's roles ends at this name.
  validation {
    condition     = var.anchors == null || try(var.anchors.bucket == "p2p-anchors-${var.anchors.account_id}-${var.account_id}", false)
    error_message = "anchors.bucket must be p2p-anchors-, the account that keeps it, -, and this account, as infra/anchors names it."
  }
}

variable "previous_secrets" {
  description = "P2P_ENCRYPTION_KEY_PREVIOUS or P2P_JWT_PRIVATE_KEY_PREVIOUS, while that key is rotated: docs/runbooks/rotate-keys.md."
  type        = list(string)
  default     = []
}

variable "seals" {
  description = "migrating while p2p reseal seals the items of a release before seals; else required."
  type        = string
  default     = "required"

  validation {
    condition     = contains(["required", "migrating"], var.seals)
    error_message = "seals is required or migrating."
  }
}

variable "origin_secrets" {
  description = "What CloudFront proves itself with. Set it as TF_VAR_origin_secrets; it stands in the state."
  type        = list(string)
  default     = []
  sensitive   = true
}

variable "api_gateway" {
  description = "API Gateway before an internal load balancer: a host name of the certificate, and usage plans. Null for none."
  type = object({
    domain_name = string
    require_key = optional(bool, false)
    throttle    = optional(object({ rate = number, burst = number }), { rate = 100, burst = 200 })
    usage_plans = optional(map(object({
      rate          = number
      burst         = number
      monthly_quota = number
      keys          = list(string)
    })), {})
  })
  default = null

  validation {
    condition     = var.api_gateway == null || var.cloudfront == null
    error_message = "Choose api_gateway or cloudfront: each wants to be the only way to the load balancer."
  }
}

variable "cache" {
  description = "Valkey for what tasks share: size and number of nodes; null for none."
  type = object({
    node_type = optional(string, "cache.t4g.micro")
    nodes     = optional(number, 2)
  })
  default = null
}

variable "tracing" {
  description = "Traces to X-Ray by a collector beside the server."
  type        = bool
  default     = true
}

variable "pipeline" {
  description = "CodePipeline from this repository and branch, releasing what dev tested (tested_repository_url; null for p2p-dev of this account and Region). Null where GitHub Actions deploy."
  type = object({
    repository            = string
    branch                = optional(string, "main")
    tested_repository_url = optional(string)
  })
  default = null
}

variable "schedules" {
  description = "Other schedules than the shipped ones; null for those."
  type        = map(string)
  default     = null
}

variable "monthly_limit" {
  description = "Budget of a month in USD; notices come at 80 % of it, so it lies well above what a quiet month costs (infra/README.md)."
  type        = number
  default     = 400
}

variable "backup_lock" {
  description = "Lock of the backup vaults (docs/runbooks/restore-another-region.md); null for none."
  type = object({
    min_days            = number
    changeable_for_days = optional(number)
  })
  default = { min_days = 7 }
}

variable "disposable" {
  description = "For rehearsals: lets destroy delete tables, buckets and copies. Never for a company's books."
  type        = bool
  default     = false
}

variable "initial_image_tag" {
  description = "An image that is in the registry before the first apply, as when another Region is set up; none for none."
  type        = string
  default     = "none"
}

variable "baseline" {
  description = "CloudTrail with the buckets' data events, GuardDuty and Access Analyzer in this Region; off where the organisation has them. GuardDuty has one detector per account and Region."
  type        = bool
  default     = false
}

variable "scan_documents" {
  description = "GuardDuty scans every uploaded document for malware, and the server hands out none that is not clean. It bills by the gigabyte."
  type        = bool
  default     = false
}

variable "egress_cidrs" {
  description = "Where tasks may open connections (443) besides DynamoDB, S3 and the interface endpoints: an identity provider, services of AWS without an endpoint. Null for anywhere where there are NAT gateways, nowhere without."
  type        = set(string)
  default     = null
}
