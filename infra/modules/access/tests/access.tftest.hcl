mock_provider "aws" {
  source = "../../testing"
}

variables {
  table_prefix = "p2p_"
  bucket_arns = {
    payments  = "arn:aws:s3:::p2p-test-payments"
    documents = "arn:aws:s3:::p2p-test-documents"
    backups   = "arn:aws:s3:::p2p-test-backups"
  }
  secret_arns  = ["arn:aws:secretsmanager:eu-west-1:123456789012:secret:p2p-test/P2P_WEBHOOK_SECRET-AbCdEf"]
  data_key_arn = "arn:aws:kms:eu-west-1:123456789012:key/11111111-2222-3333-4444-555555555555"
}

run "no_wildcard_action_and_no_wildcard_resource" {
  command = plan

  assert {
    condition = alltrue(flatten([
      for policy in [output.server_policy, output.jobs_policy, output.secrets_policy] : [
        for s in jsondecode(policy).Statement : [for action in s.Action : !strcontains(action, "*")]
      ]
    ]))
    error_message = "A role may do more than is named."
  }

  assert {
    condition = alltrue(flatten([
      for policy in [output.server_policy, output.jobs_policy, output.secrets_policy] : [
        for s in jsondecode(policy).Statement : [for resource in s.Resource : resource != "*"]
      ]
    ]))
    error_message = "A role reaches beyond its environment."
  }
}

run "the_audit_log_can_be_appended_to_only" {
  command = plan

  assert {
    condition = alltrue(flatten([
      for policy in [output.server_policy, output.jobs_policy] : [
        for s in jsondecode(policy).Statement : !anytrue([for r in s.Resource : endswith(r, "table/p2p_audit_log")]) ||
        length(setintersection(s.Action, ["dynamodb:UpdateItem", "dynamodb:DeleteItem", "dynamodb:BatchWriteItem"])) == 0
      ]
    ]))
    error_message = "A role may change or delete audit events."
  }

  assert {
    condition     = anytrue([for s in jsondecode(output.server_policy).Statement : contains(s.Action, "dynamodb:PutItem") && contains(s.Resource, "arn:aws:dynamodb:eu-west-1:123456789012:table/p2p_audit_log")])
    error_message = "The server cannot append to the audit log."
  }
}

run "the_server_never_scans_and_never_touches_backups" {
  command = plan

  assert {
    condition     = !strcontains(output.server_policy, "dynamodb:Scan") && !strcontains(output.server_policy, "p2p-test-backups/*")
    error_message = "The server's role may scan tables or reach backups."
  }

  assert {
    condition     = strcontains(output.jobs_policy, "dynamodb:Scan") && one([for s in jsondecode(output.jobs_policy).Statement : s.Action if s.Sid == "Backups"]) == ["s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"]
    error_message = "The jobs write backups and anchors and read them; they delete none and loosen no lock."
  }
}

run "indexes_are_named_apart" {
  command = plan

  assert {
    condition     = one([for s in jsondecode(output.server_policy).Statement : s.Action if s.Sid == "Indexes"]) == ["dynamodb:Query"]
    error_message = "An index is for queries alone."
  }

  assert {
    condition     = contains(one([for s in jsondecode(output.server_policy).Statement : s.Resource if s.Sid == "Indexes"]), "arn:aws:dynamodb:eu-west-1:123456789012:table/p2p_invoices/index/*")
    error_message = "The invoices' indexes are not named."
  }
}

run "the_key_serves_only_through_dynamodb_and_s3" {
  command = plan

  assert {
    condition     = toset(one([for s in jsondecode(output.server_policy).Statement : s.Condition.StringEquals["kms:ViaService"] if s.Sid == "DataKeyThroughServices"])) == toset(["dynamodb.eu-west-1.amazonaws.com", "s3.eu-west-1.amazonaws.com"])
    error_message = "The key may be used outside DynamoDB and S3."
  }
}

run "policies_fit_into_a_role" {
  command = plan

  variables {
    tracing = true
  }

  assert {
    condition     = length(output.jobs_policy) < 10240 && strcontains(output.jobs_policy, "xray:PutTraceSegments")
    error_message = "A role's inline policies hold 10,240 characters."
  }
}
