# What the server and its jobs may do, as policies for their roles: the actions of infra/actions.json on the tables,
# indexes, buckets, keys and secrets of one environment, and nothing else.
# The logs of who did what are append-only for everybody: no role may change or delete an event.

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  actions     = jsondecode(file("${path.module}/../../actions.json"))
  tables      = jsondecode(file("${path.module}/../../tables.json")).tables
  append_only = ["audit_log", "security_log"]

  region    = data.aws_region.current.id
  table_arn = "arn:${data.aws_partition.current.partition}:dynamodb:${local.region}:${data.aws_caller_identity.current.account_id}:table/${var.table_prefix}"

  resources = {
    tables             = [for name in keys(local.tables) : "${local.table_arn}${name}" if !contains(local.append_only, name)]
    append_only_tables = [for name in local.append_only : "${local.table_arn}${name}"]
    indexes            = [for name, table in local.tables : "${local.table_arn}${name}/index/*" if length(table.indexes) > 0]
    payments           = ["${var.bucket_arns.payments}/*"]
    documents          = ["${var.bucket_arns.documents}/*"]
    backups            = ["${var.bucket_arns.backups}/*"]
    anchors            = [for arn in compact([var.anchors.bucket_arn]) : "${arn}/anchors/*"]
    anchors_bucket     = compact([var.anchors.bucket_arn])
    buckets            = [var.bucket_arns.payments, var.bucket_arns.documents, var.bucket_arns.backups]
  }

  names = {
    tables             = "Tables"
    append_only_tables = "AppendOnlyTables"
    indexes            = "Indexes"
    payments           = "PaymentFiles"
    documents          = "Documents"
    backups            = "Backups"
    buckets            = "Buckets"
    anchors            = "Anchors"
    anchors_bucket     = "AnchorsBucket"
  }

  roles = {
    server = local.actions.server
    jobs   = { for group, actions in local.actions.server : group => setunion(actions, local.actions.jobs[group]) }
  }

  data_statements = {
    for role, groups in local.roles : role => [
      for group, actions in groups : merge({
        Sid      = local.names[group]
        Effect   = "Allow"
        Action   = sort(actions)
        Resource = local.resources[group]
        }, {
        # A bucket's name does not say whose it is: one that was deleted could be made again by anybody.
        for account in compact([var.anchors.account_id]) : "Condition" => { StringEquals = { "s3:ResourceAccount" = account } }
        if startswith(group, "anchors")
      }) if length(actions) > 0 && length(local.resources[group]) > 0
    ]
  }

  # The key serves DynamoDB and S3 only when one of them asks in our name.
  key_statements = [
    for key in compact([var.data_key_arn]) : {
      Sid      = "DataKeyThroughServices"
      Effect   = "Allow"
      Action   = ["kms:Decrypt", "kms:GenerateDataKey"]
      Resource = [key]
      Condition = {
        StringEquals = { "kms:ViaService" = ["dynamodb.${local.region}.amazonaws.com", "s3.${local.region}.amazonaws.com"] }
      }
    }
  ]

  # X-Ray takes no resource in these actions.
  tracing_statements = [
    for enabled in [var.tracing] : {
      Sid      = "Tracing"
      Effect   = "Allow"
      Action   = ["xray:PutTelemetryRecords", "xray:PutTraceSegments"]
      Resource = ["*"]
    } if enabled
  ]

  # Letters leave as this sender alone, who is verified in the account and Region.
  mail_statements = [
    for sender in compact([var.mail_from]) : {
      Sid       = "Letters"
      Effect    = "Allow"
      Action    = ["ses:SendEmail"]
      Resource  = ["arn:${data.aws_partition.current.partition}:ses:${local.region}:${data.aws_caller_identity.current.account_id}:identity/*"]
      Condition = { StringEquals = { "ses:FromAddress" = sender } }
    }
  ]

  policies = {
    for role, statements in local.data_statements : role => jsonencode({
      Version   = "2012-10-17"
      Statement = concat(statements, local.key_statements, local.tracing_statements, [for statement in local.mail_statements : statement if role == "server"])
    })
  }

  secrets_policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [{
        Sid      = "Secrets"
        Effect   = "Allow"
        Action   = ["secretsmanager:GetSecretValue"]
        Resource = var.secret_arns
      }],
      [
        for key in compact([var.secrets_key_arn]) : {
          Sid       = "SecretsKey"
          Effect    = "Allow"
          Action    = ["kms:Decrypt"]
          Resource  = [key]
          Condition = { StringEquals = { "kms:ViaService" = ["secretsmanager.${local.region}.amazonaws.com"] } }
        }
      ],
    )
  })
}
