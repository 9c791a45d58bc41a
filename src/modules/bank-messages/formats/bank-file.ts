/** A file of the bank, whatever it is: told apart by its first bytes and its root element, and read as it comes. Pure. */
import { unreadable } from './bank-file-error.ts';
import { camtOutline } from './camt.ts';
import type { CamtEvent } from './camt-record.ts';
import { createByteDecoder } from './decode-bytes.ts';
import { type NachaFile, readNacha } from './nacha.ts';
import { pain002Outline, type StatusEvent } from './pain-002.ts';
import { createXmlReader, type XmlOutline } from './xml-reader.ts';

export type BankFileEvent = CamtEvent | StatusEvent | { readonly type: 'nacha'; readonly file: NachaFile };

/** Bytes given to the parser at a time: a few milliseconds of work. */
const CHUNK = 64 * 1024;

/**
 * Each step reads a little more: who iterates may let others have their turn in between. What stood in the part that was read comes with it.
 * @throws DomainError 422 for what is no message of a bank, or a broken one
 */
export function* readBankFile(bytes: Uint8Array): Generator<readonly BankFileEvent[], void, undefined> {
  const decoder = createByteDecoder(bytes);
  if (!isXml(bytes)) {
    yield [{ type: 'nacha', file: readNacha(decoder.decode(bytes) + decoder.end()) }];
    return;
  }
  let events: BankFileEvent[] = [];
  const told = (): readonly BankFileEvent[] => {
    const some = events;
    events = [];
    return some;
  };
  const emit = (event: BankFileEvent): void => {
    events.push(event);
  };
  const outline = together(camtOutline(emit), pain002Outline(emit));
  const reader = createXmlReader(outline);
  for (let at = 0; at < bytes.length; at += CHUNK) {
    reader.write(decoder.decode(bytes.subarray(at, at + CHUNK)));
    yield told();
  }
  reader.write(decoder.end());
  reader.end();
  if (!outline.found())
    throw unreadable('The file has no camt.052, camt.053, camt.054 or pain.002 in it. Only these and NACHA are read.');
  yield told();
}

const isXml = (bytes: Uint8Array): boolean =>
  /^[^0-9A-Za-z]{0,40}</.test(Buffer.from(bytes.subarray(0, 60)).toString('latin1'));

/** One reader for several messages: each element belongs to the message whose root it lies in. */
function together(...outlines: readonly XmlOutline[]): XmlOutline & { found(): boolean } {
  let current: XmlOutline | undefined;
  return {
    roots: outlines.flatMap(({ roots }) => roots),
    containers: Object.assign({}, ...outlines.map(({ containers }) => containers)) as XmlOutline['containers'],
    opened(name, definition) {
      current = outlines.find(({ roots }) => roots.includes(name)) ?? current;
      current?.opened(name, definition);
    },
    captured: (name, node) => current?.captured(name, node),
    closed: (name) => current?.closed(name),
    found: () => current !== undefined,
  };
}
