# What the roles of an environment may ever do, whatever a policy of theirs says: no identities, no other role, no other environment's data.
# Separate accounts for dev and prod keep them apart altogether; in one account this does.

locals {
  own = {
    for environment in var.environments : environment => {
      tables  = ["arn:${local.partition}:dynamodb:*:${var.account_id}:table/${local.table_prefixes[environment]}*"]
      objects = ["arn:${local.partition}:s3:::${var.project}-automation-${var.account_id}-${environment}*/*", "arn:${local.partition}:s3:::${var.project}-${environment}-*/*", "arn:${local.partition}:s3:::${var.project}-anchors-*-${var.account_id}/*"]
      secrets = ["arn:${local.partition}:secretsmanager:*:${var.account_id}:secret:${var.project}-${environment}/*"]
    }
  }

  table_prefixes = { dev = "${var.project}_dev_", prod = "${var.project}_" }

  others_tables = {
    for environment in var.environments : environment => [
      for other, prefix in local.table_prefixes : "arn:${local.partition}:dynamodb:*:${var.account_id}:table/${prefix}*"
      if other != environment && startswith(prefix, local.table_prefixes[environment])
    ]
  }

  item_actions = [for action in local.data_actions : action if startswith(action, "dynamodb:")]
}

resource "aws_iam_policy" "boundary" {
  for_each = var.environments

  name        = "${var.project}-${each.key}-boundary"
  description = "Bounds every role of ${var.project}-${each.key}"

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat([
      {
        Sid       = "EverythingButIdentities"
        Effect    = "Allow"
        NotAction = ["account:*", "iam:*", "organizations:*", "sts:*"]
        Resource  = ["*"]
      },
      {
        Sid      = "HandOverRolesOfTheEnvironment"
        Effect   = "Allow"
        Action   = ["iam:GetRole", "iam:PassRole"]
        Resource = [local.roles_of[each.key]]
      },
      {
        Sid         = "OwnObjectsOnly"
        Effect      = "Deny"
        Action      = ["s3:DeleteObject", "s3:DeleteObjectVersion", "s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"]
        NotResource = local.own[each.key].objects
      },
      {
        Sid         = "OwnSecretsOnly"
        Effect      = "Deny"
        Action      = ["secretsmanager:BatchGetSecretValue", "secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue", "secretsmanager:UpdateSecret*"]
        NotResource = local.own[each.key].secrets
      },
    ], local.nothing_of_others[each.key], local.no_tables_of_others[each.key])
  })
}
