variable "name" {
  description = "Name of the budget, for example p2p-prod."
  type        = string
}

variable "environment" {
  description = "Value of the tag Environment."
  type        = string

  validation {
    condition     = contains(["dev", "prod"], var.environment)
    error_message = "environment must be dev or prod."
  }
}

variable "monthly_limit" {
  description = "What a month may cost, in USD."
  type        = number

  validation {
    condition     = var.monthly_limit > 0
    error_message = "monthly_limit must be more than 0 USD."
  }
}

variable "anomaly_detection" {
  description = "Watch for costs that are unlike the days before."
  type        = bool
  default     = true
}

variable "anomaly_usd" {
  description = "Smallest unexpected cost worth telling, in USD."
  type        = number
  default     = 20
}

variable "topic_arn" {
  description = "Topic to tell."
  type        = string
}
