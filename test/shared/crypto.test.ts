import { createCipheriv, hkdfSync, randomBytes } from 'node:crypto';
import t from 'tap';
import { createVault, equalText, isSealedText, PREVIOUS_KEYS } from '../../src/shared/crypto.ts';

const key = randomBytes(32).toString('base64');
const next = randomBytes(32).toString('base64');
const vault = createVault(key);
const rotated = createVault(next, key);

t.test('what is sealed opens with its key and in its context only, and never looks the same twice', (t) => {
  const value = { iban: 'NL91ABNA0417164300', lines: [1, null] };
  const sealed = vault.seal(value, 'acc_1');
  t.equal(isSealedText(sealed), true);
  t.notMatch(sealed, /0417164300/);
  t.not(vault.seal(value, 'acc_1'), sealed);
  t.same(vault.open(sealed, 'acc_1'), value);
  t.same(vault.open(vault.seal(value)), value);
  t.throws(() => vault.open(sealed, 'acc_2'));
  t.throws(() => createVault(next).open(sealed, 'acc_1'), /a key that this server does not have/);
  const altered = `${sealed.slice(0, 60)}${sealed[60] === 'A' ? 'B' : 'A'}${sealed.slice(61)}`;
  t.throws(() => vault.open(altered, 'acc_1'));
  t.throws(() => vault.open(sealed.slice(0, 40), 'acc_1'), 'a shorter tag does not do');
  t.throws(() => createVault('c2hvcnQ='), TypeError);
  t.end();
});

t.test('what was sealed in the first form opens, before and after a rotation', (t) => {
  const sealKey = Buffer.from(hkdfSync('sha256', Buffer.from(key, 'base64'), '', 'p2p seal', 32));
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', sealKey, nonce);
  const content = Buffer.concat([cipher.update('{"iban":"x"}'), cipher.final()]);
  const sealed = `sealed:v1:${Buffer.concat([nonce, cipher.getAuthTag(), content]).toString('base64')}`;
  t.equal(isSealedText(sealed), true);
  t.equal(isSealedText('sealed'), false);
  t.same(vault.open(sealed, 'acc_1'), { iban: 'x' });
  t.same(rotated.open(sealed), { iban: 'x' });
  t.throws(() => createVault(next).open(sealed));
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

t.test('after a rotation what the key before made still opens and verifies, and nothing new is made with it', (t) => {
  const [sealed, locked, mark] = [
    vault.seal('x', 'acc_1'),
    vault.lock(Buffer.from('y'), 'acc_1'),
    vault.mark('an item'),
  ];
  t.same(rotated.open(sealed, 'acc_1'), 'x');
  t.equal(rotated.unlock(locked, 'acc_1').toString(), 'y');
  t.equal(rotated.bears('an item', mark), true);
  t.equal(rotated.bears('another', mark), false);
  t.equal(rotated.verify('cursor', 'text', vault.sign('cursor', 'text')), true);
  t.same([rotated.isCurrent(mark), vault.isCurrent(mark)], [false, true]);
  t.equal(rotated.isCurrent(rotated.mark('an item')), true);
  t.same(rotated.signatures('identity', 'x'), [rotated.sign('identity', 'x'), vault.sign('identity', 'x')]);
  const alone = createVault(next);
  t.equal(alone.bears('an item', mark), false);
  t.equal(alone.isCurrent(mark), false);
  t.equal(alone.bears('an item', rotated.mark('an item')), true);
  t.end();
});

t.test('a key kept for events opens their text, and neither an item nor a signature', (t) => {
  const kept = createVault(next, `events:${key}`);
  t.equal(kept.open(vault.seal('NL', 'acc_1'), 'acc_1'), 'NL');
  t.throws(() => kept.unlock(vault.lock(Buffer.from('y'), 'acc_1'), 'acc_1'), /a key that this server does not have/);
  t.equal(kept.bears('an item', vault.mark('an item')), false);
  t.equal(kept.verify('cursor', 'text', vault.sign('cursor', 'text')), false);
  t.same(kept.signatures('identity', 'x'), [kept.sign('identity', 'x')]);
  const third = createVault(randomBytes(32).toString('base64'), `${next},events:${key}`);
  t.equal(third.open(vault.seal('NL')), 'NL');
  t.equal(third.bears('an item', rotated.mark('an item')), true);
  for (const list of [key, `events:${key}`, `${next},events:${key}`]) t.match(list, new RegExp(PREVIOUS_KEYS));
  for (const list of ['', 'events:', `${key},`, `event:${key}`, key.slice(1)])
    t.notMatch(list, new RegExp(PREVIOUS_KEYS));
  t.end();
});
