variable "bucket_prefix" {
  description = "What every bucket name begins with. Bucket names are global: put the account into it."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,45}[a-z0-9]$", var.bucket_prefix))
    error_message = "bucket_prefix must be 3 to 47 lower-case letters, digits and hyphens, such as p2p-automation-123456789012-prod."
  }
}

variable "kms_key_arn" {
  description = "KMS key of the buckets; null for S3's own keys (SSE-S3)."
  type        = string
  default     = null
}

variable "access_logs" {
  description = "Keep a logs bucket, and log every access to the others into it."
  type        = bool
  default     = true
}

variable "object_lock" {
  description = "Buckets made with object lock (it cannot be switched on later without a ticket), and their default retention; 0 days leaves retention to the writer."
  type = map(object({
    mode = string
    days = number
  }))
  default = {}

  validation {
    condition     = alltrue([for lock in values(var.object_lock) : contains(["GOVERNANCE", "COMPLIANCE"], lock.mode) && lock.days >= 0])
    error_message = "object_lock needs a mode, GOVERNANCE or COMPLIANCE, and days of 0 or more."
  }

  validation {
    condition     = length(setsubtract(keys(var.object_lock), ["payments", "documents", "backups"])) == 0
    error_message = "object_lock names a bucket other than payments, documents and backups."
  }
}

variable "backup_days" {
  description = "Days to keep the tables' copies under backups/."
  type        = number
  default     = 90

  validation {
    condition     = var.backup_days > 30
    error_message = "backup_days must be more than 30: copies move to a colder class on day 30."
  }
}

variable "log_days" {
  description = "Days to keep access logs."
  type        = number
  default     = 365
}

variable "noncurrent_days" {
  description = "Days to keep what was overwritten or deleted."
  type        = number
  default     = 365
}

variable "replication" {
  description = "Where to replicate to: the standby Region's bucket prefix and KMS key, and what the role copies besides (ARN of a bucket to ARN of its copy). Null for nowhere."
  type = object({
    bucket_prefix = string
    role_name     = string
    kms_key_arn   = optional(string)
    besides       = optional(map(string), {})
  })
  default = null
}

variable "cors_origins" {
  description = "Origins whose browsers upload documents."
  type        = list(string)
  default     = []
}

variable "force_destroy" {
  description = "Let destroy delete buckets with their contents. For environments that hold nothing of worth."
  type        = bool
  default     = false
}

variable "permissions_boundary" {
  description = "Policy that bounds what the roles made here may ever do. The pipeline may make none without it."
  type        = string
  default     = null
}

variable "scanner_role_arn" {
  description = "The one role that tags documents, with what a malware scanner found; null where nothing scans them."
  type        = string
  default     = null
}
