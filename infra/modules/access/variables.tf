variable "table_prefix" {
  description = "What every table name begins with."
  type        = string
}

variable "bucket_arns" {
  description = "Bucket ARN by purpose."
  type = object({
    payments  = string
    documents = string
    backups   = string
  })
}

variable "anchors" {
  description = "Bucket of the audit trail's anchors and the account that keeps it; no bucket where no job writes any."
  type = object({
    bucket_arn = optional(string)
    account_id = optional(string)
  })
  default = {}
}

variable "secret_arns" {
  description = "Secrets that the environment reads at start."
  type        = list(string)
}

variable "data_key_arn" {
  description = "KMS key of tables and buckets; null where AWS owns the key."
  type        = string
  default     = null
}

variable "secrets_key_arn" {
  description = "KMS key of the secrets; null for aws/secretsmanager."
  type        = string
  default     = null
}

variable "tracing" {
  description = "Whether the role may send traces to X-Ray."
  type        = bool
  default     = false
}

variable "mail_from" {
  description = "Sender of letters, verified in Amazon SES; null where no server sends any."
  type        = string
  default     = null
}
