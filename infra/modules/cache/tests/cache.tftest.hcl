mock_provider "aws" {
  source = "../../testing"
}

variables {
  name                   = "p2p-test"
  vpc_id                 = "vpc-0123456789abcdef0"
  subnet_ids             = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]
  task_security_group_id = "sg-0123456789abcdef0"
}

run "encrypted_on_disk_and_on_the_way_and_open_to_tasks_alone" {
  command = plan

  assert {
    condition     = tobool(aws_elasticache_replication_group.this.at_rest_encryption_enabled) && aws_elasticache_replication_group.this.transit_encryption_enabled
    error_message = "The cache must be encrypted at rest and in transit."
  }

  assert {
    condition     = aws_elasticache_replication_group.this.engine == "valkey" && aws_elasticache_replication_group.this.automatic_failover_enabled
    error_message = "Valkey that fails over is expected."
  }

  assert {
    condition     = aws_vpc_security_group_ingress_rule.from_tasks.referenced_security_group_id == "sg-0123456789abcdef0"
    error_message = "Only the tasks may connect."
  }
}

run "its_address_speaks_tls" {
  command = apply

  assert {
    condition     = startswith(output.redis_url, "rediss://") && endswith(output.redis_url, ":6379")
    error_message = "REDIS_URL must ask for TLS."
  }
}

run "an_instance_size_of_another_service_is_refused" {
  command = plan

  variables {
    node_type = "t4g.micro"
  }

  expect_failures = [var.node_type]
}
