# Every table of infra/tables.json, which the server reads too.
#
# The two resources differ in what they ignore: autoscaling moves capacities of tables and indexes, and a plan must
# not move them back. Switching the billing mode moves state from one to the other (docs/adr/0100-billing-mode.md).

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}

locals {
  definition = jsondecode(file("${path.module}/../../tables.json"))

  tables = {
    for name, table in local.definition.tables : name => {
      description = table.description
      hash_key    = table.hash_key
      range_key   = try(table.range_key, null)
      attributes  = table.attributes
      indexes = {
        for index, keys in table.indexes : index => {
          hash_key   = keys.hash_key
          range_key  = try(keys.range_key, null)
          projection = keys.projection
        }
      }
      ttl    = try(table.ttl, null)
      backup = table.backup
    }
  }

  arns = { for name, table in merge(aws_dynamodb_table.on_demand, aws_dynamodb_table.provisioned) : name => table.arn }

  # Global tables: what was written in one Region is written in the other by this role of AWS.
  replication_role = "arn:${data.aws_partition.current.partition}:iam::${data.aws_caller_identity.current.account_id}:role/aws-service-role/replication.dynamodb.amazonaws.com/*"

  capacity_of = { for name in keys(local.tables) : name => lookup(var.capacity_overrides, name, var.capacity) }
}

resource "aws_dynamodb_table" "on_demand" {
  for_each = { for name, table in local.tables : name => table if var.billing_mode == "on_demand" }

  name                        = "${var.table_prefix}${each.key}"
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = each.value.hash_key
  range_key                   = each.value.range_key
  deletion_protection_enabled = var.deletion_protection
  stream_enabled              = length(var.replicas) > 0
  stream_view_type            = length(var.replicas) > 0 ? "NEW_AND_OLD_IMAGES" : null

  dynamic "attribute" {
    for_each = each.value.attributes
    content {
      name = attribute.key
      type = attribute.value
    }
  }

  dynamic "global_secondary_index" {
    for_each = each.value.indexes
    content {
      name               = global_secondary_index.key
      hash_key           = global_secondary_index.value.hash_key
      range_key          = global_secondary_index.value.range_key
      projection_type    = "INCLUDE"
      non_key_attributes = global_secondary_index.value.projection
    }
  }

  dynamic "on_demand_throughput" {
    for_each = var.on_demand_limit == null ? [] : [var.on_demand_limit]
    content {
      max_read_request_units  = on_demand_throughput.value.read
      max_write_request_units = on_demand_throughput.value.write
    }
  }

  dynamic "ttl" {
    for_each = each.value.ttl == null ? [] : [each.value.ttl]
    content {
      attribute_name = ttl.value
      enabled        = true
    }
  }

  point_in_time_recovery {
    enabled = true
  }

  server_side_encryption {
    enabled     = var.kms_key_arn != null
    kms_key_arn = var.kms_key_arn
  }

  dynamic "replica" {
    for_each = var.replicas
    content {
      region_name            = replica.key
      kms_key_arn            = replica.value
      point_in_time_recovery = true
      propagate_tags         = true
    }
  }

  tags = { Name = "${var.table_prefix}${each.key}", Backup = each.value.backup ? "yes" : "no" }
}

resource "aws_dynamodb_table" "provisioned" {
  for_each = { for name, table in local.tables : name => table if var.billing_mode == "provisioned" }

  name                        = "${var.table_prefix}${each.key}"
  billing_mode                = "PROVISIONED"
  read_capacity               = local.capacity_of[each.key].read_min
  write_capacity              = local.capacity_of[each.key].write_min
  hash_key                    = each.value.hash_key
  range_key                   = each.value.range_key
  deletion_protection_enabled = var.deletion_protection
  stream_enabled              = length(var.replicas) > 0
  stream_view_type            = length(var.replicas) > 0 ? "NEW_AND_OLD_IMAGES" : null

  dynamic "attribute" {
    for_each = each.value.attributes
    content {
      name = attribute.key
      type = attribute.value
    }
  }

  dynamic "global_secondary_index" {
    for_each = each.value.indexes
    content {
      name               = global_secondary_index.key
      hash_key           = global_secondary_index.value.hash_key
      range_key          = global_secondary_index.value.range_key
      projection_type    = "INCLUDE"
      non_key_attributes = global_secondary_index.value.projection
      read_capacity      = local.capacity_of[each.key].read_min
      write_capacity     = local.capacity_of[each.key].write_min
    }
  }

  dynamic "ttl" {
    for_each = each.value.ttl == null ? [] : [each.value.ttl]
    content {
      attribute_name = ttl.value
      enabled        = true
    }
  }

  point_in_time_recovery {
    enabled = true
  }

  server_side_encryption {
    enabled     = var.kms_key_arn != null
    kms_key_arn = var.kms_key_arn
  }

  dynamic "replica" {
    for_each = var.replicas
    content {
      region_name            = replica.key
      kms_key_arn            = replica.value
      point_in_time_recovery = true
      propagate_tags         = true
    }
  }

  tags = { Name = "${var.table_prefix}${each.key}", Backup = each.value.backup ? "yes" : "no" }

  lifecycle {
    ignore_changes = [read_capacity, write_capacity, global_secondary_index]

    # Ignoring an index's capacity ignores the index: a change of tables.json would silently not arrive.
    postcondition {
      condition     = join(" ", sort(self.global_secondary_index[*].name)) == join(" ", sort(keys(each.value.indexes)))
      error_message = "Table ${var.table_prefix}${each.key} has other indexes than tables.json names. Change the billing mode to on_demand for the change of indexes, then back (docs/adr/0100-billing-mode.md)."
    }
  }
}

# Events are put inside a transaction, and neither changed nor deleted, by no principal of the account: what IAM allows somebody does not
# count here. That an event is not put over another cannot be said in a policy (docs/adr/0009-audit-anchors.md).
resource "aws_dynamodb_resource_policy" "append_only" {
  for_each = toset(var.append_only ? ["audit_log", "security_log"] : [])

  resource_arn = local.arns[each.key]

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [for statement in [
      {
        Sid       = "NoChange"
        Effect    = "Deny"
        Principal = "*"
        Action    = ["dynamodb:BatchWriteItem", "dynamodb:DeleteItem", "dynamodb:PartiQLDelete", "dynamodb:PartiQLInsert", "dynamodb:PartiQLUpdate", "dynamodb:UpdateItem"]
        Resource  = local.arns[each.key]
        Condition = { ArnNotLike = { "aws:PrincipalArn" = local.replication_role } }
      },
      {
        Sid       = "EventsInTransactionsAlone"
        Effect    = "Deny"
        Principal = "*"
        Action    = ["dynamodb:PutItem"]
        Resource  = local.arns[each.key]
        Condition = {
          ArnNotLike      = { "aws:PrincipalArn" = local.replication_role }
          StringNotEquals = { "dynamodb:EnclosingOperation" = "TransactWriteItems" }
        }
      },
    ] : statement if statement.Sid == "NoChange" || each.key == "audit_log"]
  })
}
