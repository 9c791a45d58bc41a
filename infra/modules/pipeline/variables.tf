variable "name" {
  description = "Name of the pipeline, and of the cluster and service it deploys to."
  type        = string
}

variable "environment" {
  description = "dev or prod."
  type        = string

  validation {
    condition     = contains(["dev", "prod"], var.environment)
    error_message = "environment must be dev or prod."
  }
}

variable "source_repository" {
  description = "owner/name at GitHub."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+$", var.source_repository))
    error_message = "source_repository must be of the form owner/name."
  }
}

variable "source_branch" {
  description = "Branch that is released."
  type        = string
  default     = "main"
}

variable "repository_name" {
  description = "Name of the image repository."
  type        = string
}

variable "repository_url" {
  description = "Address of the image repository."
  type        = string
}

variable "repository_arn" {
  description = "ARN of the image repository."
  type        = string
}

variable "max_severity" {
  description = "The gravest finding of the image scan that may be released."
  type        = string
  default     = "MEDIUM"

  validation {
    condition     = contains(["NONE", "LOW", "MEDIUM", "HIGH"], var.max_severity)
    error_message = "max_severity must be NONE, LOW, MEDIUM or HIGH."
  }
}

variable "topic_arn" {
  description = "Topic that asks for approvals."
  type        = string
}

variable "kms_key_arn" {
  description = "KMS key of the artifacts; null for S3's own."
  type        = string
  default     = null
}

variable "logs_key_arn" {
  description = "KMS key of log group and topic."
  type        = string
  default     = null
}

variable "permissions_boundary" {
  description = "Policy that bounds what the roles made here may ever do. The pipeline may make none without it."
  type        = string
  default     = null
}

variable "tested_repository_url" {
  description = "Repository of the images that dev tested, whose image is copied instead of built; null to build here."
  type        = string
  default     = null
}
