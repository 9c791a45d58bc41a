variable "name" {
  description = "Name of the environment's cluster, service or function, for example p2p-prod; its roles and parameters begin with it."
  type        = string
}

variable "account_id" {
  description = "Account of the environment."
  type        = string
}

variable "region" {
  description = "Region of the environment; * for any, where the role is of no Region."
  type        = string
  default     = "*"
}

variable "repository_arn" {
  description = "ARN of the image repository."
  type        = string
}

variable "tested_repository_arns" {
  description = "Repositories whose tested images are copied instead of built."
  type        = list(string)
  default     = []
}

variable "runs_on" {
  description = "What a release moves: the service of ECS, or the function of Lambda."
  type        = string
  default     = "service"

  validation {
    condition     = contains(["function", "service"], var.runs_on)
    error_message = "runs_on must be function or service."
  }
}
