/**
 * DynamoDB Local listens on every interface and checks no signature, but keeps a database for each access key: a key that nobody can guess
 * keeps neighbours out. It also names the database, so it must last as long as the data does.
 */
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeDurably } from '../shared/storage/durable-file.ts';

export interface AccessKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** DynamoDB Local takes letters and digits alone. */
export const newAccessKey = (): AccessKey => ({
  accessKeyId: `P2P${randomBytes(20).toString('hex').toUpperCase()}`,
  secretAccessKey: randomBytes(32).toString('hex'),
});

/** The key kept in the folder (0600), made on the first start. */
export async function loadAccessKey(folder: string): Promise<AccessKey> {
  const file = join(folder, 'access-key.json');
  try {
    return parseKey(await readFile(file, 'utf8'));
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) {
      throw new Error(
        `The access key in ${file} cannot be read. Restore that file from a backup: the data lies under it.`,
        {
          cause: error,
        },
      );
    }
  }
  await mkdir(folder, { recursive: true });
  // A new key beside old data would show an empty database, and nobody would know why.
  if ((await readdir(folder)).some((name) => name.endsWith('.db'))) {
    throw new Error(`${file} is missing, and the data in that folder lies under it. Restore that file from a backup.`);
  }
  const key = newAccessKey();
  await writeDurably(file, JSON.stringify(key), { exclusive: true, mode: 0o600 });
  return key;
}

function parseKey(text: string): AccessKey {
  const key = JSON.parse(text) as Partial<AccessKey>;
  if (!key.accessKeyId || !key.secretAccessKey) throw new Error('it is incomplete');
  return { accessKeyId: key.accessKeyId, secretAccessKey: key.secretAccessKey };
}
