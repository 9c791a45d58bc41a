variable "name" {
  description = "Prefix, for example p2p-prod."
  type        = string
}

variable "enabled" {
  description = "Whether schedules run. False before the first release, and in a standby Region."
  type        = bool
  default     = true
}

variable "schedules" {
  description = "Schedule of each job."
  type        = map(string)

  validation {
    condition     = alltrue([for expression in values(var.schedules) : can(regex("^(rate|cron|at)\\(.+\\)$", expression))])
    error_message = "A schedule is a rate(...), cron(...) or at(...) expression."
  }

  validation {
    condition     = length(setsubtract(keys(var.schedules), ["anchor-audit", "backup", "cleanup", "export-monitor", "match-received", "report-overdue", "resume-batches", "verify", "verify-audit"])) == 0
    error_message = "schedules names a job that the server does not have."
  }
}

variable "time_zone" {
  description = "Time zone of cron expressions."
  type        = string
  default     = "UTC"
}

variable "container" {
  description = "The server's container, as the service module gives it."
  type        = any
}

variable "cluster_arn" {
  description = "Cluster to run in."
  type        = string
}

variable "execution_role_arn" {
  description = "Role that starts tasks."
  type        = string
}

variable "jobs_policy" {
  description = "What jobs may do."
  type        = string
}

variable "subnet_ids" {
  description = "Private subnets."
  type        = list(string)
}

variable "security_group_id" {
  description = "Security group of the tasks."
  type        = string
}

variable "cpu" {
  description = "CPU units of a job."
  type        = number
  default     = 512
}

variable "memory" {
  description = "Memory of a job in MiB."
  type        = number
  default     = 1024
}

variable "cpu_architecture" {
  description = "X86_64 or ARM64, as the image was built."
  type        = string
  default     = "X86_64"
}

variable "logs_key_arn" {
  description = "KMS key of the queue."
  type        = string
  default     = null
}

variable "permissions_boundary" {
  description = "Policy that bounds what the roles made here may ever do. The pipeline may make none without it."
  type        = string
  default     = null
}
