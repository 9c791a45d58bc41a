variable "name" {
  description = "Name of trail and analyzer, for example p2p-prod."
  type        = string
}

variable "bucket_arns" {
  description = "Buckets whose objects' reads and writes are recorded."
  type        = list(string)

  validation {
    condition     = length(var.bucket_arns) > 0
    error_message = "bucket_arns names no bucket: data events would be recorded for none."
  }
}

variable "topic_arn" {
  description = "Topic that is told of findings."
  type        = string
}

variable "trail_days" {
  description = "Days to keep the trail."
  type        = number
  default     = 400
}

variable "force_destroy" {
  description = "Let destroy delete the trail's bucket with its contents."
  type        = bool
  default     = false
}
