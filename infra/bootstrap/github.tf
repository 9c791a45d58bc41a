# Roles that GitHub's workflows assume with their own short-lived token: to plan (a pull request's), to apply and to
# deploy (a GitHub environment's, which asks a reviewer first). `sub` is compared exactly: no pattern, no branch name.

locals {
  issuer       = "token.actions.githubusercontent.com"
  provider_arn = var.create_oidc_provider ? aws_iam_openid_connect_provider.github[0].arn : "arn:${local.partition}:iam::${var.account_id}:oidc-provider/${local.issuer}"

  roles = merge(
    {
      plan = {
        subjects = [
          "repo:${var.github_repository}:pull_request",
          "repo:${var.github_repository}:ref:refs/heads/main",
        ]
        workflow = null
      }
    },
    { for environment in var.environments : "apply-${environment}" => { subjects = ["repo:${var.github_repository}:environment:infra-${environment}"], workflow = "infra" } },
    { for environment in var.environments : "deploy-${environment}" => { subjects = ["repo:${var.github_repository}:environment:${environment}"], workflow = "deploy" } },
  )

  roles_of = { for environment in var.environments : environment => "arn:${local.partition}:iam::${var.account_id}:role/${var.project}-${environment}-*" }

  # What follows the environment's name in the names of the roles that its modules make; a test compares them with the modules.
  service_roles = [
    "-api-gateway-logs",
    "-backup",
    "-execution",
    "-function",
    "-job",
    "-pipeline",
    "-pipeline-build",
    "-pipeline-deploy",
    "-pipeline-scan",
    "-pipeline-test",
    "-replication",
    "-scheduler",
    "-standby-backup",
    "-task",
    "-vpc-flow-logs",
  ]

  # Reading or changing what the system holds, by any way that DynamoDB has, and reading its logs and secrets.
  data_actions = [
    "dynamodb:BatchGetItem",
    "dynamodb:BatchWriteItem",
    "dynamodb:ConditionCheckItem",
    "dynamodb:DeleteItem",
    "dynamodb:ExportTableToPointInTime",
    "dynamodb:GetItem",
    "dynamodb:GetRecords",
    "dynamodb:ImportTable",
    "dynamodb:PartiQLDelete",
    "dynamodb:PartiQLInsert",
    "dynamodb:PartiQLSelect",
    "dynamodb:PartiQLUpdate",
    "dynamodb:PutItem",
    "dynamodb:Query",
    "dynamodb:RestoreTableFromAwsBackup",
    "dynamodb:RestoreTableFromBackup",
    "dynamodb:RestoreTableToPointInTime",
    "dynamodb:Scan",
    "dynamodb:UpdateItem",
    "logs:FilterLogEvents",
    "logs:GetLogEvents",
    "logs:StartQuery",
    "secretsmanager:GetSecretValue",
    "secretsmanager:PutSecretValue",
  ]
}

resource "aws_iam_openid_connect_provider" "github" {
  count = var.create_oidc_provider ? 1 : 0

  url            = "https://${local.issuer}"
  client_id_list = ["sts.amazonaws.com"]
}

resource "aws_iam_role" "github" {
  for_each = local.roles

  name                 = "${var.project}-github-${each.key}"
  description          = "Assumed by workflows of ${var.github_repository}"
  max_session_duration = 3600

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Federated = local.provider_arn }
      Action    = "sts:AssumeRoleWithWebIdentity"
      Condition = {
        StringEquals = merge(
          {
            "${local.issuer}:aud" = "sts.amazonaws.com"
            "${local.issuer}:sub" = each.value.subjects
          },
          # An environment's name is in every workflow's reach: what changes something is one workflow of the protected branch.
          each.value.workflow == null ? {} : {
            "${local.issuer}:ref"              = "refs/heads/main"
            "${local.issuer}:job_workflow_ref" = "${var.github_repository}/.github/workflows/${each.value.workflow}.yml@refs/heads/main"
          },
        )
      }
    }]
  })
}

# Plan: reads configuration, never what is stored in the system.
resource "aws_iam_role_policy_attachment" "plan" {
  role       = aws_iam_role.github["plan"].name
  policy_arn = "arn:${local.partition}:iam::aws:policy/ReadOnlyAccess"
}

