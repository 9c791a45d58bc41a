/** The embedded store's own secrets: made at the first start, kept in the data folder for its owner alone. */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../config.ts';
import { writeDurably } from '../shared/storage/durable-file.ts';

export interface LocalSecrets {
  readonly jwtSecret: string;
  readonly webhookSecret: string;
  readonly encryptionKey: string;
  /** Signs the URLs of the storage folder. */
  readonly storageSecret: string;
  /** Absent in a folder from before items had seals: there an item without one is taken. */
  readonly sealed?: true | undefined;
}

/** What the environment names wins over what was made. */
export async function loadLocalSecrets(config: Config): Promise<LocalSecrets> {
  const file = join(config.dataDir, 'secrets.json');
  mkdirSync(config.dataDir, { recursive: true, mode: 0o700 });
  const made = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as LocalSecrets) : await makeSecrets(file);
  const { jwtSecret, webhookSecret, encryptionKey } = config.secrets;
  return {
    jwtSecret: jwtSecret ?? made.jwtSecret,
    webhookSecret: webhookSecret ?? made.webhookSecret,
    encryptionKey: encryptionKey ?? made.encryptionKey,
    storageSecret: made.storageSecret,
    sealed: made.sealed,
  };
}

async function makeSecrets(file: string): Promise<LocalSecrets> {
  const secret = (): string => randomBytes(32).toString('base64');
  const made: LocalSecrets = {
    jwtSecret: secret(),
    webhookSecret: secret(),
    encryptionKey: secret(),
    storageSecret: secret(),
    sealed: true,
  };
  await writeDurably(file, `${JSON.stringify(made, null, 2)}\n`, { mode: 0o600 });
  return made;
}
