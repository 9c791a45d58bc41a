mock_provider "aws" {
  source = "../testing"
}

variables {
  account_id        = "123456789012"
  github_repository = "example/erp-lite"
}

run "the_state_bucket_is_closed_versioned_and_encrypted" {
  command = plan

  assert {
    condition     = aws_s3_bucket.state.bucket == "p2p-terraform-state-123456789012-eu-west-1"
    error_message = "The bucket's name must carry account and Region."
  }

  assert {
    condition     = aws_s3_bucket_versioning.state.versioning_configuration[0].status == "Enabled" && aws_s3_bucket_public_access_block.state.restrict_public_buckets
    error_message = "The state must be versioned and private."
  }

  assert {
    condition     = jsondecode(aws_s3_bucket_policy.state.policy).Statement[1].Condition.StringNotEquals["aws:PrincipalAccount"] == "123456789012"
    error_message = "Another account may reach the state."
  }
}

run "workflows_are_told_apart_by_an_exact_subject" {
  command = apply

  assert {
    condition     = toset(keys(aws_iam_role.github)) == toset(["plan", "apply-dev", "apply-prod", "deploy-dev", "deploy-prod"])
    error_message = "A role to plan, and to apply and deploy each environment, are expected."
  }

  assert {
    condition = alltrue([
      for role in aws_iam_role.github :
      alltrue([for sub in flatten([jsondecode(role.assume_role_policy).Statement[0].Condition.StringEquals["token.actions.githubusercontent.com:sub"]]) : startswith(sub, "repo:example/erp-lite:") && !strcontains(sub, "*")]) &&
      jsondecode(role.assume_role_policy).Statement[0].Condition.StringEquals["token.actions.githubusercontent.com:aud"] == "sts.amazonaws.com"
    ])
    error_message = "A role can be assumed by more than one repository's workflow."
  }

  assert {
    condition     = jsondecode(aws_iam_role.github["apply-prod"].assume_role_policy).Statement[0].Condition.StringEquals["token.actions.githubusercontent.com:sub"] == ["repo:example/erp-lite:environment:infra-prod"]
    error_message = "prod is applied from its protected environment alone."
  }

  assert {
    condition     = length(setintersection(jsondecode(aws_iam_role.github["plan"].assume_role_policy).Statement[0].Condition.StringEquals["token.actions.githubusercontent.com:sub"], jsondecode(aws_iam_role.github["apply-prod"].assume_role_policy).Statement[0].Condition.StringEquals["token.actions.githubusercontent.com:sub"])) == 0
    error_message = "Who plans must not apply."
  }
}

run "no_workflow_reads_the_company_s_data" {
  command = apply

  assert {
    condition = alltrue([
      for policy in concat([aws_iam_role_policy.plan], values(aws_iam_role_policy.apply)) :
      anytrue([for s in jsondecode(policy.policy).Statement : s.Effect == "Deny" && s.Sid == "NoData" && length(setsubtract(["dynamodb:BatchWriteItem", "dynamodb:ExportTableToPointInTime", "dynamodb:PartiQL*", "dynamodb:PutItem", "dynamodb:RestoreTable*", "dynamodb:Scan", "secretsmanager:GetSecretValue"], try(s.Action, []))) == 0])
    ])
    error_message = "A workflow's role may read tables or secrets."
  }

  assert {
    condition = alltrue(flatten([
      for policy in concat([aws_iam_role_policy.plan], values(aws_iam_role_policy.apply), values(aws_iam_role_policy.deploy)) : [
        for s in jsondecode(policy.policy).Statement : [for action in s.Action : !strcontains(action, "*")] if s.Effect == "Allow"
      ]
    ]))
    error_message = "A workflow's policy names a pattern of actions."
  }
}

