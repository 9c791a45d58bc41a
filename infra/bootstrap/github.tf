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
    "-malware-scan",
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

# prod runs on ECS, dev on Lambda: each role moves what its environment has.
module "release" {
  source   = "../modules/release-permissions"
  for_each = var.environments

  name           = "${var.project}-${each.key}"
  account_id     = var.account_id
  runs_on        = each.key == "dev" ? "function" : "service"
  repository_arn = "arn:${local.partition}:ecr:*:${var.account_id}:repository/${var.project}-${each.key}"
  tested_repository_arns = [
    for account in [var.dev_account_id == "" ? var.account_id : var.dev_account_id] :
    "arn:${local.partition}:ecr:*:${account}:repository/${var.project}-dev" if each.key == "prod"
  ]
}

# Deploy: pushes an image, names it as released and moves the service to it.
resource "aws_iam_role_policy" "deploy" {
  for_each = var.environments

  name = "release"
  role = aws_iam_role.github["deploy-${each.key}"].id

  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = concat(module.release[each.key].build, module.release[each.key].scan, module.release[each.key].deploy)
  })
}
