/** The Merkle tree hash of RFC 6962, section 2.1: one digest that stands for an ordered list, and of which no entry can be passed off as an inner node. */
import { createHash } from 'node:crypto';

/** What a leaf and an inner node are hashed with, so that neither can be taken for the other. */
const LEAF = Buffer.of(0x00);
const NODE = Buffer.of(0x01);

/** @returns SHA-256 in hex; that of nothing for no entries. */
export function merkleRoot(entries: Iterable<string>): string {
  // Perfect subtrees, the larger ones first: as the bits of how many entries there are so far.
  const subtrees: { readonly height: number; readonly hash: Buffer }[] = [];
  for (const entry of entries) {
    let [height, hash] = [0, digest(LEAF, Buffer.from(entry, 'utf8'))];
    for (let last = subtrees.at(-1); last?.height === height; last = subtrees.at(-1)) {
      subtrees.pop();
      [height, hash] = [height + 1, digest(NODE, last.hash, hash)];
    }
    subtrees.push({ height, hash });
  }
  const hashes = subtrees.map(({ hash }) => hash);
  const root = hashes.reduceRight<Buffer | undefined>(
    (right, left) => (right === undefined ? left : digest(NODE, left, right)),
    undefined,
  );
  return (root ?? digest()).toString('hex');
}

function digest(...parts: readonly Uint8Array[]): Buffer {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}
