variable "name" {
  description = "Name of the cache, at most 40 characters."
  type        = string
}

variable "node_type" {
  description = "Size of a node."
  type        = string
  default     = "cache.t4g.micro"

  validation {
    condition     = startswith(var.node_type, "cache.")
    error_message = "node_type is a cache node's size, such as cache.t4g.micro."
  }
}

variable "nodes" {
  description = "Nodes; two or more fail over by themselves."
  type        = number
  default     = 2

  validation {
    condition     = var.nodes >= 1 && var.nodes <= 6
    error_message = "nodes must be 1 to 6."
  }
}

variable "vpc_id" {
  description = "The VPC."
  type        = string
}

variable "subnet_ids" {
  description = "Private subnets."
  type        = list(string)
}

variable "task_security_group_id" {
  description = "Security group of the tasks, the only ones let in."
  type        = string
}

variable "kms_key_arn" {
  description = "KMS key of the cache; null for ElastiCache's own."
  type        = string
  default     = null
}
