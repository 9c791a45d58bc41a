/** The number of an order for which none was given. */

/**
 * A number of our own: the day and 40 random bits of the id, in Crockford's alphabet. No counter, which every new order would have to
 * write: nothing queues, a command decided again has the same number, and a restored table repeats none.
 */
export function numberFor(id: string, now: Date): string {
  let bits = BigInt(`0x${id.slice(-10)}`);
  let text = '';
  for (let digit = 0; digit < 8; digit += 1) {
    text = ALPHABET.charAt(Number(bits % 32n)) + text;
    bits /= 32n;
  }
  return `PO-${now.toISOString().slice(0, 10).replaceAll('-', '')}-${text}`;
}

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
