variable "name" {
  description = "Name of the load balancer, at most 32 characters."
  type        = string

  validation {
    condition     = length(var.name) <= 32
    error_message = "name is longer than the 32 characters a load balancer takes."
  }
}

variable "vpc_id" {
  description = "The VPC."
  type        = string
}

variable "vpc_cidr" {
  description = "Range in which the tasks are."
  type        = string
}

variable "subnet_ids" {
  description = "Subnets of the load balancer, in two zones at least."
  type        = list(string)
}

variable "internal" {
  description = "Give the load balancer private addresses only, for use behind API Gateway or a VPN."
  type        = bool
  default     = false
}

variable "ingress_cidrs" {
  description = "Who may connect."
  type        = list(string)
  default     = ["0.0.0.0/0"]
}

variable "certificate_arn" {
  description = "ACM certificate of the listener, in the load balancer's Region."
  type        = string

  validation {
    condition     = can(regex("^arn:[a-z-]+:acm:[a-z0-9-]+:[0-9]{12}:certificate/", var.certificate_arn))
    error_message = "certificate_arn is no ACM certificate: request one in the load balancer's Region and give its ARN."
  }
}

variable "target_port" {
  description = "Port of the tasks."
  type        = number
  default     = 3000
}

variable "idle_timeout" {
  description = "Seconds a connection may be quiet; the server keeps its own open for longer."
  type        = number
  default     = 60
}

variable "log_bucket" {
  description = "Bucket of the access logs; null for none."
  type        = string
  default     = null
}

variable "log_retention_days" {
  description = "Days to keep the firewall's log."
  type        = number
  default     = 90
}

variable "logs_key_arn" {
  description = "KMS key of log groups."
  type        = string
  default     = null
}

variable "deletion_protection" {
  description = "Refuse to delete the load balancer."
  type        = bool
  default     = true
}

variable "waf" {
  description = "Web application firewall: most requests of one address in five minutes, and whether it counts or blocks. Null for none."
  type        = object({ requests_in_5_minutes = optional(number, 6000), mode = optional(string, "count") })
  default     = null

  validation {
    condition     = contains(["count", "block"], try(var.waf.mode, "count"))
    error_message = "waf.mode must be count or block."
  }
}

variable "cloudfront" {
  description = "CloudFront in front: its host names, its certificate (in us-east-1), and a name of the load balancer that the listener's certificate covers. Null for none."
  type = object({
    domain_names       = list(string)
    certificate_arn    = string
    origin_domain_name = string
  })
  default = null

  validation {
    condition     = var.cloudfront == null || can(regex("^arn:[a-z-]+:acm:us-east-1:", var.cloudfront.certificate_arn))
    error_message = "CloudFront takes certificates of us-east-1 only."
  }
}

variable "origin_secrets" {
  description = "What CloudFront proves itself with: the first is sent, all are accepted."
  type        = list(string)
  default     = []
  sensitive   = true

  validation {
    condition     = var.cloudfront == null || length(var.origin_secrets) > 0
    error_message = "With CloudFront, origin_secrets needs at least one value, or anybody's distribution could reach the load balancer."
  }

  validation {
    condition     = alltrue([for secret in var.origin_secrets : length(secret) >= 32])
    error_message = "A value of origin_secrets is shorter than 32 characters."
  }
}

variable "dns" {
  description = "Hosted zone and name to point here; null where DNS is kept elsewhere."
  type        = object({ zone_id = string, name = string })
  default     = null
}
