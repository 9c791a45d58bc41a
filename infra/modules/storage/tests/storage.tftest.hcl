mock_provider "aws" {
  source = "../../testing"
}

variables {
  bucket_prefix = "p2p-automation-123456789012-test"
}

run "four_buckets_closed_versioned_and_encrypted" {
  command = plan

  assert {
    condition     = toset([for b in aws_s3_bucket.this : b.bucket]) == toset([for p in ["payments", "documents", "backups", "logs"] : "p2p-automation-123456789012-test-${p}"])
    error_message = "The seed's three buckets and one for logs are expected."
  }

  assert {
    condition     = alltrue([for b in aws_s3_bucket_public_access_block.this : b.block_public_acls && b.block_public_policy && b.ignore_public_acls && b.restrict_public_buckets])
    error_message = "A bucket can be made public."
  }

  assert {
    condition     = alltrue([for v in aws_s3_bucket_versioning.this : v.versioning_configuration[0].status == "Enabled"])
    error_message = "A bucket is not versioned."
  }

  assert {
    condition     = alltrue([for e in aws_s3_bucket_server_side_encryption_configuration.this : one(one(e.rule[*]).apply_server_side_encryption_by_default[*]).sse_algorithm == "AES256"])
    error_message = "Without a key of our own, S3's own keys encrypt."
  }

  assert {
    condition     = alltrue([for b in aws_s3_bucket.this : b.force_destroy == false])
    error_message = "A bucket may be destroyed with its contents."
  }
}

run "plain_http_and_old_tls_are_denied_everywhere" {
  command = plan

  assert {
    condition = alltrue([
      for p in aws_s3_bucket_policy.this :
      length([for s in jsondecode(p.policy).Statement : s if s.Effect == "Deny" && try(s.Condition.Bool["aws:SecureTransport"], "") == "false"]) == 1 &&
      length([for s in jsondecode(p.policy).Statement : s if s.Effect == "Deny" && try(s.Condition.NumericLessThan["s3:TlsVersion"], "") == "1.2"]) == 1
    ])
    error_message = "A bucket answers without TLS, or with an old one."
  }

  assert {
    condition     = length([for s in jsondecode(aws_s3_bucket_policy.this["logs"].policy).Statement : s if s.Effect == "Allow"]) == 2 && length([for s in jsondecode(aws_s3_bucket_policy.this["payments"].policy).Statement : s if s.Effect == "Allow"]) == 0
    error_message = "Only the logs bucket lets AWS services in."
  }
}

run "payment_files_and_anchors_are_written_once" {
  command = plan

  assert {
    condition = alltrue([
      for purpose, keys in { payments = "*", backups = "anchors/*" } : length([
        for s in jsondecode(aws_s3_bucket_policy.this[purpose].policy).Statement : s
        if s.Effect == "Deny" && s.Action == "s3:PutObject" && try(s.Condition.Null["s3:if-none-match"], "") == "true" && s.Resource == ["arn:aws:s3:::p2p-automation-123456789012-test-${purpose}/${keys}"]
      ]) == 1
    ])
    error_message = "A payment file or an anchor can be put over another."
  }

  assert {
    condition     = alltrue([for purpose in ["payments", "backups"] : length([for s in jsondecode(aws_s3_bucket_policy.this[purpose].policy).Statement : s if s.Effect == "Deny" && contains(flatten([s.Action]), "s3:DeleteObjectVersion")]) == 1])
    error_message = "A payment file or an anchor can be deleted."
  }

  assert {
    condition     = length([for s in jsondecode(aws_s3_bucket_policy.this["documents"].policy).Statement : s if try(s.Sid, "") == "OnlyNewObjects"]) == 0
    error_message = "Uploads of documents are bound by their signed URL."
  }
}

run "the_scanner_alone_tags_documents" {
  command = plan

  variables {
    scanner_role_arn = "arn:aws:iam::123456789012:role/p2p-test-malware-scan"
  }

  assert {
    condition     = length([for s in jsondecode(aws_s3_bucket_policy.this["documents"].policy).Statement : s if try(s.Sid, "") == "TagsOfTheScannerAlone" && try(s.Condition.ArnNotEquals["aws:PrincipalArn"], "") == var.scanner_role_arn]) == 1
    error_message = "Others may say that a document is clean."
  }
}

