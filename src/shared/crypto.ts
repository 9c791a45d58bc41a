/** Keys made from the one encryption key (HKDF), each for one purpose, and the few primitives the server needs, all of node:crypto. */
import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto';

export interface Vault {
  /** AES-256-GCM over JSON; `sealed:v1:` and base64. */
  seal(value: unknown): string;
  open(sealed: string): unknown;
  /** HMAC-SHA256 in base64url for that purpose. */
  sign(purpose: string, text: string): string;
  verify(purpose: string, text: string, signature: string): boolean;
}

const SEALED = 'sealed:v1:';

/** @param encryptionKey base64 of 32 bytes */
export function createVault(encryptionKey: string): Vault {
  const root = Buffer.from(encryptionKey, 'base64');
  if (root.length !== 32) throw new TypeError('the encryption key must be 32 bytes in base64');
  const keys = new Map<string, Buffer>();
  const keyFor = (purpose: string): Buffer => {
    const known = keys.get(purpose);
    if (known !== undefined) return known;
    const made = Buffer.from(hkdfSync('sha256', root, '', `p2p ${purpose}`, 32));
    keys.set(purpose, made);
    return made;
  };
  const sign = (purpose: string, text: string): string =>
    createHmac('sha256', keyFor(purpose)).update(text).digest('base64url');
  return {
    seal(value) {
      const nonce = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', keyFor('seal'), nonce);
      const text = Buffer.concat([cipher.update(JSON.stringify(value), 'utf8'), cipher.final()]);
      return SEALED + Buffer.concat([nonce, cipher.getAuthTag(), text]).toString('base64');
    },
    open(sealed) {
      const bytes = Buffer.from(sealed.slice(SEALED.length), 'base64');
      const decipher = createDecipheriv('aes-256-gcm', keyFor('seal'), bytes.subarray(0, 12));
      decipher.setAuthTag(bytes.subarray(12, 28));
      return JSON.parse(Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString('utf8'));
    },
    sign,
    verify: (purpose, text, signature) => equalText(sign(purpose, text), signature),
  };
}

/** Compares in a time that does not tell where two texts differ. */
export function equalText(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
