/** Bytes of a bank's file as text: UTF-8, UTF-16 with its mark, or the encoding that the XML declares. Pure. */
import { unreadable } from './bank-file-error.ts';

export interface ByteDecoder {
  /** @throws DomainError 422 where the bytes are not in the encoding that the file names */
  decode(bytes: Uint8Array): string;
  end(): string;
}

/** Of what banks write; what the label means is the Encoding Standard's. */
const ENCODINGS = /^(?:utf-8|us-ascii|iso-8859-(?:1|15)|windows-1252|utf-16(?:le|be)?)$/i;

/** @param start the first bytes of the file, all of its declaration among them */
export function createByteDecoder(start: Uint8Array): ByteDecoder {
  const decoder = new TextDecoder(encodingOf(start), { fatal: true });
  const run = (bytes: Uint8Array, stream: boolean): string => {
    try {
      return decoder.decode(bytes, { stream });
    } catch (error) {
      throw unreadable(`The file is not in ${decoder.encoding}, the encoding that it names.`, error);
    }
  };
  return { decode: (bytes) => run(bytes, true), end: () => run(new Uint8Array(), false) };
}

function encodingOf(start: Uint8Array): string {
  if (start[0] === 0xff && start[1] === 0xfe) return 'utf-16le';
  if (start[0] === 0xfe && start[1] === 0xff) return 'utf-16be';
  const [, declared = 'utf-8'] = DECLARATION.exec(Buffer.from(start.subarray(0, 200)).toString('latin1')) ?? [];
  if (!ENCODINGS.test(declared)) throw unreadable(`The file is in ${declared}, which is not read. Ask for UTF-8.`);
  // Without its mark nothing else than eight bits can have carried the declaration this far.
  return /^utf-16/i.test(declared) ? 'utf-8' : declared;
}

const DECLARATION = /^[^<]{0,3}<\?xml[^>]*\sencoding\s*=\s*["']([\w.:-]{1,40})["']/;
