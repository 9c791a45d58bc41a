variable "name" {
  description = "Path before the secrets' names, for example p2p-prod."
  type        = string
}

variable "account_id" {
  description = "The account whose principals may read the secrets."
  type        = string
}

variable "variables" {
  description = "Environment variables of the server that are secrets; those of a key before only during its rotation, the client secret only with an identity provider."
  type        = list(string)
  default     = ["P2P_JWT_PRIVATE_KEY", "P2P_WEBHOOK_SECRET", "P2P_ENCRYPTION_KEY"]

  validation {
    condition     = length(setsubtract(var.variables, ["P2P_JWT_PRIVATE_KEY", "P2P_JWT_PRIVATE_KEY_PREVIOUS", "P2P_WEBHOOK_SECRET", "P2P_OIDC_CLIENT_SECRET", "P2P_ENCRYPTION_KEY", "P2P_ENCRYPTION_KEY_PREVIOUS"])) == 0
    error_message = "variables names something that is no secret of the server."
  }
}

variable "kms_key_arn" {
  description = "KMS key of the secrets; null for the account's aws/secretsmanager key."
  type        = string
  default     = null
}

variable "recovery_window_days" {
  description = "Days in which a deleted secret can be restored; 0 deletes at once."
  type        = number
  default     = 30
}
