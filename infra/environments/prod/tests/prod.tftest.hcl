mock_provider "aws" {
  source = "../../testing"
}

mock_provider "aws" {
  alias  = "standby"
  source = "../../testing"
}

variables {
  account_id      = "123456789012"
  state_bucket    = "p2p-terraform-state-123456789012-eu-west-1"
  certificate_arn = "arn:aws:acm:eu-west-1:123456789012:certificate/11111111-2222-3333-4444-555555555555"
  alarm_emails    = ["operations@example.com"]
}

run "as_shipped" {
  command = plan

  assert {
    condition     = output.table_prefix == "p2p_"
    error_message = "prod has the seed's table names."
  }

  assert {
    condition     = length(module.cache) == 0 && length(module.api_gateway) == 0 && length(module.pipeline) == 0
    error_message = "What is optional must be off."
  }
}

run "applied_with_all_that_is_optional" {
  command = apply

  variables {
    initial_image_tag = "1.0.0"
    cache             = {}
    pipeline          = { repository = "example/erp-lite" }
    api_gateway       = { domain_name = "p2p.example.com", require_key = true, usage_plans = { partners = { rate = 10, burst = 20, monthly_quota = 1000, keys = ["workday"] } } }
    replicate_tables  = true
  }

  assert {
    condition     = toset(keys(output.bucket_names)) == toset(["payments", "documents", "backups", "logs"]) && toset(keys(output.standby_bucket_names)) == toset(["payments", "documents", "backups"])
    error_message = "Four buckets here and three in the standby Region are expected."
  }
}

run "anchors_may_lie_in_another_account" {
  command = plan

  variables {
    anchors = { bucket = "p2p-anchors-999999999999-123456789012", account_id = "999999999999" }
  }

  assert {
    condition     = length(module.anchors) == 0 && local.server_environment["P2P_BUCKET_ANCHORS"] == "p2p-anchors-999999999999-123456789012"
    error_message = "Anchors are written into the other account alone."
  }

  assert {
    condition     = length([for s in jsondecode(module.access.jobs_policy).Statement : s if try(s.Condition.StringEquals["s3:ResourceAccount"], "") == "999999999999"]) == 2
    error_message = "The jobs write into that account's bucket, whoever else makes one of that name."
  }
}

run "anchors_of_a_name_outside_the_boundary_are_refused" {
  command = plan

  variables {
    anchors = { bucket = "somebodys-bucket", account_id = "999999999999" }
  }

  expect_failures = [var.anchors]
}

run "one_region_writes" {
  command = plan

  variables {
    initial_image_tag = "1.0.0"
  }

  assert {
    condition     = local.server_environment["P2P_WRITING_REGION"] == "eu-west-1" && module.jobs.enabled
    error_message = "The Region of the environment writes, unless it is told otherwise."
  }
}

run "a_standby_only_reads" {
  command = plan

  variables {
    initial_image_tag = "1.0.0"
    writing_region    = "eu-central-1"
  }

  assert {
    condition     = local.server_environment["P2P_WRITING_REGION"] == "eu-central-1" && !module.jobs.enabled
    error_message = "A standby knows who writes, and runs no job."
  }
}

run "a_writing_region_without_servers_is_refused" {
  command = plan

  variables {
    writing_region = "eu-wset-1"
  }

  expect_failures = [var.writing_region]
}

run "provisioned_as_the_seed_has_it" {
  command = plan

  variables {
    billing_mode = "provisioned"
  }

  assert {
    condition     = output.table_prefix == "p2p_"
    error_message = "The tables keep their names."
  }
}

run "a_missing_certificate_is_refused" {
  command = plan

  variables {
    certificate_arn = ""
  }

  expect_failures = [var.certificate_arn]
}

run "a_certificate_of_another_region_is_refused" {
  command = plan

  variables {
    certificate_arn = "arn:aws:acm:us-east-1:123456789012:certificate/11111111-2222-3333-4444-555555555555"
  }

  expect_failures = [var.certificate_arn]
}

