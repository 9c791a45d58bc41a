output "build" {
  description = "Statements to push an image, or to copy a tested one."
  value       = local.build
}

output "scan" {
  description = "Statements to read the findings of the image scan."
  value       = local.scan
}

output "deploy" {
  description = "Statements to name the released image and move to it."
  value       = concat(local.name_the_releases, local.move[var.runs_on])
}
