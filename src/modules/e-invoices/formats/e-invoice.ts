/** An e-invoice file as the model of EN 16931, whatever its syntax. */
import { ruleError } from '../../../shared/errors.ts';
import { readCii } from './cii.ts';
import { type Reading, readUbl } from './ubl.ts';
import { decodeXml } from './xml-text.ts';
import { readTree, type XmlElement } from './xml-tree.ts';

const UBL = 'urn:oasis:names:specification:ubl:schema:xsd:';
const CII = 'urn:un:unece:uncefact:data:';
const isOurs = (namespace: string): boolean => namespace.startsWith(UBL) || namespace.startsWith(CII);

/**
 * Reads UBL 2.1 Invoice and CreditNote and UN/CEFACT CII D16B.
 * @throws DomainError `e_invoice.*` where the file is no XML, is XML of something else, or is in an unknown encoding.
 */
export const readEInvoice = (bytes: Uint8Array): Reading => readInvoiceTree(readTree(decodeXml(bytes), isOurs));

export function readInvoiceTree(root: XmlElement): Reading {
  switch (root.name) {
    case 'Invoice':
    case 'CreditNote':
      return readUbl(root);
    case 'CrossIndustryInvoice':
      return readCii(root);
    default:
      throw ruleError(
        'e_invoice.format-unknown',
        `The file is XML with the root ${root.name.slice(0, 100)}. Send a UBL 2.1 Invoice or CreditNote, or a UN/CEFACT CrossIndustryInvoice D16B.`,
      );
  }
}