run "accounting_records_move_but_never_expire" {
  command = plan

  assert {
    condition     = alltrue([for l in aws_s3_bucket_lifecycle_configuration.kept : length(l.rule[0].expiration) == 0 && length(l.rule[0].transition) == 2])
    error_message = "Payment files and documents must move to cheaper classes and stay."
  }

  assert {
    condition     = aws_s3_bucket_lifecycle_configuration.backups.rule[0].filter[0].prefix == "backups/" && aws_s3_bucket_lifecycle_configuration.backups.rule[0].expiration[0].days == 90
    error_message = "Only copies of tables expire in the backups bucket; anchors stay."
  }
}

run "our_key_encrypts_all_but_the_logs" {
  command = plan

  variables {
    kms_key_arn = "arn:aws:kms:eu-west-1:123456789012:key/11111111-2222-3333-4444-555555555555"
  }

  assert {
    condition = alltrue([
      for purpose, e in aws_s3_bucket_server_side_encryption_configuration.this :
      one(one(e.rule[*]).apply_server_side_encryption_by_default[*]).sse_algorithm == (purpose == "logs" ? "AES256" : "aws:kms")
    ])
    error_message = "The key must encrypt every bucket but the one the load balancer logs into."
  }
}

run "audit_anchors_are_locked" {
  command = plan

  variables {
    object_lock = { backups = { mode = "GOVERNANCE", days = 35 } }
  }

  assert {
    condition     = aws_s3_bucket.this["backups"].object_lock_enabled && !aws_s3_bucket.this["documents"].object_lock_enabled
    error_message = "Only the backups bucket is locked."
  }

  assert {
    condition     = aws_s3_bucket_object_lock_configuration.this["backups"].rule[0].default_retention[0].days == 35
    error_message = "The default retention did not arrive."
  }
}

run "replication_within_fifteen_minutes" {
  command = plan

  variables {
    kms_key_arn = "arn:aws:kms:eu-west-1:123456789012:key/11111111-2222-3333-4444-555555555555"
    replication = {
      bucket_prefix = "p2p-automation-123456789012-test-standby"
      role_name     = "p2p-test-replication"
      kms_key_arn   = "arn:aws:kms:eu-central-1:123456789012:key/66666666-7777-8888-9999-000000000000"
    }
  }

  assert {
    condition     = aws_iam_role.replication[0].name == "p2p-test-replication"
    error_message = "The pipeline may touch roles of the environment's own prefix alone."
  }

  assert {
    condition     = toset(keys(aws_s3_bucket_replication_configuration.this)) == toset(["payments", "documents", "backups"])
    error_message = "Three buckets are replicated."
  }

  assert {
    condition     = aws_s3_bucket_replication_configuration.this["payments"].rule[0].destination[0].replication_time[0].time[0].minutes == 15 && aws_s3_bucket_replication_configuration.this["payments"].rule[0].destination[0].encryption_configuration[0].replica_kms_key_id == var.replication.kms_key_arn
    error_message = "Replication needs its time control and the standby Region's key."
  }

  assert {
    condition     = alltrue([for s in jsondecode(aws_iam_role_policy.replication[0].policy).Statement : !contains(flatten([s.Action]), "*") && !contains(flatten([s.Action]), "s3:*")])
    error_message = "The replication role may do anything."
  }
}

run "no_logs_bucket_where_none_is_wanted" {
  command = plan

  variables {
    access_logs = false
  }

  assert {
    condition     = length(aws_s3_bucket.this) == 3 && length(aws_s3_bucket_logging.this) == 0
    error_message = "Three buckets without access logs are expected."
  }
}

run "a_lock_on_an_unknown_bucket_is_refused" {
  command = plan

  variables {
    object_lock = { secrets = { mode = "GOVERNANCE", days = 1 } }
  }

  expect_failures = [var.object_lock]
}

run "an_upper_case_prefix_is_refused" {
  command = plan

  variables {
    bucket_prefix = "P2P-Automation"
  }

  expect_failures = [var.bucket_prefix]
}
