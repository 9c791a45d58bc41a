variable "account_id" {
  description = "The account of this environment. Any other is refused."
  type        = string
  default     = ""

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id is missing or not an account number: give the 12 digits of this environment's account."
  }
}

variable "state_bucket" {
  description = "Bucket of the state, as bootstrap made it; its name carries the account."
  type        = string
  default     = ""

  validation {
    condition     = var.state_bucket == "" || strcontains(var.state_bucket, "-${var.account_id}-")
    error_message = "state_bucket belongs to another account than account_id: this environment's state must not be kept there."
  }
}

variable "region" {
  description = "Region of the environment."
  type        = string
  default     = "eu-west-1"

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "region is no AWS Region, such as eu-west-1."
  }
}

variable "cost_center" {
  description = "Tag CostCenter of everything."
  type        = string
  default     = "accounts-payable"
}

variable "alarm_emails" {
  description = "Who is told of alarms and costs."
  type        = list(string)
  default     = []
}

variable "cors_origins" {
  description = "Origins whose browsers may call the API and upload documents."
  type        = list(string)
  default     = []
}

variable "mail_from" {
  description = "Sender of the server's letters, an address or domain that SES has verified in this account and Region. The server refuses to start without one."
  type        = string
  default     = null
}

variable "oidc" {
  description = <<-EOT
    OpenID Connect provider that people may sign in with; null for none. second_factor names the values of amr or acr that guarded roles take, or any.
    With client_secret the secret P2P_OIDC_CLIENT_SECRET must have its value before the next release: no task starts without it.
  EOT
  type = object({
    issuer              = string
    client_id           = string
    redirect_uri        = string
    second_factor       = string
    client_secret       = optional(bool, true)
    scopes              = optional(string)
    name                = optional(string)
    role_claim          = optional(string)
    roles               = optional(map(list(string)))
    trust_guarded_roles = optional(bool, false)
  })
  default = null
}

variable "server_environment" {
  description = "Further environment variables of the server, such as LOG_LEVEL or P2P_RATE_LIMIT."
  type        = map(string)
  default     = {}
}

variable "monthly_limit" {
  description = "Budget of a month in USD."
  type        = number
  default     = 40
}

variable "function_memory" {
  description = "Memory of the function in MiB."
  type        = number
  default     = 1024
}

variable "initial_image_tag" {
  description = "An image that is in the registry before the first apply, as when another Region is set up; none for none."
  type        = string
  default     = "none"
}

variable "promoting_accounts" {
  description = "Accounts that promote the images tested here, where prod has an account of its own."
  type        = set(string)
  default     = []
}

variable "cpu_architecture" {
  description = "X86_64 or ARM64, as images are built; the same as prod's, which runs the same image."
  type        = string
  default     = "X86_64"
}
