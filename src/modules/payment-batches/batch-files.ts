/** Renders a batch's files, holds them against what they were made of, and stores them: nothing is ever replaced. */
import { type ObjectStorage, sha256Hex } from '../../shared/storage/storage.ts';
import type { Payment } from '../payments/index.ts';
import { checkPaymentFile, checkRendered, renderPain001, renderPaymentJson } from './formats/index.ts';
import { fileOf, filePayment } from './member.ts';
import type { Batch, BatchFile } from './payment-batch.schema.ts';

/**
 * A pure function of what was fixed with the header and frozen with the members: whoever takes it up again writes the same bytes under the
 * same keys, which name the message. @throws Error for a file that a bank would refuse: what a caller can cause was sorted out before.
 */
export async function storeBatchFiles(
  storage: ObjectStorage,
  batch: Batch,
  members: readonly Payment[],
): Promise<readonly BatchFile[]> {
  const { fixed, message_id: messageId, profile_version: version } = batch;
  if (fixed === null || messageId === null || version === null) throw new TypeError('generating has fixed nothing');
  const file = fileOf(
    batch,
    fixed,
    members.map((member) => filePayment(member, batch.creditor_address)),
  );
  const wrong = checkPaymentFile(file, { version, today: fixed.generated_on });
  const chunks = [...renderPain001(file, version)];
  const differing = checkRendered(chunks, file, version);
  if (wrong.length + differing.length > 0)
    throw new Error(`the file of ${batch.id} is not sound: ${JSON.stringify([...wrong, ...differing].slice(0, 20))}`);
  const key = (extension: string) => `${batch.id}/${messageId}.${extension}`;
  const xml = await stored(storage, 'xml', key('xml'), 'application/xml', chunks.join(''));
  const json = await stored(storage, 'json', key('json'), 'application/json', [...renderPaymentJson(file)].join(''));
  return [xml, json];
}

async function stored(
  storage: ObjectStorage,
  format: BatchFile['format'],
  key: string,
  content_type: string,
  text: string,
): Promise<BatchFile> {
  const bytes = Buffer.from(text, 'utf8');
  const sha256 = sha256Hex(bytes);
  await storage.put(key, bytes, { content_type, sha256, ifNoneMatch: true });
  return { format, key, sha256, size: bytes.length };
}
