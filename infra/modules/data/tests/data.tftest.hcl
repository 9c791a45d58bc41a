mock_provider "aws" {
  source = "../../testing"
}

variables {
  table_prefix = "p2p_"
}

run "every_table_of_the_definition_on_demand" {
  command = plan

  assert {
    condition     = toset(keys(aws_dynamodb_table.on_demand)) == toset(keys(jsondecode(file("../../tables.json")).tables))
    error_message = "The tables are not those of tables.json."
  }

  assert {
    condition = alltrue([
      for name, table in jsondecode(file("../../tables.json")).tables :
      join(" ", sort(aws_dynamodb_table.on_demand[name].global_secondary_index[*].name)) == join(" ", sort(keys(table.indexes))) &&
      toset(aws_dynamodb_table.on_demand[name].attribute[*].name) == toset(keys(table.attributes)) &&
      aws_dynamodb_table.on_demand[name].hash_key == table.hash_key
    ])
    error_message = "Keys, attributes or indexes differ from tables.json."
  }

  assert {
    condition     = aws_dynamodb_table.on_demand["vendors"].name == "p2p_vendors" && aws_dynamodb_table.on_demand["audit_log"].range_key == "seq"
    error_message = "The seed's table names and the audit log's sort key are expected."
  }

  assert {
    condition     = alltrue([for t in aws_dynamodb_table.on_demand : t.billing_mode == "PAY_PER_REQUEST" && t.deletion_protection_enabled && t.point_in_time_recovery[0].enabled])
    error_message = "A table lacks on-demand billing, deletion protection or point-in-time recovery."
  }

  assert {
    condition     = alltrue([for name in ["sessions", "idempotency", "throttles"] : aws_dynamodb_table.on_demand[name].ttl[0].attribute_name == "expires_at"])
    error_message = "A table of passing items lacks its TTL."
  }

  assert {
    condition     = alltrue(flatten([for t in aws_dynamodb_table.on_demand : [for i in t.global_secondary_index : i.projection_type == "INCLUDE" && tolist(i.non_key_attributes) == tolist(["summary"])]]))
    error_message = "An index projects more than the summary."
  }

  assert {
    condition     = length(aws_appautoscaling_target.this) == 0
    error_message = "On-demand tables have no capacity to scale."
  }
}

run "an_own_key_encrypts_every_table" {
  command = plan

  variables {
    kms_key_arn = "arn:aws:kms:eu-west-1:123456789012:key/11111111-2222-3333-4444-555555555555"
  }

  assert {
    condition     = alltrue([for t in aws_dynamodb_table.on_demand : t.server_side_encryption[0].enabled && t.server_side_encryption[0].kms_key_arn == var.kms_key_arn])
    error_message = "A table is not encrypted with the key given."
  }
}

run "a_standby_region_replicates_every_table" {
  command = plan

  variables {
    replicas = { "eu-central-1" = "arn:aws:kms:eu-central-1:123456789012:key/11111111-2222-3333-4444-555555555555" }
  }

  assert {
    condition     = alltrue([for t in aws_dynamodb_table.on_demand : t.stream_enabled && one(t.replica[*].region_name) == "eu-central-1" && one(t.replica[*].point_in_time_recovery)])
    error_message = "A table has no replica with point-in-time recovery in the standby Region."
  }
}

run "a_limit_against_a_runaway_bill" {
  command = plan

  variables {
    on_demand_limit = { read = 2000, write = 1000 }
  }

  assert {
    condition     = alltrue([for t in aws_dynamodb_table.on_demand : t.on_demand_throughput[0].max_write_request_units == 1000])
    error_message = "The limit does not reach every table."
  }
}

run "provisioned_tables_and_indexes_scale" {
  command = apply

  variables {
    billing_mode       = "provisioned"
    capacity_overrides = { idempotency = { read_min = 5, read_max = 50, write_min = 10, write_max = 500 } }
  }

  assert {
    condition     = length(aws_dynamodb_table.on_demand) == 0 && alltrue([for t in aws_dynamodb_table.provisioned : t.billing_mode == "PROVISIONED"])
    error_message = "All tables are expected to be provisioned."
  }

  assert {
    condition = length(aws_appautoscaling_policy.this) == 2 * sum([
      for table in jsondecode(file("../../tables.json")).tables : 1 + length(table.indexes)
    ])
    error_message = "Each table and index needs a read and a write policy."
  }

  assert {
    condition     = aws_appautoscaling_target.this["idempotency/write"].min_capacity == 10 && aws_appautoscaling_target.this["idempotency/write"].max_capacity == 500
    error_message = "An override of capacity did not arrive."
  }

  assert {
    condition     = aws_appautoscaling_target.this["invoices/by_payable/read"].scalable_dimension == "dynamodb:index:ReadCapacityUnits" && aws_appautoscaling_target.this["invoices/by_payable/read"].resource_id == "table/p2p_invoices/index/by_payable"
    error_message = "An index does not scale on its own."
  }
}

run "an_unknown_billing_mode_is_refused" {
  command = plan

  variables {
    billing_mode = "reserved"
  }

  expect_failures = [var.billing_mode]
}

run "a_prefix_without_an_end_is_refused" {
  command = plan

  variables {
    table_prefix = "p2p"
  }

  expect_failures = [var.table_prefix]
}

run "a_maximum_below_its_minimum_is_refused" {
  command = plan

  variables {
    capacity = { read_min = 10, read_max = 5, write_min = 1, write_max = 5 }
  }

  expect_failures = [var.capacity]
}

run "events_are_neither_changed_nor_deleted_by_anybody" {
  command = apply

  assert {
    condition     = toset(keys(aws_dynamodb_resource_policy.append_only)) == toset(["audit_log", "security_log"])
    error_message = "The tables of events need their policies."
  }

  assert {
    condition     = alltrue([for p in aws_dynamodb_resource_policy.append_only : alltrue([for s in jsondecode(p.policy).Statement : s.Effect == "Deny" && s.Principal == "*"])])
    error_message = "A policy of a table lets somebody in."
  }
}
