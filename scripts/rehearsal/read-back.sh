# What rehearse-infra reads back from AWS, or from what stands for it. Sourced: ok, bad, account, root and work are its.
# All is fetched first, into a file an answer; then the files are held against the code.

check() { # sentence, expected, actual
  if [ "$2" = "$3" ]; then ok; else bad "$1: expected '$2', read '$3'"; fi
}
holds() { # sentence, name of a fetched answer or a pattern of names, jq filter that is true of each
  local files wrong
  mapfile -t files < <(compgen -G "$work/read/$2.json")
  [ ${#files[@]} -gt 0 ] || { bad "$1: nothing was read"; return; }
  wrong="$(for file in "${files[@]}"; do jq -e --slurpfile written "$work/written.json" --arg account "$account" "$3" "$file" >/dev/null 2>&1 || echo "${file##*/}: $(jq -c . "$file" | cut -c1-300)"; done)"
  if [ -z "$wrong" ]; then ok; else bad "$1: $(head -3 <<<"$wrong")"; fi
}
prefix_of() { [ "$1" = prod ] && echo p2p_ || echo "p2p_$1_"; }

fetch() { python3 "$root/scripts/rehearsal/fetch.py" "$work/read" 2>>"$work/read/errors"; }

questions() { # environment
  local environment="$1" name="p2p-$1" purpose bucket table
  for table in $(jq -r '.tables | keys[]' "$root/infra/tables.json"); do
    echo "table-$table dynamodb describe-table --table-name $(prefix_of "$1")$table"
    echo "pitr-$table dynamodb describe-continuous-backups --table-name $(prefix_of "$1")$table"
    echo "tags-$table dynamodb list-tags-of-resource --resource-arn arn:aws:dynamodb:eu-west-1:$account:table/$(prefix_of "$1")$table"
  done
  for table in $(jq -r '.tables | to_entries[] | select(.value.ttl) | .key' "$root/infra/tables.json"); do
    echo "ttl-$table dynamodb describe-time-to-live --table-name $(prefix_of "$1")$table"
  done
  for purpose in payments documents backups; do
    bucket="p2p-automation-$account-$environment-$purpose"
    for what in versioning encryption policy lifecycle-configuration tagging; do
      echo "$what-$purpose s3api get-bucket-$what --bucket $bucket"
    done
    echo "public-$purpose s3api get-public-access-block --bucket $bucket"
    [ "$environment" = dev ] || echo "replication-$purpose s3api get-bucket-replication --bucket $bucket"
  done
  echo "tables dynamodb list-tables"
  echo "repository ecr describe-repositories --repository-names $name"
  echo "roles iam get-account-authorization-details --filter Role"
  if [ "$environment" = dev ]; then
    echo "function lambda get-function-configuration --function-name $name"
    echo "nat ec2 describe-nat-gateways"
    echo "apis apigateway get-rest-apis"
  else
    echo "service ecs describe-services --cluster $name --services $name"
    echo "task ecs describe-task-definition --task-definition $name"
    echo "logs logs describe-log-groups"
    echo "balancer elbv2 describe-load-balancer-attributes --load-balancer-arn $(cat "$work/balancer")"
    echo "listeners elbv2 describe-listeners --load-balancer-arn $(cat "$work/balancer")"
    echo "subnets ec2 describe-subnets --filters Name=tag:Project,Values=p2p"
    echo "endpoints ec2 describe-vpc-endpoints"
    echo "schedules scheduler list-schedules"
    for key in data secrets logs; do
      echo "key-$key kms describe-key --key-id alias/$name-$key"
      echo "rotation-$key kms get-key-rotation-status --key-id $(aws kms describe-key --key-id "alias/$name-$key" --query KeyMetadata.KeyId --output text)"
    done
  fi
}

read_back() { # environment
  rm -rf "$work/read"
  mkdir "$work/read"
  jq '{tables: (.tables | map_values({keys: ([.hash_key, .range_key] | map(values)), ttl, indexes: (.indexes | map_values([.hash_key, .range_key] | map(values)))}))}
    + {actions: input}' "$root/infra/tables.json" "$root/infra/actions.json" >"$work/written.json"
  [ "$1" = dev ] || aws elbv2 describe-load-balancers --names p2p-prod --query 'LoadBalancers[0].LoadBalancerArn' --output text >"$work/balancer"
  questions "$1" | fetch
  [ ! -s "$work/read/errors" ] || bad "$1: $(head -5 "$work/read/errors")"
  tables "$1"
  buckets "$1"
  identity "$1"
  if [ "$1" = prod ]; then prod; else dev; fi
}

tables() { # environment
  local prefix
  prefix="$(prefix_of "$1")"
  holds "$1: the tables are those of tables.json" tables "[.TableNames[] | ltrimstr(\"$prefix\")] | sort == (\$written[0].tables | keys)"
  holds "$1: keys and indexes are those of tables.json" 'table-*' ".Table | {keys: [.KeySchema[].AttributeName], indexes: ((.GlobalSecondaryIndexes // []) | map({key: .IndexName, value: [.KeySchema[].AttributeName]}) | from_entries)}
    == (\$written[0].tables[.TableName | ltrimstr(\"$prefix\")] | {keys, indexes})"
  holds "$1: tables are billed on demand" 'table-*' '.Table.BillingModeSummary.BillingMode == "PAY_PER_REQUEST"'
  holds "$1: indexes project the summary alone" 'table-*' '[.Table.GlobalSecondaryIndexes[]? | .Projection == {ProjectionType: "INCLUDE", NonKeyAttributes: ["summary"]}] | all'
  holds "$1: every table can be restored to any second" 'pitr-*' '.ContinuousBackupsDescription.PointInTimeRecoveryDescription.PointInTimeRecoveryStatus == "ENABLED"'
  holds "$1: passing items expire" 'ttl-*' '.TimeToLiveDescription | .TimeToLiveStatus == "ENABLED" and .AttributeName == "expires_at"'
  holds "$1: tables carry their tags" 'tags-*' ".Tags | map({(.Key): .Value}) | add | .Project == \"p2p\" and .Environment == \"$1\" and .ManagedBy == \"terraform\" and .CostCenter == \"accounts-payable\" and (.Backup | IN(\"yes\", \"no\"))"
  [ "$1" = dev ] || holds "prod: tables are encrypted with the data key" 'table-*' ".Table.SSEDescription == {Status: \"ENABLED\", SSEType: \"KMS\", KMSMasterKeyArn: \"$(jq -r .KeyMetadata.Arn "$work/read/key-data.json")\"}"
}

buckets() { # environment
  local sse=AES256
  [ "$1" = dev ] || sse=aws:kms
  holds "$1: buckets are versioned" 'versioning-*' '.Status == "Enabled"'
  holds "$1: buckets are encrypted" 'encryption-*' ".ServerSideEncryptionConfiguration.Rules[0].ApplyServerSideEncryptionByDefault.SSEAlgorithm == \"$sse\""
  holds "$1: buckets cannot be public" 'public-*' '.PublicAccessBlockConfiguration | length == 4 and ([.[]] | all)'
  holds "$1: buckets refuse plain HTTP and old TLS" 'policy-*' '[.Policy | fromjson | .Statement[] | select(.Effect == "Deny" and .Action == "s3:*") | .Condition] | contains([{Bool: {"aws:SecureTransport": "false"}}, {NumericLessThan: {"s3:TlsVersion": "1.2"}}])'
  holds "$1: buckets move to cheaper classes" 'lifecycle-configuration-*' '[.Rules[].Transitions[]?.StorageClass] | length > 0'
  holds "$1: buckets carry their tags" 'tagging-*' ".TagSet | map({(.Key): .Value}) | add | .Project == \"p2p\" and .Environment == \"$1\""
  [ "$1" = prod ] || return 0
  holds "prod: buckets are copied to the standby Region" 'replication-*' '.ReplicationConfiguration.Rules[0].Destination.Bucket | startswith("arn:aws:s3:::p2p-automation-\($account)-prod-standby-")'
}

identity() { # environment
  holds "$1: images are scanned and their tags fixed" repository '.repositories[0] | .imageTagMutability == "IMMUTABLE" and .imageScanningConfiguration.scanOnPush'
  holds "$1: no role may do anything by pattern" roles "[.RoleDetailList[] | select(.RoleName | startswith(\"p2p-$1-\")) | .RolePolicyList[].PolicyDocument.Statement[] | select(.Effect == \"Allow\") | .Action]
    | flatten | length > 0 and (map(contains(\"*\")) | any | not)"
  holds "$1: the server may do on tables what actions.json says" roles "[.RoleDetailList[] | select(.RoleName | startswith(\"p2p-$1-\")) | .RolePolicyList[] | select(.PolicyName == \"server\") | .PolicyDocument.Statement[] | select(.Sid == \"Tables\") | .Action | sort]
    | . == [\$written[0].actions.server.tables | sort]"
}

prod() {
  holds "prod: tasks have no public address" service '.services[0].deployments[0].networkConfiguration.awsvpcConfiguration.assignPublicIp == "DISABLED"'
  # moto keeps no deployment configuration: until it does, the module's own test alone holds it.
  holds "prod: a bad deployment is rolled back" service '.services[0].deploymentConfiguration.deploymentCircuitBreaker | IN(null, {enable: true, rollback: true})'
  holds "prod: the server's root file system is read-only" task '.taskDefinition.containerDefinitions[] | select(.name == "server") | .readonlyRootFilesystem'
  holds "prod: logs end some day and are encrypted" logs '[.logGroups[] | .retentionInDays > 0 and (.kmsKeyId | contains(":key/"))] | length > 2 and all'
  holds "prod: the load balancer logs and drops invalid headers" balancer '.Attributes | map({(.Key): .Value}) | add | ."access_logs.s3.enabled" == "true" and ."routing.http.drop_invalid_header_fields.enabled" == "true"'
  holds "prod: HTTP is redirected" listeners '[.Listeners[] | select(.Protocol == "HTTP") | .DefaultActions[0].Type] == ["redirect"]'
  holds "prod: HTTPS is TLS 1.2 or newer" listeners '[.Listeners[] | select(.Protocol == "HTTPS") | .SslPolicy] == ["ELBSecurityPolicy-TLS13-1-2-Res-2021-06"]'
  holds "prod: three zones" subnets '[.Subnets[].AvailabilityZone] | unique | length == 3'
  holds "prod: tables and buckets are reached without NAT" endpoints '[.VpcEndpoints[].ServiceName] | sort == ["com.amazonaws.eu-west-1.dynamodb", "com.amazonaws.eu-west-1.s3"]'
  holds "prod: every job has its schedule" schedules "[.Schedules[].Name] | length == $(grep -cE '"(rate|cron)\(' "$root/infra/environments/prod/schedules.tf")"
  holds "prod: keys are rotated" 'rotation-*' .KeyRotationEnabled
}

dev() {
  holds "dev: the function runs the server's image" 'function' '.PackageType == "Image"'
  holds "dev: there is no NAT gateway to pay for" nat '.NatGateways == []'
  holds "dev: one API" apis '[.items[].name] == ["p2p-dev"]'
}

# What the demo made is in the tables and in the buckets that Terraform made.
stored() { # environment
  local bucket="p2p-automation-$account-$1" prefix
  prefix="$(prefix_of "$1")"
  rm -rf "$work/read"
  mkdir "$work/read"
  fetch <<END
invoices dynamodb scan --table-name ${prefix}invoices
payments dynamodb scan --table-name ${prefix}payments
documents s3api list-object-versions --bucket $bucket-documents
files s3api list-object-versions --bucket $bucket-payments
END
  holds "$1: the invoice is in the table, paid" invoices '[.Items[].status.S] | index("paid")'
  holds "$1: the payment is in the table, settled" payments '[.Items[].status.S] == ["settled"]'
  holds "$1: the document is in the bucket, in a version" documents '[.Versions[] | .Size > 0 and (.VersionId | length > 0 and . != "null")] | length == 1 and all'
  holds "$1: the bank file is in the bucket, as XML and as JSON" files '[.Versions[].Key | capture("\\.(?<kind>[a-z]+)$").kind] | contains(["xml", "json"])'
}
