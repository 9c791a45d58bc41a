/** The text of an XML file: its encoding is that of the byte order mark, else the one that the declaration names, else UTF-8. */
import { ruleError } from '../../../shared/errors.ts';

const ENCODINGS: ReadonlySet<string> = new Set([
  'utf-8',
  'us-ascii',
  'utf-16le',
  'utf-16be',
  'iso-8859-1',
  'iso-8859-15',
  'windows-1252',
]);

/** @throws DomainError `e_invoice.encoding-unknown` or `e_invoice.encoding-wrong`. */
export function decodeXml(bytes: Uint8Array): string {
  const encoding = encodingOf(bytes);
  if (!ENCODINGS.has(encoding))
    throw ruleError(
      'e_invoice.encoding-unknown',
      `The file declares the encoding ${encoding.slice(0, 40)}. Send UTF-8, UTF-16, ISO-8859-1, ISO-8859-15 or Windows-1252.`,
    );
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    throw ruleError(
      'e_invoice.encoding-wrong',
      `The bytes of the file are not ${encoding.toUpperCase()}. Declare the encoding in which the file is written.`,
    );
  }
}

function encodingOf(bytes: Uint8Array): string {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  if (first === 0xfe && second === 0xff) return 'utf-16be';
  if (first === 0xef && second === 0xbb) return 'utf-8';
  const start = new TextDecoder('iso-8859-1').decode(bytes.subarray(0, 200));
  const declared = /^\s*<\?xml[^>]*\sencoding\s*=\s*["']([A-Za-z0-9._-]+)["']/.exec(start)?.[1]?.toLowerCase();
  // A declaration that could be read byte by byte is not UTF-16, whatever it says.
  return declared === undefined ? 'utf-8' : declared.startsWith('utf-16') ? 'utf-8' : declared;
}
