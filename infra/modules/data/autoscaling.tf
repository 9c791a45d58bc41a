# Provisioned tables and their indexes follow their use; on-demand ones need nothing of this.

locals {
  scaled_resources = merge([
    for name, table in aws_dynamodb_table.provisioned : merge(
      { (name) = { id = "table/${table.name}", kind = "table", table = name } },
      {
        for index in keys(local.tables[name].indexes) :
        "${name}/${index}" => { id = "table/${table.name}/index/${index}", kind = "index", table = name }
      },
    )
  ]...)

  scaled = merge([
    for key, resource in local.scaled_resources : {
      for direction in ["Read", "Write"] : "${key}/${lower(direction)}" => merge(resource, {
        direction = direction
        min       = direction == "Read" ? local.capacity_of[resource.table].read_min : local.capacity_of[resource.table].write_min
        max       = direction == "Read" ? local.capacity_of[resource.table].read_max : local.capacity_of[resource.table].write_max
      })
    }
  ]...)
}

resource "aws_appautoscaling_target" "this" {
  for_each = local.scaled

  service_namespace  = "dynamodb"
  resource_id        = each.value.id
  scalable_dimension = "dynamodb:${each.value.kind}:${each.value.direction}CapacityUnits"
  min_capacity       = each.value.min
  max_capacity       = each.value.max
}

resource "aws_appautoscaling_policy" "this" {
  for_each = local.scaled

  name               = "${each.key}-utilization"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = aws_appautoscaling_target.this[each.key].service_namespace
  resource_id        = aws_appautoscaling_target.this[each.key].resource_id
  scalable_dimension = aws_appautoscaling_target.this[each.key].scalable_dimension

  target_tracking_scaling_policy_configuration {
    target_value = var.target_utilization

    predefined_metric_specification {
      predefined_metric_type = "DynamoDB${each.value.direction}CapacityUtilization"
    }
  }
}
