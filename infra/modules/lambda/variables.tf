variable "name" {
  description = "Name of the function, for example p2p-dev."
  type        = string
}

variable "image" {
  description = "Image with the Lambda runtime client, with its tag."
  type        = string
}

variable "architecture" {
  description = "x86_64 or arm64, as the image was built."
  type        = string
  default     = "x86_64"

  validation {
    condition     = contains(["x86_64", "arm64"], var.architecture)
    error_message = "architecture must be x86_64 or arm64."
  }
}

variable "memory" {
  description = "Memory in MiB; CPU grows with it."
  type        = number
  default     = 1024

  validation {
    condition     = var.memory >= 512 && var.memory <= 10240
    error_message = "memory must be 512 to 10240 MiB: below, the server's start takes many seconds."
  }
}

variable "timeout" {
  description = "Seconds a request may take; API Gateway gives up after 29."
  type        = number
  default     = 29
}

variable "concurrency" {
  description = "Most copies at once, against a runaway bill. -1 reserves none: a new account has 10 in all, of which AWS lets none be reserved."
  type        = number
  default     = -1
}

variable "environment" {
  description = "Environment variables of the server."
  type        = map(string)
  default     = {}
}

variable "secret_arns" {
  description = "Secret ARN by the environment variable it fills."
  type        = map(string)
}

variable "server_policy" {
  description = "What the server may do."
  type        = string
}

variable "secrets_policy" {
  description = "Policy to read the secrets."
  type        = string
}

variable "tracing" {
  description = "Send traces to X-Ray."
  type        = bool
  default     = false
}

variable "log_retention_days" {
  description = "Days to keep the log."
  type        = number
  default     = 14
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
