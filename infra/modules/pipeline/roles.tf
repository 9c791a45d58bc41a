# A role for each step: who tests strangers' code may not push an image, and who builds may not deploy.

module "release" {
  source = "../release-permissions"

  name                   = var.name
  account_id             = local.account
  region                 = local.region
  repository_arn         = var.repository_arn
  tested_repository_arns = local.tested_repository_arns
}

locals {
  # 123456789012.dkr.ecr.eu-west-1.amazonaws.com/p2p-dev
  tested_repository_arns = [
    for part in regexall("^([0-9]{12})\\.dkr\\.ecr\\.([a-z0-9-]+)\\.[^/]+/(.+)$", var.tested_repository_url == null ? "" : var.tested_repository_url) :
    "arn:${local.partition}:ecr:${part[1]}:${part[0]}:repository/${part[2]}"
  ]

  step_statements = {
    build  = module.release.build
    test   = []
    scan   = module.release.scan
    deploy = module.release.deploy
  }

  artifact_statements = concat(
    [
      {
        Sid      = "Artifacts"
        Effect   = "Allow"
        Action   = ["s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"]
        Resource = ["arn:${local.partition}:s3:::${local.bucket}/*"]
      },
      {
        Sid      = "ArtifactBucket"
        Effect   = "Allow"
        Action   = ["s3:GetBucketLocation", "s3:ListBucket"]
        Resource = ["arn:${local.partition}:s3:::${local.bucket}"]
      },
    ],
    [
      for key in compact([var.kms_key_arn]) : {
        Sid      = "KeyOfTheArtifacts"
        Effect   = "Allow"
        Action   = ["kms:Decrypt", "kms:GenerateDataKey"]
        Resource = [key]
      }
    ],
  )
}

resource "aws_iam_role" "step" {
  for_each = local.steps

  name                 = "${var.name}-pipeline-${each.key}"
  permissions_boundary = var.permissions_boundary

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "codebuild.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = { StringEquals = { "aws:SourceAccount" = local.account } }
    }]
  })
}

resource "aws_iam_role_policy" "step" {
  for_each = local.steps

  name = each.key
  role = aws_iam_role.step[each.key].id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [{
        Sid      = "WriteTheLog"
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = ["arn:${local.partition}:logs:${local.region}:${local.account}:log-group:/${var.name}/pipeline:*"]
      }],
      local.artifact_statements,
      local.step_statements[each.key],
    )
  })
}

resource "aws_iam_role" "pipeline" {
  name                 = "${var.name}-pipeline"
  permissions_boundary = var.permissions_boundary

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "codepipeline.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = { StringEquals = { "aws:SourceAccount" = local.account } }
    }]
  })
}

resource "aws_iam_role_policy" "pipeline" {
  name = "run"
  role = aws_iam_role.pipeline.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(local.artifact_statements, [
      {
        Sid      = "RunSteps"
        Effect   = "Allow"
        Action   = ["codebuild:BatchGetBuilds", "codebuild:StartBuild"]
        Resource = [for step in keys(local.steps) : "arn:${local.partition}:codebuild:${local.region}:${local.account}:project/${var.name}-${step}"]
      },
      {
        Sid      = "ReadTheSource"
        Effect   = "Allow"
        Action   = ["codestar-connections:UseConnection"]
        Resource = [aws_codestarconnections_connection.this.arn]
      },
      {
        Sid      = "AskForApproval"
        Effect   = "Allow"
        Action   = ["sns:Publish"]
        Resource = [var.topic_arn]
      },
      ], [
      for key in compact([var.logs_key_arn]) : {
        Sid      = "KeyOfTheTopic"
        Effect   = "Allow"
        Action   = ["kms:Decrypt", "kms:GenerateDataKey"]
        Resource = [key]
      }
    ])
  })
}
