# Two groups for people who sign in to the account. Neither may do anything without a second factor but set one up.

locals {
  own_user    = "arn:${local.partition}:iam::${var.account_id}:user/$${aws:username}"
  own_devices = "arn:${local.partition}:iam::${var.account_id}:mfa/*"

  set_up_a_second_factor = [
    {
      Sid      = "SeeOneself"
      Effect   = "Allow"
      Action   = ["iam:GetUser", "iam:ListMFADevices", "iam:ChangePassword"]
      Resource = [local.own_user]
    },
    {
      Sid      = "EnrolADevice"
      Effect   = "Allow"
      Action   = ["iam:CreateVirtualMFADevice", "iam:EnableMFADevice", "iam:ResyncMFADevice"]
      Resource = [local.own_user, local.own_devices]
    },
    {
      Sid      = "ListDevices"
      Effect   = "Allow"
      Action   = ["iam:ListVirtualMFADevices", "iam:GetAccountPasswordPolicy"]
      Resource = ["*"]
    },
  ]

  refuse_without_mfa = [{
    Sid    = "RefuseWithoutASecondFactor"
    Effect = "Deny"
    NotAction = [
      "iam:ChangePassword",
      "iam:CreateVirtualMFADevice",
      "iam:EnableMFADevice",
      "iam:GetAccountPasswordPolicy",
      "iam:GetUser",
      "iam:ListMFADevices",
      "iam:ListVirtualMFADevices",
      "iam:ResyncMFADevice",
      "sts:GetSessionToken",
    ]
    Resource  = ["*"]
    Condition = { BoolIfExists = { "aws:MultiFactorAuthPresent" = "false" } }
  }]

  # Whoever reads the account's configuration need not read the company's invoices.
  read_no_data = [{
    Sid      = "NoData"
    Effect   = "Deny"
    Action   = concat(local.data_actions, ["s3:GetObject", "s3:GetObjectVersion"])
    Resource = ["*"]
  }]

  # Not even an administrator removes what the auditors rely on, on the way of a day's work.
  keep_the_evidence = [{
    Sid      = "KeepTheEvidence"
    Effect   = "Deny"
    Action   = ["s3:BypassGovernanceRetention", "backup:DeleteBackupVaultLockConfiguration"]
    Resource = ["*"]
  }]

  groups = {
    admin    = { managed = "AdministratorAccess", statements = local.keep_the_evidence }
    readonly = { managed = "ReadOnlyAccess", statements = local.read_no_data }
  }
}

resource "aws_iam_group" "people" {
  for_each = local.groups

  name = "${var.project}-${each.key}"
}

resource "aws_iam_group_policy_attachment" "people" {
  for_each = local.groups

  group      = aws_iam_group.people[each.key].name
  policy_arn = "arn:${local.partition}:iam::aws:policy/${each.value.managed}"
}

resource "aws_iam_group_policy" "people" {
  for_each = local.groups

  name  = "second-factor"
  group = aws_iam_group.people[each.key].name

  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = concat(local.set_up_a_second_factor, local.refuse_without_mfa, each.value.statements)
  })
}

resource "aws_iam_account_password_policy" "people" {
  minimum_password_length        = 14
  password_reuse_prevention      = 24
  require_lowercase_characters   = true
  require_uppercase_characters   = true
  require_numbers                = true
  require_symbols                = true
  allow_users_to_change_password = true
}
