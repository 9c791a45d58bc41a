output "bucket" {
  description = "anchors.bucket of prod."
  value       = module.anchors.bucket
}
