# The audit trail's anchors in an account of their own, for example the auditors': whoever administers the service's account does not
# administer this one. Applied by hand, once (infra/README.md); its state is small and holds no secret.

module "anchors" {
  source = "../modules/anchors"

  bucket      = "p2p-anchors-${var.account_id}-${var.service_account_id}"
  years       = var.years
  writer_arns = ["arn:aws:iam::${var.service_account_id}:role/p2p-prod-job"]
}