run "a_missing_account_is_refused" {
  command = plan

  variables {
    account_id   = ""
    state_bucket = ""
  }

  expect_failures = [var.account_id]
}

run "a_state_bucket_of_another_account_is_refused" {
  command = plan

  variables {
    state_bucket = "p2p-terraform-state-999999999999-eu-west-1"
  }

  expect_failures = [var.state_bucket]
}

run "a_standby_in_the_same_region_is_refused" {
  command = plan

  variables {
    standby_region = "eu-west-1"
  }

  expect_failures = [var.standby_region]
}

run "two_ways_in_are_refused" {
  command = plan

  variables {
    api_gateway = { domain_name = "p2p.example.com" }
    cloudfront = {
      domain_names       = ["p2p.example.com"]
      certificate_arn    = "arn:aws:acm:us-east-1:123456789012:certificate/11111111-2222-3333-4444-555555555555"
      origin_domain_name = "origin.p2p.example.com"
    }
    origin_secrets = ["0123456789abcdef0123456789abcdef"]
  }

  expect_failures = [var.api_gateway]
}

run "a_name_that_would_point_at_an_internal_load_balancer_is_refused" {
  command = plan

  variables {
    api_gateway = { domain_name = "p2p.example.com" }
    dns         = { zone_id = "Z0123456789ABCDEFGHIJ", name = "p2p.example.com" }
  }

  expect_failures = [var.dns]
}

run "provisioned_tables_take_no_replica" {
  command = plan

  variables {
    billing_mode     = "provisioned"
    replicate_tables = true
  }

  expect_failures = [var.billing_mode]
}

run "paused_nothing_runs_and_nothing_starts" {
  command = plan

  variables {
    initial_image_tag = "1.0.0"
    paused            = true
    table_prefix      = "p2p_r1_"
  }

  assert {
    condition     = !module.jobs.enabled && local.server_environment["P2P_TABLE_PREFIX"] == "p2p_r1_" && output.table_prefix == "p2p_r1_"
    error_message = "A restore needs silence, and what starts afterwards the restored tables."
  }
}

run "a_prefix_that_no_role_reaches_is_refused" {
  command = plan

  variables {
    table_prefix = "restored_"
  }

  expect_failures = [var.table_prefix]
}

run "without_nat_the_endpoints_and_the_mirrored_collector_are_needed" {
  command = plan

  variables {
    nat_gateways = "none"
  }

  expect_failures = [var.interface_endpoints, var.tracing_image]
}

run "small_without_nat_on_graviton" {
  command = plan

  variables {
    initial_image_tag   = "1.0.0"
    nat_gateways        = "none"
    interface_endpoints = ["ecr.api", "ecr.dkr", "logs", "secretsmanager", "xray"]
    tracing_image       = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/p2p-prod-tracing:v0.43.3"
    cpu_architecture    = "ARM64"
    zone_count          = 2
  }

  assert {
    condition     = output.table_prefix == "p2p_"
    error_message = "The small environment is the same environment."
  }
}

run "people_sign_in_through_a_provider" {
  command = plan

  variables {
    initial_image_tag = "1.0.0"
    oidc = {
      issuer        = "https://login.example.com"
      client_id     = "p2p"
      redirect_uri  = "https://p2p.example.com/api/v1/auth/oidc/callback"
      second_factor = "mfa"
      role_claim    = "groups"
      roles         = { desk = ["ap_clerk", "receiver"] }
    }
  }

  assert {
    condition     = local.oidc_environment["P2P_OIDC_ROLES"] == "{\"desk\":[\"ap_clerk\",\"receiver\"]}" && local.oidc_environment["P2P_OIDC_TRUST_GUARDED_ROLES"] == "off" && !contains(keys(local.oidc_environment), "P2P_OIDC_SCOPES")
    error_message = "The server gets what is said of the provider, and nothing else."
  }

  assert {
    condition     = contains(keys(module.secrets.arns), "P2P_OIDC_CLIENT_SECRET") && !contains(keys(local.oidc_environment), "P2P_OIDC_CLIENT_SECRET")
    error_message = "The client secret is a secret."
  }
}
