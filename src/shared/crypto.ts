/** Keys made from the encryption key (HKDF), each for one purpose, and the few primitives the server needs, all of node:crypto. */
import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto';

export interface Vault {
  /** AES-256-GCM over JSON, as text. It opens in the same context only, such as the id of the entity that it belongs to. */
  seal(value: unknown, context?: string): string;
  /** Also with keys that are kept for this alone. @throws Error where it was altered, moved to another context, or made with another key */
  open(sealed: string, context?: string): unknown;
  /** HMAC-SHA256 in base64url for that purpose. */
  sign(purpose: string, text: string): string;
  verify(purpose: string, text: string, signature: string): boolean;
  /** That of each key, the current one first: for what is looked up by its signature. */
  signatures(purpose: string, text: string): readonly [string, ...string[]];
  /** AES-256-GCM, as bytes that begin with the key's id. */
  lock(content: Uint8Array, context: string): Uint8Array;
  /** @throws Error where it was altered, moved to another context, or made with another key */
  unlock(locked: Uint8Array, context: string): Buffer;
  /** HMAC-SHA256 after the key's id. */
  mark(text: string): Uint8Array;
  bears(text: string, mark: Uint8Array): boolean;
  /** Whether a lock or a mark was made with the key that makes new ones. */
  isCurrent(made: Uint8Array): boolean;
}

const KEY_ID_BYTES = 6;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** Text that `seal` made, of any form. */
export const isSealedText = (text: string): boolean => /^sealed:v\d:/.test(text);

const FIRST_FORM = 'sealed:v1:';
const SEALED = 'sealed:v2:';

/** One root key with the keys derived from it. */
interface Keys {
  readonly id: Buffer;
  of(purpose: string): Buffer;
}

/** Before a key that opens sealed text and nothing else. */
const OPENS_TEXT = 'events:';
/** Of P2P_ENCRYPTION_KEY_PREVIOUS. */
export const PREVIOUS_KEYS = `^(${OPENS_TEXT})?[A-Za-z0-9+/]{43}=(,(${OPENS_TEXT})?[A-Za-z0-9+/]{43}=){0,9}$`;

/**
 * @param encryptionKey base64 of 32 bytes
 * @param previousKeys what it was before rotations, with commas between: each opens and verifies, and makes nothing new. One after `events:`
 *   opens the text of `seal` alone: events are never written anew, and a key that was replaced must not seal an item any more.
 */
export function createVault(encryptionKey: string, previousKeys = ''): Vault {
  const current = keysOf(encryptionKey);
  const previous = previousKeys.split(',').filter((key) => key !== '');
  const valid = previous.filter((key) => !key.startsWith(OPENS_TEXT)).map(keysOf);
  const all = [current, ...valid];
  const retired = previous
    .filter((key) => key.startsWith(OPENS_TEXT))
    .map((key) => keysOf(key.slice(OPENS_TEXT.length)));
  const opening = [...all, ...retired];
  const keysFor = (made: Uint8Array, among = all): Keys | undefined =>
    among.find(({ id }) => id.equals(made.subarray(0, KEY_ID_BYTES)));
  const hmac = (keys: Keys, purpose: string, text: string): Buffer =>
    createHmac('sha256', keys.of(purpose)).update(text).digest();
  const sign = (keys: Keys, purpose: string, text: string): string => hmac(keys, purpose, text).toString('base64url');
  const unlock = (locked: Uint8Array, context: string, among = all): Buffer => {
    const keys = keysFor(locked, among);
    if (keys === undefined) throw new Error('it was made with a key that this server does not have');
    return decrypted(keys.of('lock'), locked.subarray(KEY_ID_BYTES), context);
  };
  const lock = (content: Uint8Array, context: string): Buffer =>
    Buffer.concat([current.id, encrypted(current.of('lock'), content, context)]);
  return {
    seal: (value, context = '') => SEALED + lock(Buffer.from(JSON.stringify(value)), context).toString('base64'),
    open(sealed, context = '') {
      if (!sealed.startsWith(FIRST_FORM))
        return parsed(unlock(Buffer.from(sealed.slice(SEALED.length), 'base64'), context, opening));
      const bytes = Buffer.from(sealed.slice(FIRST_FORM.length), 'base64');
      return parsed(firstOf(opening, (keys) => decrypted(keys.of('seal'), bytes, '')));
    },
    sign: (purpose, text) => sign(current, purpose, text),
    verify: (purpose, text, signature) => all.some((keys) => equalText(sign(keys, purpose, text), signature)),
    signatures: (purpose, text) => [sign(current, purpose, text), ...valid.map((keys) => sign(keys, purpose, text))],
    lock,
    unlock: (locked, context) => unlock(locked, context),
    mark: (text) => Buffer.concat([current.id, hmac(current, 'mark', text)]),
    bears(text, mark) {
      const keys = keysFor(mark);
      return keys !== undefined && equalBytes(hmac(keys, 'mark', text), mark.subarray(KEY_ID_BYTES));
    },
    isCurrent: (made) => keysFor(made) === current,
  };
}

function keysOf(encryptionKey: string): Keys {
  const root = Buffer.from(encryptionKey, 'base64');
  if (root.length !== 32) throw new TypeError('the encryption key must be 32 bytes in base64');
  const keys = new Map<string, Buffer>();
  const derived = (purpose: string): Buffer => Buffer.from(hkdfSync('sha256', root, '', `p2p ${purpose}`, 32));
  return {
    id: derived('key id').subarray(0, KEY_ID_BYTES),
    of(purpose) {
      const known = keys.get(purpose);
      if (known !== undefined) return known;
      const made = derived(purpose);
      keys.set(purpose, made);
      return made;
    },
  };
}

const parsed = (bytes: Buffer): unknown => JSON.parse(bytes.toString('utf8'));

function encrypted(key: Buffer, plain: Uint8Array, context: string): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(context));
  const content = Buffer.concat([cipher.update(plain), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), content]);
}

function decrypted(key: Buffer, bytes: Uint8Array, context: string): Buffer {
  // Without a length a shortened tag would do.
  const options = { authTagLength: TAG_BYTES };
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE_BYTES), options);
  decipher.setAAD(Buffer.from(context));
  decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
  const content = decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES));
  return Buffer.concat([content, decipher.final()]);
}

/** The first form names no key: each is tried. @throws Error of the last */
function firstOf<T>(all: readonly Keys[], attempt: (keys: Keys) => T): T {
  let failure: unknown;
  for (const keys of all)
    try {
      return attempt(keys);
    } catch (error) {
      failure = error;
    }
  throw failure;
}

/** Compares in a time that does not tell where two texts differ. */
export const equalText = (a: string, b: string): boolean => equalBytes(Buffer.from(a), Buffer.from(b));

const equalBytes = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && timingSafeEqual(a, b);
