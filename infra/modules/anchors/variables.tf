variable "bucket" {
  description = "Name of the bucket."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", var.bucket))
    error_message = "bucket must be 3 to 63 lower-case letters, digits and hyphens."
  }
}

variable "years" {
  description = "Years in which nobody can delete or replace an anchor (COMPLIANCE mode). Longer is possible at any time, shorter never; 0 for rehearsals alone."
  type        = number
  default     = 7

  validation {
    condition     = var.years >= 0 && var.years <= 100 && floor(var.years) == var.years
    error_message = "years is a whole number from 0 to 100."
  }
}

variable "writer_arns" {
  description = "Roles of another account that put and read anchors; none where the service's own account keeps them."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for arn in var.writer_arns : can(regex("^arn:[a-z-]+:iam::[0-9]{12}:role/[A-Za-z0-9+=,.@_-]+$", arn))])
    error_message = "writer_arns names something that is no role, or a pattern of roles."
  }
}

variable "replication" {
  description = "Bucket of the standby Region that gets a copy, and the role that copies; null for none."
  type        = object({ bucket_arn = string, role_arn = string })
  default     = null
}