run "no_role_is_made_or_widened_without_the_boundary" {
  command = apply

  assert {
    condition = alltrue(flatten([
      for environment, policy in aws_iam_role_policy.apply : [
        for s in jsondecode(policy.policy).Statement :
        try(s.Condition.ArnEquals["iam:PermissionsBoundary"], "") == aws_iam_policy.boundary[environment].arn
        if s.Effect == "Allow" && length(setintersection(try(s.Action, []), ["iam:AttachRolePolicy", "iam:CreateRole", "iam:PutRolePolicy", "iam:PutRolePermissionsBoundary"])) > 0
      ]
    ]))
    error_message = "A workflow may make a role that nothing bounds, and with it become administrator of the account."
  }

  assert {
    condition = alltrue([
      for policy in aws_iam_role_policy.apply :
      anytrue([for s in jsondecode(policy.policy).Statement : s.Effect == "Deny" && s.Sid == "TheBoundaryStays" && contains(try(s.Action, []), "iam:DeleteRolePermissionsBoundary") && contains(try(s.Action, []), "iam:CreatePolicyVersion")])
    ])
    error_message = "A workflow may take the boundary away."
  }

  assert {
    condition = alltrue(flatten([
      for policy in concat(values(aws_iam_role_policy.apply), values(aws_iam_role_policy.deploy)) : [
        for s in jsondecode(policy.policy).Statement : [for arn in flatten([s.Resource]) : !strcontains(arn, "*")] if contains(try(s.Action, []), "iam:PassRole")
      ]
    ]))
    error_message = "A workflow may hand over roles by a pattern."
  }

  assert {
    condition = alltrue([
      for environment, policy in aws_iam_policy.boundary :
      anytrue([for s in jsondecode(policy.policy).Statement : s.Effect == "Allow" && try(contains(s.NotAction, "iam:*") && contains(s.NotAction, "sts:*"), false)]) &&
      anytrue([for s in jsondecode(policy.policy).Statement : s.Sid == "OwnSecretsOnly" && try(s.NotResource, []) == ["arn:aws:secretsmanager:*:123456789012:secret:p2p-${environment}/*"]])
    ])
    error_message = "A bounded role reaches identities or another environment's secrets."
  }

  assert {
    condition     = anytrue([for s in jsondecode(aws_iam_policy.boundary["prod"].policy).Statement : s.Sid == "NoTablesOfOthers" && try(s.Resource, []) == ["arn:aws:dynamodb:*:123456789012:table/p2p_dev_*"]])
    error_message = "prod's prefix covers dev's tables; they must be taken out."
  }
}

run "what_changes_something_is_one_workflow_of_the_protected_branch" {
  command = apply

  assert {
    condition = alltrue([
      for name, role in aws_iam_role.github :
      jsondecode(role.assume_role_policy).Statement[0].Condition.StringEquals["token.actions.githubusercontent.com:ref"] == "refs/heads/main" &&
      jsondecode(role.assume_role_policy).Statement[0].Condition.StringEquals["token.actions.githubusercontent.com:job_workflow_ref"] == "example/erp-lite/.github/workflows/${startswith(name, "apply") ? "infra" : "deploy"}.yml@refs/heads/main"
      if name != "plan"
    ])
    error_message = "Another workflow or branch that names the environment may assume its roles."
  }
}

run "people_need_a_second_factor" {
  command = apply

  assert {
    condition     = toset(keys(output.groups)) == toset(["admin", "readonly"])
    error_message = "Two groups are expected."
  }

  assert {
    condition = alltrue([
      for policy in aws_iam_group_policy.people :
      anytrue([for s in jsondecode(policy.policy).Statement : s.Effect == "Deny" && try(s.Condition.BoolIfExists["aws:MultiFactorAuthPresent"], "") == "false"])
    ])
    error_message = "A group works without a second factor."
  }

  assert {
    condition     = strcontains(aws_iam_group_policy.people["readonly"].policy, "dynamodb:Scan")
    error_message = "Readers of the configuration may read the company's data."
  }
}

run "an_existing_oidc_provider_is_used" {
  command = plan

  variables {
    create_oidc_provider = false
  }

  assert {
    condition     = length(aws_iam_openid_connect_provider.github) == 0
    error_message = "An account holds one provider for GitHub."
  }
}

run "a_missing_account_is_refused" {
  command = plan

  variables {
    account_id = ""
  }

  expect_failures = [var.account_id]
}

run "a_missing_repository_is_refused" {
  command = plan

  variables {
    github_repository = ""
  }

  expect_failures = [var.github_repository]
}

run "a_pattern_of_repositories_is_refused" {
  command = plan

  variables {
    github_repository = "example/*"
  }

  expect_failures = [var.github_repository]
}

run "an_unknown_environment_is_refused" {
  command = plan

  variables {
    environments = ["dev", "staging"]
  }

  expect_failures = [var.environments]
}
