# The secrets of the server, each a secret of its own so that one can be rotated alone.
# Terraform makes them empty: a value given here would stand in the state. `scripts/put-secrets` fills them.

locals {
  descriptions = {
    P2P_JWT_PRIVATE_KEY          = "PEM key that signs access tokens"
    P2P_JWT_PRIVATE_KEY_PREVIOUS = "During a rotation, the key before: its tokens are still accepted"
    P2P_WEBHOOK_SECRET           = "HMAC secret of the Workday callback"
    P2P_OIDC_CLIENT_SECRET       = "Client secret that the identity provider gave"
    P2P_ENCRYPTION_KEY           = "Base64 of 32 bytes: encrypts bank details, seals stored items and authenticates cursors"
    P2P_ENCRYPTION_KEY_PREVIOUS  = "During a rotation, the key before: what it sealed is still read"
  }
}

resource "aws_secretsmanager_secret" "this" {
  for_each = toset(var.variables)

  name                    = "${var.name}/${each.key}"
  description             = local.descriptions[each.key]
  kms_key_id              = var.kms_key_arn
  recovery_window_in_days = var.recovery_window_days
}

# Whoever is no role of this account has no business here, whatever an IAM policy says.
resource "aws_secretsmanager_secret_policy" "this" {
  for_each = aws_secretsmanager_secret.this

  secret_arn          = each.value.arn
  block_public_policy = true

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "OnlyThisAccount"
      Effect    = "Deny"
      Principal = "*"
      Action    = "secretsmanager:GetSecretValue"
      Resource  = "*"
      Condition = { StringNotEquals = { "aws:PrincipalAccount" = var.account_id } }
    }]
  })
}
