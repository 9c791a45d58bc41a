/** The roots whose plans are kept, each with all that is optional and makes something that others do not. */
import { ACCOUNT } from './addresses.ts';

export interface Root {
  readonly name: string;
  /** Under infra/. */
  readonly folder: string;
  /** Where the mocks are, seen from the folder. */
  readonly testing: string;
  /** As Terraform writes them. */
  readonly variables: string;
}

const state = `account_id = "${ACCOUNT}"\nstate_bucket = "p2p-terraform-state-${ACCOUNT}-eu-west-1"`;

export const ROOTS: readonly Root[] = [
  {
    name: 'bootstrap',
    folder: 'bootstrap',
    testing: '../testing',
    variables: `account_id = "${ACCOUNT}"\ngithub_repository = "example/erp-lite"`,
  },
  {
    name: 'dev',
    folder: 'environments/dev',
    testing: '../../testing',
    variables: `${state}\ninitial_image_tag = "1.0.0"`,
  },
  {
    name: 'prod',
    folder: 'environments/prod',
    testing: '../../testing',
    variables: `${state}
initial_image_tag = "1.0.0"
certificate_arn = "arn:aws:acm:eu-west-1:${ACCOUNT}:certificate/11111111-2222-3333-4444-555555555555"
cache = {}
scan_documents = true
baseline = true
nat_gateways = "none"
interface_endpoints = ["ecr.api", "ecr.dkr", "email", "kms", "logs", "secretsmanager", "xray"]
tracing_image = "${ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com/p2p-prod-tracing:v0.43.3"
pipeline = { repository = "example/erp-lite" }
api_gateway = { domain_name = "p2p.example.com", usage_plans = { partners = { rate = 10, burst = 20, monthly_quota = 1000, keys = ["workday"] } } }`,
  },
];
