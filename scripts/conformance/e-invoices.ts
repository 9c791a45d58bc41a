/** E-invoices of the corpus: whole invoices that break no rule, and fragments that say which rule they keep or break. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readEInvoice, readInvoiceTree } from '../../src/modules/e-invoices/formats/e-invoice.ts';
import { checkEInvoice, isFatal, RULES } from '../../src/modules/e-invoices/formats/rules/en16931.ts';
import { decodeXml } from '../../src/modules/e-invoices/formats/xml-text.ts';
import { readTree, type XmlElement } from '../../src/modules/e-invoices/formats/xml-tree.ts';
import type { FolderResult } from './folder-result.ts';

const KNOWN: ReadonlySet<string> = new Set(RULES.map(({ id }) => id));

export function checkEInvoices(corpus: string): readonly FolderResult[] {
  return [
    ...['ubl', 'cii'].map((folder) => checkWhole(corpus, `en16931/${folder}`)),
    ...['unit-ubl', 'unit-ubl-creditnote'].map((folder) => checkFragments(corpus, `en16931/${folder}`)),
  ];
}

const xmlFiles = (path: string): readonly string[] => readdirSync(path).filter((file) => file.endsWith('.xml'));

function checkWhole(corpus: string, folder: string): FolderResult {
  const tally = new Tally();
  const files = xmlFiles(join(corpus, folder));
  for (const file of files) {
    const fatal = checkEInvoice(readEInvoice(readFileSync(join(corpus, folder, file)))).filter(isFatal);
    tally.count(
      'whole',
      fatal.length === 0,
      `${folder}/${file}: ${fatal.map((one) => `${one.rule} at ${one.location}`)}`,
    );
  }
  return { folder, files: files.length, ...tally.result() };
}

/** A test names the rules that its fragment keeps (success) or breaks (error, warning). */
function checkFragments(corpus: string, folder: string): FolderResult {
  const tally = new Tally();
  const files = xmlFiles(join(corpus, folder));
  for (const file of files) {
    const set = readTree(decodeXml(readFileSync(join(corpus, folder, file))), () => true);
    set.children
      .filter(({ name }) => name === 'test')
      .forEach((test, at) => {
        checkFragment(test, `${folder}/${file} test ${at + 1}`, tally);
      });
  }
  return { folder, files: files.length, ...tally.result() };
}

function checkFragment(test: XmlElement, name: string, tally: Tally): void {
  const fragment = test.children.find((child) => child.name !== 'assert');
  if (fragment === undefined) throw new Error(`${name} has no document`);
  const broken = new Set(checkEInvoice(readInvoiceTree(fragment)).map(({ rule }) => rule));
  const expectations = test.children.filter((child) => child.name === 'assert').flatMap(({ children }) => children);
  for (const { name: outcome, text } of expectations) {
    if (outcome === 'description') continue;
    const rule = text.trim();
    if (!KNOWN.has(rule)) tally.miss(rule);
    else
      tally.count(
        familyOf(rule),
        broken.has(rule) !== (outcome === 'success'),
        `${name}: ${rule} should be ${outcome}`,
      );
  }
}

export const familyOf = (rule: string): string => (/^BR-\d/.test(rule) ? 'BR-nn' : rule.replace(/-\d+$/, ''));

class Tally {
  private readonly families = new Map<string, { agreed: number; disagreed: number }>();
  private readonly disagreements: string[] = [];
  private readonly unknown = new Map<string, number>();

  count(family: string, agrees: boolean, what: string): void {
    const row = this.families.get(family) ?? { agreed: 0, disagreed: 0 };
    this.families.set(family, row);
    row[agrees ? 'agreed' : 'disagreed'] += 1;
    if (!agrees) this.disagreements.push(what);
  }

  miss(rule: string): void {
    this.unknown.set(rule, (this.unknown.get(rule) ?? 0) + 1);
  }

  result(): Pick<FolderResult, 'families' | 'disagreements' | 'unknown'> {
    const { families, disagreements, unknown } = this;
    return { families, disagreements, unknown };
  }
}
