# When jobs run: those that `p2p job` has, which a test compares. A run that is interrupted or doubled does no harm.
# Thirty minutes between backups, with replication within fifteen, keep what a lost Region takes along under an hour
# (docs/runbooks/restore-another-region.md).
locals {
  schedules = {
    anchor-audit   = "rate(1 hour)"
    backup         = "rate(30 minutes)"
    cleanup        = "cron(30 2 * * ? *)"
    export-monitor = "rate(15 minutes)"
    match-received = "rate(5 minutes)"
    report-overdue = "cron(0 6 * * ? *)"
    resume-batches = "rate(5 minutes)"
    verify         = "cron(15 3 * * ? *)"
    verify-audit   = "cron(45 3 * * ? *)"
  }
}
