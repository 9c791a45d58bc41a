# What a release may do, as statements for the roles of whoever releases: GitHub's workflows (infra/bootstrap) and CodePipeline (modules/pipeline).
# Three parts, so that who builds need not deploy.

data "aws_partition" "current" {}

locals {
  partition = data.aws_partition.current.partition
  here      = "${var.region}:${var.account_id}"

  build = concat([
    {
      Sid      = "SignInToTheRegistry"
      Effect   = "Allow"
      Action   = ["ecr:GetAuthorizationToken"]
      Resource = ["*"]
    },
    {
      Sid    = "PushTheImage"
      Effect = "Allow"
      Action = [
        "ecr:BatchCheckLayerAvailability",
        "ecr:BatchGetImage",
        "ecr:CompleteLayerUpload",
        "ecr:DescribeImages",
        "ecr:GetDownloadUrlForLayer",
        "ecr:InitiateLayerUpload",
        "ecr:PutImage",
        "ecr:UploadLayerPart",
      ]
      Resource = [var.repository_arn]
    },
    ], [
    # prod runs the very image that dev tested.
    for arns in [var.tested_repository_arns] : {
      Sid      = "ReadWhatDevTested"
      Effect   = "Allow"
      Action   = ["ecr:BatchGetImage", "ecr:DescribeImages", "ecr:GetDownloadUrlForLayer"]
      Resource = arns
    } if length(arns) > 0
  ])

  scan = [{
    Sid      = "ReadTheScan"
    Effect   = "Allow"
    Action   = ["ecr:DescribeImageScanFindings"]
    Resource = [var.repository_arn]
  }]

  name_the_releases = [{
    Sid      = "NameTheReleases"
    Effect   = "Allow"
    Action   = ["ssm:GetParameter", "ssm:PutParameter"]
    Resource = [for name in ["image-tag", "release-before"] : "arn:${local.partition}:ssm:${local.here}:parameter/${var.name}/${name}"]
  }]

  move = {
    service = [
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
        Resource  = ["arn:${local.partition}:ecs:${local.here}:task-definition/${var.name}*"]
        Condition = { StringEquals = { "ecs:CreateAction" = "RegisterTaskDefinition" } }
      },
      {
        Sid      = "MoveTheService"
        Effect   = "Allow"
        Action   = ["ecs:DescribeServices", "ecs:UpdateService"]
        Resource = ["arn:${local.partition}:ecs:${local.here}:service/${var.name}/${var.name}"]
      },
      {
        Sid       = "TaskRoles"
        Effect    = "Allow"
        Action    = ["iam:PassRole"]
        Resource  = [for role in ["execution", "job", "task"] : "arn:${local.partition}:iam::${var.account_id}:role/${var.name}-${role}"]
        Condition = { StringEquals = { "iam:PassedToService" = ["ecs-tasks.amazonaws.com"] } }
      },
    ]
    function = [{
      Sid      = "MoveTheFunction"
      Effect   = "Allow"
      Action   = ["lambda:GetAlias", "lambda:GetFunction", "lambda:PublishVersion", "lambda:UpdateAlias", "lambda:UpdateFunctionCode"]
      Resource = ["arn:${local.partition}:lambda:${local.here}:function:${var.name}*"]
    }]
  }
}
