output "repository_url" {
  description = "Where images are pushed."
  value       = aws_ecr_repository.this.repository_url
}

output "repository_name" {
  description = "Repository name."
  value       = aws_ecr_repository.this.name
}

output "repository_arn" {
  description = "Repository ARN."
  value       = aws_ecr_repository.this.arn
}

output "image_tag_parameter" {
  description = "Parameter that names the released tag."
  value       = aws_ssm_parameter.image_tag.name
}

output "released" {
  description = "Whether an image was released."
  value       = aws_ssm_parameter.image_tag.insecure_value != "none"
}

output "image" {
  description = "The released image."
  value       = "${aws_ecr_repository.this.repository_url}:${aws_ssm_parameter.image_tag.insecure_value}"
}
