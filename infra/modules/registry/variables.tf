variable "name" {
  description = "Repository name, for example p2p-prod."
  type        = string
}

variable "kms_key_arn" {
  description = "KMS key of the images; null for AES-256 with ECR's own keys."
  type        = string
  default     = null
}

variable "keep_images" {
  description = "How many images to keep."
  type        = number
  default     = 30

  validation {
    condition     = var.keep_images >= 5
    error_message = "keep_images must be at least 5: a rollback needs earlier images."
  }
}

variable "replication_regions" {
  description = "Regions that get a copy of every image."
  type        = list(string)
  default     = []
}

variable "force_delete" {
  description = "Let destroy delete the repository with its images."
  type        = bool
  default     = false
}

variable "initial_tag" {
  description = "What counts as released when the parameter is first made; none for nothing."
  type        = string
  default     = "none"
}

variable "readers" {
  description = "Other accounts that may read images: prod's, where dev has an account of its own."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for account in var.readers : can(regex("^[0-9]{12}$", account))])
    error_message = "readers names accounts by their 12 digits."
  }
}
