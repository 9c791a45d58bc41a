import { randomBytes } from 'node:crypto';
import t from 'tap';
import { createVault, equalText } from '../../src/shared/crypto.ts';

const vault = createVault(randomBytes(32).toString('base64'));

t.test('what is sealed opens with the same key only, and never looks the same twice', (t) => {
  const value = { iban: 'NL91ABNA0417164300', lines: [1, null] };
  const sealed = vault.seal(value);
  t.match(sealed, /^sealed:v1:/);
  t.notMatch(sealed, /0417164300/);
  t.not(vault.seal(value), sealed);
  t.same(vault.open(sealed), value);
  t.throws(() => createVault(randomBytes(32).toString('base64')).open(sealed));
  const altered = `${sealed.slice(0, 60)}${sealed[60] === 'A' ? 'B' : 'A'}${sealed.slice(61)}`;
  t.throws(() => vault.open(altered));
  t.throws(() => createVault('c2hvcnQ='), TypeError);
  t.end();
});

t.test('a signature holds for its purpose and text', (t) => {
  const signature = vault.sign('cursor', 'text');
  t.equal(vault.verify('cursor', 'text', signature), true);
  t.equal(vault.verify('refresh', 'text', signature), false);
  t.equal(vault.verify('cursor', 'texts', signature), false);
  t.equal(vault.verify('cursor', 'text', ''), false);
  t.same([equalText('a', 'a'), equalText('a', 'b'), equalText('a', 'ab')], [true, false, false]);
  t.end();
});
