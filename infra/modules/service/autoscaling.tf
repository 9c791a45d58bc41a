locals {
  scaling = {
    cpu = {
      metric = "ECSServiceAverageCPUUtilization"
      target = var.scaling_targets.cpu_percent
      label  = null
    }
    memory = {
      metric = "ECSServiceAverageMemoryUtilization"
      target = var.scaling_targets.memory_percent
      label  = null
    }
    requests = {
      metric = "ALBRequestCountPerTarget"
      target = var.scaling_targets.requests_per_target
      label  = "${var.load_balancer_suffix}/${var.target_group_suffix}"
    }
  }
}

resource "aws_appautoscaling_target" "this" {
  count = var.released ? 1 : 0

  service_namespace  = "ecs"
  resource_id        = "service/${aws_ecs_cluster.this.name}/${aws_ecs_service.this[0].name}"
  scalable_dimension = "ecs:service:DesiredCount"
  min_capacity       = var.tasks.min
  max_capacity       = var.tasks.max
}

resource "aws_appautoscaling_policy" "this" {
  for_each = { for name, policy in local.scaling : name => policy if var.released }

  name               = "${var.name}-${each.key}"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = aws_appautoscaling_target.this[0].service_namespace
  resource_id        = aws_appautoscaling_target.this[0].resource_id
  scalable_dimension = aws_appautoscaling_target.this[0].scalable_dimension

  target_tracking_scaling_policy_configuration {
    target_value       = each.value.target
    scale_out_cooldown = 60
    scale_in_cooldown  = 300

    predefined_metric_specification {
      predefined_metric_type = each.value.metric
      resource_label         = each.value.label
    }
  }
}

moved {
  from = aws_appautoscaling_target.this
  to   = aws_appautoscaling_target.this[0]
}
