variable "name" {
  description = "Prefix of everything here, for example p2p-prod."
  type        = string
}

variable "cidr" {
  description = "IPv4 range of the VPC, /16 to /20."
  type        = string
  default     = "10.40.0.0/16"

  validation {
    condition     = can(cidrnetmask(var.cidr)) && try(tonumber(split("/", var.cidr)[1]), 0) >= 16 && try(tonumber(split("/", var.cidr)[1]), 99) <= 20
    error_message = "cidr must be an IPv4 range between /16 and /20, such as 10.40.0.0/16: sixteen subnets are cut from it."
  }
}

variable "zone_count" {
  description = "How many availability zones to use."
  type        = number
  default     = 3

  validation {
    condition     = var.zone_count >= 2 && var.zone_count <= 6
    error_message = "zone_count must be 2 to 6: a load balancer needs two zones."
  }
}

variable "nat_gateways" {
  description = "per_zone (survives the loss of a zone), single (cheaper), none (interface endpoints only)."
  type        = string
  default     = "per_zone"

  validation {
    condition     = contains(["per_zone", "single", "none"], var.nat_gateways)
    error_message = "nat_gateways must be per_zone, single or none."
  }
}

variable "interface_endpoints" {
  description = "Services to reach without NAT, such as ecr.api, ecr.dkr, logs, secretsmanager, xray."
  type        = set(string)
  default     = []

  # An endpoint without a policy passes everything to everybody's account.
  validation {
    condition     = length(var.endpoint_policies) == 0 || length(setsubtract(var.interface_endpoints, keys(var.endpoint_policies))) == 0
    error_message = "interface_endpoints names a service for which endpoint_policies has no policy."
  }
}

variable "endpoint_policies" {
  description = "Policy of each endpoint by its service, dynamodb and s3 included; none for AWS's, which lets everything through."
  type        = map(string)
  default     = {}
}

variable "flow_log_retention_days" {
  description = "Days to keep flow logs."
  type        = number
  default     = 90
}

variable "logs_key_arn" {
  description = "KMS key of the log groups; null for the key of CloudWatch Logs."
  type        = string
  default     = null
}

variable "permissions_boundary" {
  description = "Policy that bounds what the roles made here may ever do. The pipeline may make none without it."
  type        = string
  default     = null
}
