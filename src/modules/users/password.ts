/** Password hashes: scrypt of node:crypto with OWASP's parameters, salted, self-describing so that they can be raised later. */
import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';

export interface Cost {
  readonly N: number;
  readonly r: number;
  readonly p: number;
}

/** OWASP Password Storage Cheat Sheet: N=2^15, r=8, p=3. */
const COST: Cost = { N: 2 ** 15, r: 8, p: 3 };
const KEY_BYTES = 32;

/** Tests hash at a lower cost; the hash says which it has. */
export async function hashPassword(password: string, cost: Cost = COST): Promise<string> {
  const salt = randomBytes(16);
  const key = await derive(password, salt, cost);
  return ['scrypt', cost.N, cost.r, cost.p, salt.toString('base64'), key.toString('base64')].join('$');
}

/** A hash that no password has: checking against it takes as long as against any other. */
export const unmatchableHash = (): string =>
  [
    'scrypt',
    COST.N,
    COST.r,
    COST.p,
    randomBytes(16).toString('base64'),
    randomBytes(KEY_BYTES).toString('base64'),
  ].join('$');

export async function verifyPassword(password: string, hash: string): Promise<boolean> {
  const [, N, r, p, salt = '', key = ''] = hash.split('$');
  const expected = Buffer.from(key, 'base64');
  const found = await derive(password, Buffer.from(salt, 'base64'), { N: Number(N), r: Number(r), p: Number(p) });
  return found.length === expected.length && timingSafeEqual(found, expected);
}

const derive = (password: string, salt: Buffer, cost: Cost): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    scrypt(password.normalize('NFKC'), salt, KEY_BYTES, { ...cost, maxmem: 256 * 1024 * 1024 }, (error, key) =>
      error === null ? resolve(key) : reject(error),
    );
  });
