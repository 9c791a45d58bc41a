variable "name" {
  description = "Name of the API."
  type        = string
}

variable "stage" {
  description = "Name of the stage: the first part of every path at the API's own address."
  type        = string
  default     = "p2p"
}

variable "lambda" {
  description = "The function behind. Null with load_balancer."
  type = object({
    function_name = string
    alias_name    = string
    invoke_arn    = string
  })
  default = null
}

variable "load_balancer" {
  description = "The load balancer behind, and a name that its certificate covers. Null with lambda."
  type = object({
    arn         = string
    domain_name = string
    vpc_id      = string
    subnet_ids  = list(string)
  })
  default = null
}

variable "throttle" {
  description = "Requests a second, and how many may come at once, over all callers."
  type        = object({ rate = number, burst = number })
  default     = { rate = 50, burst = 100 }

  validation {
    condition     = var.throttle.rate > 0 && var.throttle.burst >= 1
    error_message = "throttle needs a rate above 0 and a burst of at least 1, or nobody gets in."
  }
}

variable "require_key" {
  description = "Refuse callers without a usage plan's key. Only with a load balancer behind: see the integration."
  type        = bool
  default     = false

  validation {
    condition     = !var.require_key || var.load_balancer != null
    error_message = "require_key works with load_balancer only: before Lambda the plan's key would arrive at the server as its own X-API-Key."
  }
}

variable "usage_plans" {
  description = "Usage plans with their limits and the names of their keys."
  type = map(object({
    rate          = number
    burst         = number
    monthly_quota = number
    keys          = list(string)
  }))
  default = {}
}

variable "cors_origins" {
  description = "Origin whose browsers may call; the gateway can name one. Empty for none."
  type        = list(string)
  default     = []

  validation {
    condition     = length(var.cors_origins) <= 1
    error_message = "The gateway answers preflights with one origin. For more, leave this empty and set CORS_ORIGINS of the server."
  }

  validation {
    condition     = alltrue([for origin in var.cors_origins : can(regex("^https?://[^/*]+$", origin))])
    error_message = "An origin is a scheme and a host, such as https://app.example.com, and never a pattern."
  }
}

variable "manage_account" {
  description = "Set the account's role for API Gateway logs. One environment of an account and Region does."
  type        = bool
  default     = true
}

variable "tracing" {
  description = "Send traces to X-Ray."
  type        = bool
  default     = false
}

variable "log_retention_days" {
  description = "Days to keep the access log."
  type        = number
  default     = 30
}

variable "logs_key_arn" {
  description = "KMS key of the log group."
  type        = string
  default     = null
}

variable "permissions_boundary" {
  description = "Policy that bounds what the roles made here may ever do. The pipeline may make none without it."
  type        = string
  default     = null
}
