/** Runs the acceptance corpus and prints a table for each folder. Exits with 1 where the product and the corpus disagree. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { conformBankMessages } from './bank-messages.ts';
import { checkEInvoices } from './e-invoices.ts';
import type { FolderResult } from './folder-result.ts';

const corpus = process.env['P2P_CORPUS'] ?? '../shared/corpus';
if (!existsSync(join(corpus, 'en16931'))) {
  console.log(`There is no corpus at ${corpus}. Name its folder in P2P_CORPUS.`);
  process.exit(1);
}
const results = [...checkEInvoices(corpus), ...bankFolders()];
results.forEach(print);
process.exit(results.some(({ disagreements }) => disagreements.length > 0) ? 1 : 0);

/** Values that agree with the other parser's; a file that it has none for is only read. */
function bankFolders(): readonly FolderResult[] {
  const files = conformBankMessages(corpus);
  return [...new Set(files.map(folderOf))].map((folder) => {
    const own = files.filter((file) => folderOf(file) === folder);
    const disagreements = own.flatMap(({ file, differences }) => differences.map((one) => `${file}: ${one}`));
    const agreed = own.reduce((sum, { compared }) => sum + compared, 0) - disagreements.length;
    const families = new Map([['values', { agreed, disagreed: disagreements.length }]]);
    return { folder, files: own.length, families, disagreements, unknown: new Map() };
  });
}

function print({ folder, files, families, disagreements, unknown }: FolderResult): void {
  console.log(`\n${folder}: ${files} files`);
  console.log(`  ${'family'.padEnd(10)}${'agreed'.padStart(8)}${'disagreed'.padStart(12)}`);
  for (const [family, { agreed, disagreed }] of [...families].sort(([a], [b]) => (a < b ? -1 : 1)))
    console.log(`  ${family.padEnd(10)}${String(agreed).padStart(8)}${String(disagreed).padStart(12)}`);
  const rules = [...unknown].map(([rule, count]) => `${rule} (${count})`);
  if (rules.length > 0) console.log(`  not rules of EN 16931 and not checked: ${rules.join(', ')}`);
  for (const line of disagreements) console.log(`  ! ${line}`);
}

function folderOf({ file }: { readonly file: string }): string {
  return String(file.split('/')[0]);
}
