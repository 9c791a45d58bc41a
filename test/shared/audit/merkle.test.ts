import { createHash } from 'node:crypto';
import t from 'tap';
import { merkleRoot } from '../../../src/shared/audit/merkle.ts';

const sha256 = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest();

/** RFC 6962, section 2.1, word for word. */
function treeHash(entries: readonly string[]): Buffer {
  if (entries.length === 0) return sha256(Buffer.alloc(0));
  const [only = ''] = entries;
  if (entries.length === 1) return sha256(Buffer.concat([Buffer.of(0), Buffer.from(only)]));
  let k = 1;
  while (k * 2 < entries.length) k *= 2;
  return sha256(Buffer.concat([Buffer.of(1), treeHash(entries.slice(0, k)), treeHash(entries.slice(k))]));
}

t.test('the root is the one of RFC 6962, for any number of entries', (t) => {
  t.equal(merkleRoot([]), 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  const entries = Array.from({ length: 70 }, (_, n) => `entry ${n}`);
  for (let length = 1; length <= entries.length; length += 1) {
    const some = entries.slice(0, length);
    if (merkleRoot(some) !== treeHash(some).toString('hex')) t.fail(`of ${length} entries`);
  }
  t.end();
});

t.test('one empty entry is not the empty list: the answer that implementations of the RFC test with', (t) => {
  t.equal(merkleRoot(['']), '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d');
  t.end();
});

t.test('another order, another entry or one more is another root', (t) => {
  const root = merkleRoot(['a', 'b', 'c']);
  for (const other of [
    ['b', 'a', 'c'],
    ['a', 'b', 'd'],
    ['a', 'b', 'c', 'c'],
    ['a', 'b'],
  ])
    t.not(merkleRoot(other), root, other.join());
  t.not(merkleRoot(['ab', 'c']), merkleRoot(['a', 'bc']));
  t.end();
});
