variable "account_id" {
  description = "The account that keeps the anchors. Any other is refused."
  type        = string

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id is no account number of 12 digits."
  }
}

variable "service_account_id" {
  description = "The account of prod."
  type        = string

  validation {
    condition     = can(regex("^[0-9]{12}$", var.service_account_id)) && var.service_account_id != var.account_id
    error_message = "service_account_id must be an account number of 12 digits, and another account than account_id."
  }
}

variable "region" {
  description = "Region of the bucket: prod's."
  type        = string
  default     = "eu-west-1"
}

variable "years" {
  description = "Years in which nobody can delete or replace an anchor."
  type        = number
  default     = 7
}
