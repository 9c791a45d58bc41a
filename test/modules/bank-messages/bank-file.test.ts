/** Files as banks send them, and as an attacker would. */
import t from 'tap';
import { DomainError } from '../../../src/shared/errors.ts';
import { camt053, entryXml, read, statementsIn, statementXml, theEntry } from '../../support/bank-messages.ts';

const refusal = (text: string | Uint8Array): string => {
  try {
    read(text);
  } catch (error) {
    if (error instanceof DomainError && error.code === 'bank_message.unreadable' && error.kind === 'rule')
      return error.message;
    throw error;
  }
  return 'read';
};

t.test('a prefix, an envelope and another namespace change nothing of what is read', async (t) => {
  const plain = camt053();
  const prefixed = plain.replaceAll(/<(\/?)([A-Z])/g, '<$1b:$2').replace('xmlns=', 'xmlns:b=');
  const wrapped =
    plain.replace(/<\?xml.*\?>\n/, '').replace(/^/, '<Envelope xmlns="urn:example:envelope"><Head>x</Head>') +
    '</Envelope>';
  t.strictSame(read(prefixed), read(plain));
  t.strictSame(read(wrapped), read(plain));
  const [first] = read(plain.replace(/ xmlns="[^"]*"/, ''));
  t.match(first, { type: 'message', message: { kind: 'camt.053', definition: null } });
  t.match(read(plain)[0], {
    message: { definition: 'camt.053.001.08', message_id: 'MSG-1', created_at: '2026-03-18T20:00:00Z' },
  });
});

t.test('comments, CDATA, entities of XML and blanks around a value are read as XML reads them', async (t) => {
  const entry = theEntry(
    camt053(
      statementXml({
        entries: entryXml({
          amount: ' 105.00 ',
          servicer: '<![CDATA[A&B]]>',
          more: '<AddtlNtryInf>R&amp;D <!-- no --> x</AddtlNtryInf>',
        }),
      }),
    ),
  );
  t.match(entry, { money: { amount: '105.00' }, servicer_reference: 'A&B', information: 'R&D  x' });
});

t.test('the encodings of banks are read: a mark, UTF-16, and what the declaration names', async (t) => {
  const named = (encoding: string) => camt053(statementXml({ id: 'Zürich' })).replace('UTF-8', encoding);
  const utf16be = Buffer.from(`\ufeff${named('UTF-16')}`, 'utf16le').swap16();
  for (const bytes of [
    Buffer.from(`\ufeff${named('UTF-8')}`, 'utf8'),
    Buffer.from(`\ufeff${named('UTF-16')}`, 'utf16le'),
    utf16be,
    Buffer.from(named('ISO-8859-1'), 'latin1'),
    Buffer.from(named('windows-1252'), 'latin1'),
    Buffer.from(named('UTF-16'), 'utf8'),
  ])
    t.match(statementsIn2(bytes), [{ id: 'Zürich' }]);
  t.match(refusal(Buffer.from(named('UTF-8'), 'latin1')), /not in utf-8/);
  t.match(refusal(Buffer.from(named('EBCDIC-CP-US'), 'latin1')), /EBCDIC-CP-US, which is not read/);
});

const statementsIn2 = (bytes: Uint8Array) =>
  read(bytes).flatMap((event) => (event.type === 'statement_end' ? [event.statement] : []));

t.test('what no bank sends is refused and says why', async (t) => {
  const plain = camt053();
  const doctype = (inner: string) => plain.replace('<Document', `<!DOCTYPE Document ${inner}><Document`);
  for (const [text, why] of [
    [doctype('[<!ENTITY x SYSTEM "file:///etc/passwd">]'), /has a DOCTYPE/],
    [doctype('[<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]'), /has a DOCTYPE/],
    [plain.replace('STMT-1', '&lol;'), /not well-formed XML/],
    [plain.slice(0, -20), /not well-formed XML/],
    [plain.replace('STMT-1', '\u0001'), /not well-formed XML/],
    [plain.replace('STMT-1', `${'<a>'.repeat(60)}${'</a>'.repeat(60)}`), /nested more than 40 deep/],
    [plain.replace('STMT-1', '<a/>'.repeat(5_001)), /more than 5000 elements/],
    [plain.replace('STMT-1', 'x'.repeat(1_100_000)), /more than a million characters/],
    [plain.replace('<Acct>', `${'<Bal/>'.repeat(2_001)}<Acct>`), /more than 2000 elements besides its entries/],
    [plain.replaceAll('BkToCstmrStmt', 'Invoice'), /has no camt\.052, camt\.053, camt\.054 or pain\.002/],
    [plain.replace(/<Stmt>.*<\/Stmt>/, ''), /has no statement in it/],
    ['', /neither XML nor NACHA/],
    ['hello', /neither XML nor NACHA/],
    ['{"a":1}', /neither XML nor NACHA/],
  ] as const)
    t.match(refusal(text), why);
});

t.test('a statement of several megabytes is read in steps, and keeps no more than a step of it', async (t) => {
  const entries = Array.from({ length: 5_000 }, (_, at) => entryXml({ servicer: `REF-${at}` })).join('');
  const events = read(camt053(statementXml({ entries })));
  t.equal(events.filter(({ type }) => type === 'entry').length, 5_000);
  t.match(events.at(-1), { type: 'statement_end', entries: 5_000 });
  t.equal(statementsIn(camt053(statementXml({ entries: '' }))).length, 1, 'one without entries is a statement too');
});
