/** What a file is by its first bytes, against what it was announced as. A name and a declared type are only what the uploader says. */
import type { Readable } from 'node:stream';
import { fileTypeFromBuffer, fileTypeFromStream } from 'file-type';
import type { ContentType } from './document.schema.ts';

/** Text has no magic number: nothing else may be found in it, and no binary zeros. */
const TEXTS: readonly ContentType[] = ['text/csv', 'application/json', 'text/plain'];
const XML: readonly ContentType[] = ['application/xml', 'text/xml'];
/** Told by their first bytes; office files by the entries of their archive. */
const BY_SAMPLE: readonly ContentType[] = ['application/pdf', 'image/png', 'image/jpeg'];
const SAMPLE_BYTES = 4100;

/** What stands against it, or undefined. Reads no more of the content than it needs. */
export async function contentFinding(declared: ContentType, content: Readable): Promise<string | undefined> {
  if (![...TEXTS, ...XML, ...BY_SAMPLE].includes(declared)) {
    const found = await fileTypeFromStream(content);
    content.destroy();
    return found?.mime === declared ? undefined : is(found?.mime);
  }
  const sample = await sampleOf(content);
  const found = (await fileTypeFromBuffer(sample))?.mime;
  if (BY_SAMPLE.includes(declared)) return found === declared ? undefined : is(found);
  if (hasUtf16Mark(sample)) return undefined;
  const isXml = found === 'application/xml' || (found === undefined && /^\uFEFF?\s*</.test(sample.toString('utf8')));
  if (XML.includes(declared)) return isXml ? undefined : is(found);
  if (found !== undefined) return is(found);
  return sample.includes(0) ? is(undefined) : undefined;
}

const is = (found: string | undefined): string =>
  found === undefined ? 'the stored bytes are not of this type' : `the stored bytes are ${found}`;

/** Text in UTF-16, as spreadsheets export it, has zeros and says so first; its mark is also taken for that of a sound. */
const hasUtf16Mark = (sample: Buffer): boolean => ['fffe', 'feff'].includes(sample.subarray(0, 2).toString('hex'));

async function sampleOf(content: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of content) {
    chunks.push(Buffer.from(chunk));
    size += chunk.length;
    if (size >= SAMPLE_BYTES) break;
  }
  return Buffer.concat(chunks).subarray(0, SAMPLE_BYTES);
}
