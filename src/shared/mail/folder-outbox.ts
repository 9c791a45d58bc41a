/** Letters as files of one folder, for trying and developing: nothing leaves the machine. */
import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { writeDurably } from '../storage/durable-file.ts';
import type { Mail } from './mail.ts';

/** Names sort by time. Letters hold links, so that only the owner of the folder may read them. */
export const folderOutbox = (folder: string): Mail => ({
  async send({ to, subject, text }) {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const name = `${new Date().toISOString().replaceAll(':', '-')}-${randomUUID()}.txt`;
    await writeDurably(join(folder, name), `To: ${to}\nSubject: ${subject}\n\n${text}\n`);
  },
});
