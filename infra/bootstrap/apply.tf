# Apply: makes and changes everything of ours, but neither its own kind of role nor the state bucket, and reads no data.
resource "aws_iam_role_policy_attachment" "apply" {
  for_each = var.environments

  role       = aws_iam_role.github["apply-${each.key}"].name
  policy_arn = "arn:${local.partition}:iam::aws:policy/PowerUserAccess"
}

resource "aws_iam_role_policy" "apply" {
  for_each = var.environments

  name = "roles-of-the-environment"
  role = aws_iam_role.github["apply-${each.key}"].id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat([
      {
        Sid    = "ReadAndRetireRolesOfTheEnvironment"
        Effect = "Allow"
        Action = [
          "iam:DeleteRole",
          "iam:DeleteRolePolicy",
          "iam:DetachRolePolicy",
          "iam:GetRole",
          "iam:GetRolePolicy",
          "iam:ListAttachedRolePolicies",
          "iam:ListInstanceProfilesForRole",
          "iam:ListRolePolicies",
          "iam:ListRoleTags",
          "iam:TagRole",
          "iam:UntagRole",
          "iam:UpdateRole",
        ]
        Resource = [local.roles_of[each.key]]
      },
      # A role made or widened without the boundary could be given everything and then be assumed.
      {
        Sid       = "RolesWithinTheBoundary"
        Effect    = "Allow"
        Action    = ["iam:CreateRole", "iam:PutRolePermissionsBoundary", "iam:PutRolePolicy"]
        Resource  = [local.roles_of[each.key]]
        Condition = { ArnEquals = { "iam:PermissionsBoundary" = aws_iam_policy.boundary[each.key].arn } }
      },
      {
        Sid      = "ManagedPoliciesOfServices"
        Effect   = "Allow"
        Action   = ["iam:AttachRolePolicy"]
        Resource = [local.roles_of[each.key]]
        Condition = {
          ArnEquals = { "iam:PermissionsBoundary" = aws_iam_policy.boundary[each.key].arn }
          ArnLike   = { "iam:PolicyARN" = "arn:${local.partition}:iam::aws:policy/service-role/*" }
        }
      },
      {
        Sid      = "WhoMayAssumeThem"
        Effect   = "Allow"
        Action   = ["iam:UpdateAssumeRolePolicy"]
        Resource = [local.roles_of[each.key]]
      },
      {
        Sid      = "HandRolesToServices"
        Effect   = "Allow"
        Action   = ["iam:PassRole"]
        Resource = [for role in local.service_roles : "arn:${local.partition}:iam::${var.account_id}:role/${var.project}-${each.key}${role}"]
        Condition = {
          StringEquals = {
            "iam:PassedToService" = [
              "apigateway.amazonaws.com",
              "backup.amazonaws.com",
              "codebuild.amazonaws.com",
              "codepipeline.amazonaws.com",
              "ecs-tasks.amazonaws.com",
              "lambda.amazonaws.com",
              "malware-protection-plan.guardduty.amazonaws.com",
              "s3.amazonaws.com",
              "scheduler.amazonaws.com",
              "vpc-flow-logs.amazonaws.com",
            ]
          }
        }
      },
      {
        Sid      = "TheBoundaryStays"
        Effect   = "Deny"
        Action   = ["iam:CreatePolicyVersion", "iam:DeletePolicy", "iam:DeletePolicyVersion", "iam:DeleteRolePermissionsBoundary", "iam:SetDefaultPolicyVersion", "sts:AssumeRole"]
        Resource = ["*"]
      },
      # A service's own grant is part of making a table or a vault with a key; any other hands the key on.
      {
        Sid       = "KeysAreHandedOnToServicesAlone"
        Effect    = "Deny"
        Action    = ["kms:CreateGrant"]
        Resource  = ["*"]
        Condition = { BoolIfExists = { "kms:GrantIsForAWSResource" = "false" } }
      },
      {
        Sid      = "StateBucketStays"
        Effect   = "Deny"
        Action   = ["s3:DeleteBucket", "s3:DeleteBucketPolicy", "s3:DeleteObjectVersion", "s3:PutBucketPolicy", "s3:PutBucketVersioning"]
        Resource = [local.state_arn, "${local.state_arn}/*"]
      },
      {
        Sid      = "NoData"
        Effect   = "Deny"
        Action   = local.data_actions
        Resource = ["*"]
      },
      {
        Sid         = "NoObjectsButTheState"
        Effect      = "Deny"
        Action      = ["s3:DeleteObject", "s3:GetObject", "s3:GetObjectVersion", "s3:PutObject", "s3:RestoreObject"]
        NotResource = ["${local.state_arn}/*"]
      },
      ], [
      for environment in ["prod"] : {
        Sid      = "ForAnAdministrator"
        Effect   = "Deny"
        Action   = local.administrators_actions
        Resource = ["*"]
      } if environment == each.key
    ], local.nothing_of_others[each.key], local.no_tables_of_others[each.key])
  })
}
