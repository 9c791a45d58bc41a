# From a commit to running tasks inside AWS: source by connection, image, tests, scan gate, approval, service update.
# .github/workflows/deploy.yml does the same with GitHub's runners; an installation uses one of the two.

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  account   = data.aws_caller_identity.current.account_id
  partition = data.aws_partition.current.partition
  region    = data.aws_region.current.id
  bucket    = "${var.name}-pipeline-${local.account}"

  # What each step runs, and whether it needs Docker.
  steps = {
    build  = { docker = true, description = var.tested_repository_url == null ? "Build the image and push it under its commit" : "Copy the image that dev tested" }
    test   = { docker = false, description = "Lint, type check and run the tests" }
    scan   = { docker = false, description = "Refuse an image with grave findings" }
    deploy = { docker = false, description = "Move the service to the image" }
  }

  common_environment = {
    REPOSITORY_NAME       = var.repository_name
    REPOSITORY_URL        = var.repository_url
    ENVIRONMENT           = var.environment
    NAME                  = var.name
    MAX_SEVERITY          = var.max_severity
    TESTED_REPOSITORY_URL = var.tested_repository_url == null ? "" : var.tested_repository_url
  }
}

resource "aws_codestarconnections_connection" "this" {
  name          = var.name
  provider_type = "GitHub"
}

resource "aws_s3_bucket" "artifacts" {
  bucket        = local.bucket
  force_destroy = true
}

resource "aws_s3_bucket_public_access_block" "artifacts" {
  bucket                  = aws_s3_bucket.artifacts.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_server_side_encryption_configuration" "artifacts" {
  bucket = aws_s3_bucket.artifacts.id

  rule {
    bucket_key_enabled = var.kms_key_arn != null

    apply_server_side_encryption_by_default {
      sse_algorithm     = var.kms_key_arn == null ? "AES256" : "aws:kms"
      kms_master_key_id = var.kms_key_arn
    }
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "artifacts" {
  bucket = aws_s3_bucket.artifacts.id

  rule {
    id     = "expire"
    status = "Enabled"
    filter {}

    expiration {
      days = 30
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = 1
    }
  }
}

resource "aws_s3_bucket_policy" "artifacts" {
  bucket = aws_s3_bucket.artifacts.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "RefusePlainHttp"
      Effect    = "Deny"
      Principal = "*"
      Action    = "s3:*"
      Resource  = ["arn:${local.partition}:s3:::${local.bucket}", "arn:${local.partition}:s3:::${local.bucket}/*"]
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }]
  })

  depends_on = [aws_s3_bucket_public_access_block.artifacts]
}

resource "aws_cloudwatch_log_group" "this" {
  name              = "/${var.name}/pipeline"
  retention_in_days = 30
  kms_key_id        = var.logs_key_arn
}

resource "aws_codebuild_project" "this" {
  for_each = local.steps

  name           = "${var.name}-${each.key}"
  description    = each.value.description
  service_role   = aws_iam_role.step[each.key].arn
  build_timeout  = 60
  encryption_key = var.kms_key_arn

  artifacts {
    type = "CODEPIPELINE"
  }

  environment {
    type            = "LINUX_CONTAINER"
    compute_type    = each.key == "test" ? "BUILD_GENERAL1_MEDIUM" : "BUILD_GENERAL1_SMALL"
    image           = "aws/codebuild/amazonlinux2-x86_64-standard:5.0"
    privileged_mode = each.value.docker

    dynamic "environment_variable" {
      for_each = local.common_environment
      content {
        name  = environment_variable.key
        value = environment_variable.value
      }
    }
  }

  source {
    type      = "CODEPIPELINE"
    buildspec = "infra/buildspecs/${each.key}.yml"
  }

  logs_config {
    cloudwatch_logs {
      group_name  = aws_cloudwatch_log_group.this.name
      stream_name = each.key
    }
  }
}

resource "aws_codepipeline" "this" {
  name          = var.name
  role_arn      = aws_iam_role.pipeline.arn
  pipeline_type = "V2"

  # A newer commit waits for the older one's approval to end; none is overtaken half deployed.
  execution_mode = "QUEUED"

  artifact_store {
    type     = "S3"
    location = aws_s3_bucket.artifacts.bucket

    dynamic "encryption_key" {
      for_each = compact([var.kms_key_arn])
      content {
        type = "KMS"
        id   = encryption_key.value
      }
    }
  }

  stage {
    name = "Source"

    action {
      name             = "Source"
      category         = "Source"
      owner            = "AWS"
      provider         = "CodeStarSourceConnection"
      version          = "1"
      namespace        = "source"
      output_artifacts = ["source"]

      configuration = {
        ConnectionArn        = aws_codestarconnections_connection.this.arn
        FullRepositoryId     = var.source_repository
        BranchName           = var.source_branch
        OutputArtifactFormat = "CODE_ZIP"
      }
    }
  }

  dynamic "stage" {
    for_each = ["build", "test", "scan"]
    content {
      name = title(stage.value)

      action {
        name            = title(stage.value)
        category        = stage.value == "build" ? "Build" : "Test"
        owner           = "AWS"
        provider        = "CodeBuild"
        version         = "1"
        input_artifacts = ["source"]

        configuration = {
          ProjectName          = aws_codebuild_project.this[stage.value].name
          EnvironmentVariables = jsonencode([{ name = "IMAGE_TAG", value = "#{source.CommitId}", type = "PLAINTEXT" }])
        }
      }
    }
  }

  stage {
    name = "Approve"

    action {
      name     = "Approve"
      category = "Approval"
      owner    = "AWS"
      provider = "Manual"
      version  = "1"

      configuration = {
        NotificationArn = var.topic_arn
        CustomData      = "Release #{source.CommitId} to ${var.environment}: #{source.CommitMessage}"
      }
    }
  }

  stage {
    name = "Deploy"

    action {
      name            = "Deploy"
      category        = "Build"
      owner           = "AWS"
      provider        = "CodeBuild"
      version         = "1"
      input_artifacts = ["source"]

      configuration = {
        ProjectName          = aws_codebuild_project.this["deploy"].name
        EnvironmentVariables = jsonencode([{ name = "IMAGE_TAG", value = "#{source.CommitId}", type = "PLAINTEXT" }])
      }
    }
  }
}
