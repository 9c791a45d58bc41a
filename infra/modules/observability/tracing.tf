# What X-Ray gathers of the traces it is sent. Which traces there are the server decides (trace_rate of modules/service):
# X-Ray's sampling rules reach only those who ask it for them.

resource "aws_xray_group" "faults" {
  count = var.tracing ? 1 : 0

  group_name        = "${var.name}-faults"
  filter_expression = "service(\"${var.name}\") { fault = true OR responsetime > ${var.p99_seconds} }"

  insights_configuration {
    insights_enabled      = true
    notifications_enabled = false
  }
}