resource "aws_iam_role_policy" "plan" {
  name = "state-and-no-data"
  role = aws_iam_role.github["plan"].id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "StateKey"
        Effect   = "Allow"
        Action   = ["kms:Decrypt", "kms:GenerateDataKey"]
        Resource = [aws_kms_key.state.arn]
      },
      # What the apply of the same run applies. It compares the digest, which the run itself hands on.
      {
        Sid      = "KeepThePlan"
        Effect   = "Allow"
        Action   = ["s3:PutObject"]
        Resource = ["${local.state_arn}/plans/*"]
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
        Action      = ["s3:GetObject", "s3:GetObjectVersion"]
        NotResource = ["${local.state_arn}/*"]
      },
    ]
  })
}

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
    Statement = [
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
    ]
  })
}

# prod runs on ECS, dev on Lambda: each role moves what its environment has.
locals {
  move = {
    for environment in var.environments : environment => [
      for statement in [
        {
          Sid      = "TaskDefinitions"
          Effect   = "Allow"
          Action   = ["ecs:DescribeTaskDefinition", "ecs:RegisterTaskDefinition"]
          Resource = ["*"]
        },
        {
          Sid       = "TagsOfTaskDefinitions"
          Effect    = "Allow"
          Action    = ["ecs:TagResource"]
          Resource  = ["arn:${local.partition}:ecs:*:${var.account_id}:task-definition/${var.project}-${environment}*"]
          Condition = { StringEquals = { "ecs:CreateAction" = "RegisterTaskDefinition" } }
        },
        {
          Sid      = "MoveTheService"
          Effect   = "Allow"
          Action   = ["ecs:DescribeServices", "ecs:UpdateService"]
          Resource = ["arn:${local.partition}:ecs:*:${var.account_id}:service/${var.project}-${environment}/*"]
        },
        {
          Sid      = "MoveTheFunction"
          Effect   = "Allow"
          Action   = ["lambda:GetAlias", "lambda:GetFunction", "lambda:PublishVersion", "lambda:UpdateAlias", "lambda:UpdateFunctionCode"]
          Resource = ["arn:${local.partition}:lambda:*:${var.account_id}:function:${var.project}-${environment}*"]
        },
        {
          Sid       = "TaskRoles"
          Effect    = "Allow"
          Action    = ["iam:PassRole"]
          Resource  = [for role in ["-execution", "-job", "-task"] : "arn:${local.partition}:iam::${var.account_id}:role/${var.project}-${environment}${role}"]
          Condition = { StringEquals = { "iam:PassedToService" = ["ecs-tasks.amazonaws.com"] } }
        },
      ] : statement if(statement.Sid == "MoveTheFunction") == (environment == "dev")
    ]
  }
}

# Deploy: pushes an image, names it as released and moves the service to it.
resource "aws_iam_role_policy" "deploy" {
  for_each = var.environments

  name = "release"
  role = aws_iam_role.github["deploy-${each.key}"].id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat([
      {
        Sid      = "SignInToTheRegistry"
        Effect   = "Allow"
        Action   = ["ecr:GetAuthorizationToken"]
        Resource = ["*"]
      },
      {
        Sid    = "PushAndReadScans"
        Effect = "Allow"
        Action = [
          "ecr:BatchCheckLayerAvailability",
          "ecr:BatchGetImage",
          "ecr:CompleteLayerUpload",
          "ecr:DescribeImageScanFindings",
          "ecr:DescribeImages",
          "ecr:GetDownloadUrlForLayer",
          "ecr:InitiateLayerUpload",
          "ecr:PutImage",
          "ecr:UploadLayerPart",
        ]
        Resource = ["arn:${local.partition}:ecr:*:${var.account_id}:repository/${var.project}-${each.key}"]
      },
      {
        Sid      = "NameTheReleases"
        Effect   = "Allow"
        Action   = ["ssm:GetParameter", "ssm:PutParameter"]
        Resource = [for name in ["image-tag", "release-before"] : "arn:${local.partition}:ssm:*:${var.account_id}:parameter/${var.project}-${each.key}/${name}"]
      },
      ], local.move[each.key], [
      # prod runs the very image that dev tested.
      for account in [var.dev_account_id == "" ? var.account_id : var.dev_account_id] : {
        Sid      = "ReadWhatDevTested"
        Effect   = "Allow"
        Action   = ["ecr:BatchGetImage", "ecr:DescribeImages", "ecr:GetDownloadUrlForLayer"]
        Resource = ["arn:${local.partition}:ecr:*:${account}:repository/${var.project}-dev"]
      } if each.key == "prod"
    ])
  })
}
