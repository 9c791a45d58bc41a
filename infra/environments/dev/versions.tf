terraform {
  required_version = ">= 1.10"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100, < 7"
    }
  }

  # Bucket and Region come from scripts/infra, which makes sure that they are the account's.
  backend "s3" {
    key          = "dev/terraform.tfstate"
    encrypt      = true
    use_lockfile = true
  }
}

locals {
  environment = "dev"
  name        = "p2p-dev"

  # Made by infra/bootstrap; a role without it is one that the pipeline may not make.
  permissions_boundary = "arn:${data.aws_partition.current.partition}:iam::${var.account_id}:policy/${local.name}-boundary"

  tags = {
    Project     = "p2p"
    Environment = local.environment
    ManagedBy   = "terraform"
    CostCenter  = var.cost_center
  }
}

provider "aws" {
  region              = var.region
  allowed_account_ids = [var.account_id]

  default_tags {
    tags = local.tags
  }
}

data "aws_partition" "current" {}
