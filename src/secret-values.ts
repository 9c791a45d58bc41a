/** Reads what P2P_SECRET_ARNS names: Lambda, other than ECS, hands over no secret by itself. */
import {
  GetSecretValueCommand,
  SecretsManagerClient,
  type SecretsManagerClientConfig,
} from '@aws-sdk/client-secrets-manager';
import { type Config, type SecretVariable, withSecrets } from './config.ts';

/** @throws Error that names the variable, never the value. */
export async function withSecretValues(config: Config, client: SecretsManagerClientConfig = {}): Promise<Config> {
  const wanted = Object.entries(config.secretArns) as [SecretVariable, string][];
  if (wanted.length === 0) return config;
  const secrets = new SecretsManagerClient({ region: config.region ?? '', ...client });
  const read = async ([variable, arn]: [SecretVariable, string]) => {
    const { SecretString } = await secrets
      .send(new GetSecretValueCommand({ SecretId: arn }))
      .catch((cause: unknown) => {
        throw new Error(`${variable} could not be read from Secrets Manager (${arn}).`, { cause });
      });
    return [variable, SecretString] as const;
  };
  try {
    const values = await Promise.all(wanted.map(read));
    const missing = values.find(([, value]) => value === undefined);
    if (missing !== undefined) throw new Error(`The secret of ${missing[0]} holds no text.`);
    return withSecrets(config, Object.fromEntries(values));
  } finally {
    secrets.destroy();
  }
}
