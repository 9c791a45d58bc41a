/** Files of other people's banks, where the corpus is at hand. */
import { existsSync } from 'node:fs';
import t from 'tap';
import { conformBankMessages } from '../../../scripts/conformance/bank-messages.ts';

const corpus = process.env['P2P_CORPUS'] ?? '../shared/corpus';

t.test(
  'every message of the corpus is read as another parser reads it, to the amount, sign, day and reference',
  async (t) => {
    if (!existsSync(corpus)) {
      t.pass(`skipped: there is no corpus at ${corpus}`);
      console.log(`bank messages of the corpus: skipped, there is no folder ${corpus} (P2P_CORPUS)`);
      return;
    }
    const results = conformBankMessages(corpus);
    t.strictSame(
      results.flatMap(({ file, differences }) => differences.map((difference) => `${file}: ${difference}`)),
      [],
    );
    t.ok(results.reduce((sum, { compared }) => sum + compared, 0) > 500, 'and a good many values were compared');
    const refused = results.filter(({ result }) => result.startsWith('refused')).map(({ file }) => file);
    t.strictSame(refused, ['camt/camt053.v2.wrong.xml'], 'only the file that is wrong on purpose is refused');
  },
);
