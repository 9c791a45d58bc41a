output "target_group_arn" {
  description = "Where the service registers its tasks, once a listener forwards to it."
  value       = aws_lb_target_group.this.arn
  depends_on  = [aws_lb_listener.https, aws_lb_listener_rule.from_cloudfront]
}

output "target_group_suffix" {
  description = "Dimension TargetGroup of the metrics."
  value       = aws_lb_target_group.this.arn_suffix
}

output "load_balancer_arn" {
  description = "The load balancer."
  value       = aws_lb.this.arn
}

output "load_balancer_suffix" {
  description = "Dimension LoadBalancer of the metrics."
  value       = aws_lb.this.arn_suffix
}

output "security_group_id" {
  description = "Security group of the load balancer."
  value       = aws_security_group.alb.id
}

output "dns_name" {
  description = "Host name to point a CNAME or alias at."
  value       = local.behind_cloudfront ? aws_cloudfront_distribution.this[0].domain_name : aws_lb.this.dns_name
}

output "trusted_proxies" {
  description = "TRUST_PROXY of the server: the addresses the load balancer speaks from, and CloudFront's before it."
  value       = join(",", concat([var.vpc_cidr], flatten([for list in data.aws_ec2_managed_prefix_list.cloudfront : [for entry in list.entries : entry.cidr]])))
}
