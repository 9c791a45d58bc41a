variable "table_prefix" {
  description = "What every table name begins with (P2P_TABLE_PREFIX)."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9_]{0,31}_$", var.table_prefix))
    error_message = "table_prefix must be lower case, at most 33 characters and end in an underscore, such as p2p_."
  }
}

variable "billing_mode" {
  description = "on_demand or provisioned (with autoscaling)."
  type        = string
  default     = "on_demand"

  validation {
    condition     = contains(["on_demand", "provisioned"], var.billing_mode)
    error_message = "billing_mode must be on_demand or provisioned."
  }
}

variable "capacity" {
  description = "Capacity units of each provisioned table and index, between which autoscaling moves."
  type = object({
    read_min  = number
    read_max  = number
    write_min = number
    write_max = number
  })
  default = { read_min = 1, read_max = 200, write_min = 1, write_max = 400 }

  validation {
    condition     = var.capacity.read_min >= 1 && var.capacity.write_min >= 1 && var.capacity.read_max >= var.capacity.read_min && var.capacity.write_max >= var.capacity.write_min
    error_message = "capacity needs minima of at least 1 and maxima not below them."
  }
}

variable "capacity_overrides" {
  description = "Capacity of single tables, by their name in tables.json."
  type = map(object({
    read_min  = number
    read_max  = number
    write_min = number
    write_max = number
  }))
  default = {}
}

variable "target_utilization" {
  description = "Percent of provisioned capacity that autoscaling aims at."
  type        = number
  default     = 70

  validation {
    condition     = var.target_utilization >= 20 && var.target_utilization <= 90
    error_message = "DynamoDB autoscaling takes a target between 20 and 90 percent."
  }
}

variable "on_demand_limit" {
  description = "Most request units a second an on-demand table may take, against a runaway bill; null for none."
  type        = object({ read = number, write = number })
  default     = null
}

variable "deletion_protection" {
  description = "Refuse to delete a table."
  type        = bool
  default     = true
}

variable "kms_key_arn" {
  description = "KMS key of the tables; null for the key DynamoDB owns."
  type        = string
  default     = null
}

variable "replicas" {
  description = "Standby Regions of global tables, with the KMS key there (null for DynamoDB's own). Only one Region writes (P2P_WRITING_REGION)."
  type        = map(string)
  default     = {}
}

variable "append_only" {
  description = "Policies on the tables of events that refuse changes and deletions to everybody."
  type        = bool
  default     = true
}
