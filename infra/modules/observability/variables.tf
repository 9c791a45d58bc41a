variable "name" {
  description = "Prefix of alarms and dashboard, and the namespace of the server's own metrics (P2P_METRICS_NAMESPACE)."
  type        = string
}

variable "emails" {
  description = "Who gets the alarms. Each address confirms by a link that AWS sends."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for email in var.emails : can(regex("^[^@ ]+@[^@ ]+$", email))])
    error_message = "emails holds something that is no e-mail address."
  }
}

variable "logs_key_arn" {
  description = "KMS key of the topic."
  type        = string
  default     = null
}

variable "log_group_name" {
  description = "The server's log group, for saved queries."
  type        = string
  default     = null
}

variable "load_balancer" {
  description = "Dimensions of load balancer and target group; null without one."
  type        = object({ suffix = string, target_group_suffix = string })
  default     = null
}

variable "service" {
  description = "Cluster and service, and how many tasks must run; null without one."
  type        = object({ cluster = string, name = string, min_tasks = number })
  default     = null
}

variable "function_name" {
  description = "The Lambda function; null without one."
  type        = string
  default     = null
}

variable "api_name" {
  description = "The API of API Gateway; null without one."
  type        = string
  default     = null
}

variable "table_names" {
  description = "Tables to watch for throttling: full name by short name."
  type        = map(string)
  default     = {}
}

variable "table_prefix" {
  description = "What the table names begin with."
  type        = string
}

variable "jobs" {
  description = "Jobs whose failures raise an alarm."
  type        = list(string)
  default     = []
}

variable "heartbeats" {
  description = "Jobs that must end well at least once in so many hours."
  type        = map(number)
  default     = {}
}

variable "dead_letter_queue" {
  description = "Queue of schedules that could not start their job."
  type        = string
  default     = null
}

variable "p99_seconds" {
  description = "Slowest tolerable 99th percentile."
  type        = number
  default     = 2
}

variable "tracing" {
  description = "Make X-Ray's group of faults."
  type        = bool
  default     = false
}

variable "firewall" {
  description = "Web ACL to watch, and whether it counts or blocks; null without one."
  type        = object({ name = string, mode = string })
  default     = null
}
