variable "project" {
  description = "Prefix of everything in this account."
  type        = string
  default     = "p2p"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,14}$", var.project))
    error_message = "project must be 2 to 15 lower-case letters, digits and hyphens, beginning with a letter."
  }
}

variable "account_id" {
  description = "The AWS account to prepare. Any other is refused."
  type        = string
  default     = ""

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id is missing or not an account number: give the 12 digits of the account to prepare, -var account_id=123456789012."
  }
}

variable "region" {
  description = "Region of the state bucket."
  type        = string
  default     = "eu-west-1"

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "region is no AWS Region, such as eu-west-1."
  }
}

variable "github_repository" {
  description = "owner/name of the repository whose workflows may assume the roles."
  type        = string
  default     = ""

  validation {
    condition     = can(regex("^[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+$", var.github_repository))
    error_message = "github_repository is missing or not of the form owner/name; a pattern would let other repositories in."
  }
}

variable "environments" {
  description = "Environments that workflows deploy."
  type        = set(string)
  default     = ["dev", "prod"]

  validation {
    condition     = length(var.environments) > 0 && length(setsubtract(var.environments, ["dev", "prod"])) == 0
    error_message = "environments knows dev and prod; another one needs a folder under infra/environments first."
  }
}

variable "create_oidc_provider" {
  description = "False where the account already trusts GitHub's tokens: an account has one such provider."
  type        = bool
  default     = true
}

variable "dev_account_id" {
  description = "Account of dev, whose tested images prod's releases read; empty for this account."
  type        = string
  default     = ""

  validation {
    condition     = var.dev_account_id == "" || can(regex("^[0-9]{12}$", var.dev_account_id))
    error_message = "dev_account_id is no account number of 12 digits."
  }
}
