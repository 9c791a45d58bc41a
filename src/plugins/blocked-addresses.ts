/** Addresses over their limit and until when, known without asking anyone. */

export interface BlockedAddresses {
  add(address: string, ms: number): void;
  /** 0 for an address that is not blocked. */
  secondsLeft(address: string): number;
}

/** @param most addresses kept; of more, those blocked last */
export function blockedAddresses(most: number, now: () => number = Date.now): BlockedAddresses {
  const until = new Map<string, number>();
  return {
    add(address, ms) {
      until.delete(address);
      until.set(address, now() + ms);
      const [oldest] = until.keys();
      if (until.size > most && oldest !== undefined) until.delete(oldest);
    },
    secondsLeft(address) {
      const end = until.get(address);
      if (end === undefined) return 0;
      const left = Math.ceil((end - now()) / 1000);
      if (left <= 0) until.delete(address);
      return Math.max(0, left);
    },
  };
}
