import { Readable } from 'node:stream';
import t from 'tap';
import { contentFinding } from '../../../src/modules/documents/content-type.ts';
import type { ContentType } from '../../../src/modules/documents/document.schema.ts';

const PNG = Buffer.from('89504e470d0a1a0a0000000d494844520000000100000001080600000049454e44ae426082', 'hex');
const JPEG = Buffer.from('ffd8ffe000104a46494600010100000100010000ffd9', 'hex');
const PDF = Buffer.from('%PDF-1.7 a contract');
const XML = Buffer.from('<?xml version="1.0"?><Invoice/>');
const WINDOWS = Buffer.concat([Buffer.from('4d5a90000300000004000000ffff0000', 'hex'), Buffer.alloc(200)]);

/** An archive of one empty entry, as far as its type is told by it. */
function archive(name: string, content = ''): Buffer {
  const entry = Buffer.alloc(30);
  entry.writeUInt32LE(0x04034b50, 0);
  entry.writeUInt32LE(content.length, 18);
  entry.writeUInt32LE(content.length, 22);
  entry.writeUInt16LE(name.length, 26);
  return Buffer.concat([entry, Buffer.from(name + content), Buffer.from('504b0506', 'hex'), Buffer.alloc(18)]);
}
const OFFICE = 'application/vnd.openxmlformats-officedocument';
const office = (part: string): Buffer =>
  archive('[Content_Types].xml', `<Types><Override PartName="/x" ContentType="${OFFICE}.${part}.main+xml"/></Types>`);
const DOCX = office('wordprocessingml.document');
const XLSX = office('spreadsheetml.sheet');
const ODT = archive('mimetype', 'application/vnd.oasis.opendocument.text');

const CASES: readonly [ContentType, Buffer, boolean][] = [
  ['application/pdf', PDF, true],
  ['application/pdf', PNG, false],
  ['application/pdf', Buffer.from('no pdf at all'), false],
  ['image/png', PNG, true],
  ['image/jpeg', JPEG, true],
  ['image/jpeg', PNG, false],
  ['application/xml', XML, true],
  ['text/xml', Buffer.from('\uFEFF <Invoice/>'), true],
  ['text/xml', Buffer.from('a,b'), false],
  ['text/xml', PDF, false],
  ['text/csv', Buffer.from('a;b\nMüller;1,5\n'), true],
  ['text/csv', Buffer.from('fffe61003b006200', 'hex'), true],
  ['text/csv', Buffer.from([97, 0, 98]), false],
  ['text/plain', Buffer.from('y'.repeat(10_000)), true],
  ['text/plain', WINDOWS, false],
  ['application/json', Buffer.from('{}'), true],
  ['application/json', PDF, false],
  [`${OFFICE}.wordprocessingml.document`, DOCX, true],
  [`${OFFICE}.wordprocessingml.document`, XLSX, false],
  [`${OFFICE}.spreadsheetml.sheet`, XLSX, true],
  [`${OFFICE}.spreadsheetml.sheet`, WINDOWS, false],
  ['application/vnd.oasis.opendocument.text', ODT, true],
  ['application/vnd.oasis.opendocument.spreadsheet', ODT, false],
];

t.test('bytes are what they were announced as, whatever the name says', async (t) => {
  for (const [declared, bytes, agrees] of CASES) {
    const chunks = [bytes.subarray(0, 7), bytes.subarray(7)];
    const finding = await contentFinding(declared, Readable.from(chunks, { objectMode: false }));
    t.equal(finding === undefined, agrees, `${declared}: ${bytes.subarray(0, 12).toString('latin1')} ${finding}`);
  }
});
