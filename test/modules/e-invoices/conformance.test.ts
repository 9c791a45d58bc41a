import { existsSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { checkEInvoices } from '../../../scripts/conformance/e-invoices.ts';

const CORPUS = process.env['P2P_CORPUS'] ?? '../shared/corpus';

t.test('the rules agree with every statement of the corpus', (t) => {
  if (!existsSync(join(CORPUS, 'en16931'))) {
    t.comment(`skipped: there is no corpus at ${CORPUS}; P2P_CORPUS names its folder`);
    t.pass('nothing to compare with');
    t.end();
    return;
  }
  for (const { folder, files, families, disagreements } of checkEInvoices(CORPUS)) {
    t.strictSame(disagreements, [], folder);
    t.ok(files > 0 && families.size > 0, `${folder}: ${files} files`);
  }
  t.end();
});
