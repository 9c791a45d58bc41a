mock_provider "aws" {
  source = "../../testing"
}

variables {
  account_id   = "123456789012"
  state_bucket = "p2p-terraform-state-123456789012-eu-west-1"
}

run "before_the_first_release_there_is_everything_but_the_function" {
  command = plan

  assert {
    condition     = length(module.lambda) == 0 && length(module.api_gateway) == 0 && output.url == null
    error_message = "Without an image there can be no function."
  }

  assert {
    condition     = output.table_prefix == "p2p_dev_"
    error_message = "dev must not share table names with prod."
  }
}

run "after_a_release_an_api_before_the_function" {
  command = apply

  variables {
    initial_image_tag = "1.0.0"
  }

  assert {
    condition     = length(module.lambda) == 1 && output.url != null
    error_message = "A released image must be reachable."
  }

  assert {
    condition     = output.bucket_names["payments"] != "" && length(output.secret_arns) == 3
    error_message = "Buckets and secrets are expected."
  }
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

run "something_that_is_no_region_is_refused" {
  command = plan

  variables {
    region = "Europe"
  }

  expect_failures = [var.region]
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
