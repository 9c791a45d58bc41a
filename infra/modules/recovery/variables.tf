variable "name" {
  description = "Name of vault and plan, for example p2p-prod."
  type        = string
}

variable "table_arns" {
  description = "Tables to copy. None makes a vault that only receives copies."
  type        = list(string)
  default     = []
}

variable "rules" {
  description = "When copies are made and how many days they are kept."
  type = map(object({
    schedule  = string
    keep_days = number
  }))
  default = {
    daily   = { schedule = "cron(0 1 * * ? *)", keep_days = 35 }
    monthly = { schedule = "cron(0 3 1 * ? *)", keep_days = 400 }
  }

  validation {
    condition     = alltrue([for rule in values(var.rules) : rule.keep_days >= 7])
    error_message = "A copy is kept for seven days at least: an error is often found after a weekend."
  }
}

variable "copy_vault_arn" {
  description = "Vault of the standby Region; null for no further copy."
  type        = string
  default     = null
}

variable "kms_key_arn" {
  description = "KMS key of the vault; null for aws/backup."
  type        = string
  default     = null
}

variable "lock" {
  description = "Fewest days any copy is kept, and days in which the lock itself can still be taken off (null: always). Null for no lock."
  type = object({
    min_days            = number
    changeable_for_days = optional(number)
  })
  default = null
}

variable "notify" {
  description = "Tell topic_arn of copies that failed and restores that ended."
  type        = bool
  default     = false
}

variable "topic_arn" {
  description = "Topic to tell."
  type        = string
  default     = null
}

variable "force_destroy" {
  description = "Let destroy delete the vault with its copies."
  type        = bool
  default     = false
}

variable "permissions_boundary" {
  description = "Policy that bounds what the roles made here may ever do. The pipeline may make none without it."
  type        = string
  default     = null
}
