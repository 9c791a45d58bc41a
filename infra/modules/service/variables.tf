variable "name" {
  description = "Name of cluster, service and task family, for example p2p-prod."
  type        = string
}

variable "image" {
  description = "Image to run, with its tag."
  type        = string
}

variable "released" {
  description = "Whether an image was released; before, the service has no task."
  type        = bool
}

variable "repository_arn" {
  description = "Repository of the image."
  type        = string
}

variable "cpu" {
  description = "CPU units of a task (1024 is one vCPU)."
  type        = number
  default     = 512

  validation {
    condition     = contains([256, 512, 1024, 2048, 4096, 8192, 16384], var.cpu)
    error_message = "Fargate knows 256, 512, 1024, 2048, 4096, 8192 and 16384 CPU units."
  }
}

variable "memory" {
  description = "Memory of a task in MiB, two to eight times its CPU units."
  type        = number
  default     = 1024

  validation {
    condition     = var.memory >= 2 * var.cpu && var.memory <= 8 * var.cpu
    error_message = "Fargate takes between two and eight times as many MiB as CPU units."
  }
}

variable "cpu_architecture" {
  description = "X86_64 or ARM64, as the image was built."
  type        = string
  default     = "X86_64"

  validation {
    condition     = contains(["X86_64", "ARM64"], var.cpu_architecture)
    error_message = "cpu_architecture must be X86_64 or ARM64."
  }
}

variable "tasks" {
  description = "Fewest and most tasks."
  type        = object({ min = number, max = number })
  default     = { min = 2, max = 10 }

  validation {
    condition     = var.tasks.min >= 0 && var.tasks.max >= var.tasks.min
    error_message = "tasks needs a minimum of at least 0 (no task, for a restore) and a maximum not below it."
  }
}

variable "scaling_targets" {
  description = "What autoscaling aims at: percent of CPU and memory, requests a minute and task."
  type = object({
    cpu_percent         = optional(number, 60)
    memory_percent      = optional(number, 70)
    requests_per_target = optional(number, 3000)
  })
  default = {}
}

variable "environment" {
  description = "Environment variables of the server."
  type        = map(string)
  default     = {}

  validation {
    condition     = length(setintersection(keys(var.environment), ["P2P_JWT_SECRET", "P2P_JWT_PRIVATE_KEY", "P2P_JWT_PRIVATE_KEY_PREVIOUS", "P2P_WEBHOOK_SECRET", "P2P_OIDC_CLIENT_SECRET", "P2P_ENCRYPTION_KEY", "P2P_ENCRYPTION_KEY_PREVIOUS", "P2P_ADMIN_PASSWORD"])) == 0
    error_message = "A secret must not stand in environment, where everybody who reads the task definition sees it: put it into secret_arns."
  }
}

variable "secret_arns" {
  description = "Secret ARN by the environment variable it fills."
  type        = map(string)
}

variable "server_policy" {
  description = "Policy of the task role."
  type        = string
}

variable "secrets_policy" {
  description = "Policy that lets the execution role read the secrets."
  type        = string
}

variable "vpc_id" {
  description = "The VPC."
  type        = string
}

variable "subnet_ids" {
  description = "Private subnets of the tasks."
  type        = list(string)
}

variable "target_group_arn" {
  description = "Target group of the load balancer."
  type        = string
}

variable "target_group_suffix" {
  description = "Dimension TargetGroup of the metrics."
  type        = string
}

variable "load_balancer_suffix" {
  description = "Dimension LoadBalancer of the metrics."
  type        = string
}

variable "load_balancer_security_group_id" {
  description = "The only source of requests."
  type        = string
}

variable "deployment_alarm_names" {
  description = "Alarms that roll a deployment back."
  type        = list(string)
  default     = []
}

variable "container_insights" {
  description = "Metrics of each container."
  type        = bool
  default     = true
}

variable "log_retention_days" {
  description = "Days to keep the server's log."
  type        = number
  default     = 90
}

variable "logs_key_arn" {
  description = "KMS key of the log group."
  type        = string
  default     = null
}

variable "tracing" {
  description = "Run the OpenTelemetry collector beside the server and send traces to X-Ray."
  type        = bool
  default     = false
}

variable "trace_rate" {
  description = "Share of the traces that the server keeps; what moves money is always kept."
  type        = number
  default     = 0.05

  validation {
    condition     = var.trace_rate >= 0 && var.trace_rate <= 1
    error_message = "trace_rate is a share between 0 and 1."
  }
}

variable "tracing_image" {
  description = "Image of the collector; null for AWS's public one. One of the account's own registry may be pulled too."
  type        = string
  default     = null
}

variable "permissions_boundary" {
  description = "Policy that bounds what the roles made here may ever do. The pipeline may make none without it."
  type        = string
  default     = null
}

variable "egress" {
  description = "Where tasks may open connections, all on 443: prefix lists by service, security groups of endpoints, ranges."
  type = object({
    prefix_lists    = optional(map(string), {})
    security_groups = optional(map(string), {})
    cidrs           = optional(set(string), [])
  })
  default = {}
}
