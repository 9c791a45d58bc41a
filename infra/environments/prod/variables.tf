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
}

variable "billing_mode" {
  description = "Tables on_demand, or provisioned with autoscaling (docs/adr/0100-billing-mode.md)."
  type        = string
  default     = "on_demand"
}

variable "on_demand_limit" {
  description = "Most request units a second of an on-demand table; null for none."
  type        = object({ read = number, write = number })
  default     = { read = 4000, write = 4000 }
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
  description = "Firewall before the load balancer; null for none."
  type        = object({ requests_in_5_minutes = optional(number, 6000) })
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
  description = "Years in which nobody, the account's root included, can delete or replace a payment file (object lock in COMPLIANCE mode). It can be made longer, never shorter."
  type        = number
  default     = 7

  validation {
    condition     = var.retention_years >= 0 && var.retention_years <= 30 && floor(var.retention_years) == var.retention_years
    error_message = "retention_years is a whole number from 0 to 30."
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
  description = "Budget of a month in USD."
  type        = number
  default     = 300
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
