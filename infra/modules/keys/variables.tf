variable "name" {
  description = "Prefix of the key aliases, for example p2p-prod."
  type        = string
}

variable "purposes" {
  description = "Which keys to make: data, logs, secrets."
  type        = set(string)
  default     = ["data", "logs", "secrets"]

  validation {
    condition     = length(setsubtract(var.purposes, ["data", "logs", "secrets"])) == 0
    error_message = "A key serves data, logs or secrets; purposes names something else."
  }
}

variable "deletion_window_days" {
  description = "Days between asking for a key's deletion and losing what it encrypted."
  type        = number
  default     = 30

  validation {
    condition     = var.deletion_window_days >= 7 && var.deletion_window_days <= 30
    error_message = "KMS keeps a key for 7 to 30 days after its deletion was asked for; deletion_window_days is outside that."
  }
}
