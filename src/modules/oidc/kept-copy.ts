/** A copy of what the provider publishes: renewed from time to time, and used on while the provider is out of reach. */

export interface KeptCopy<T> {
  /** @throws Error with what `load` threw as its cause, where there is no copy that may still be used */
  get(): Promise<T>;
  /** Another copy than the one at hand, unless one was asked for a moment ago: a stranger causes no call with each attempt. */
  renewed(): Promise<T>;
}

export interface KeptCopyOptions<T> {
  readonly load: () => Promise<T>;
  readonly now: () => number;
  /** How long a copy is used without a look for another. */
  readonly freshMs: number;
  /** How long it is used while no other can be had. */
  readonly keptMs: number;
  /** Between two attempts, failed ones included. */
  readonly cooldownMs: number;
}

export function keptCopy<T>({ load, now, freshMs, keptMs, cooldownMs }: KeptCopyOptions<T>): KeptCopy<T> {
  let copy: { readonly value: T; readonly at: number } | undefined;
  let triedAt = Number.NEGATIVE_INFINITY;
  let failure: unknown;
  let underWay: Promise<void> | undefined;

  async function attempt(): Promise<void> {
    try {
      copy = { value: await load(), at: now() };
    } catch (error) {
      failure = error;
    }
  }

  async function renew(): Promise<void> {
    if (underWay === undefined) {
      if (now() - triedAt < cooldownMs) return;
      triedAt = now();
      underWay = attempt().finally(() => {
        underWay = undefined;
      });
    }
    await underWay;
  }

  function usable(): T {
    if (copy === undefined || now() - copy.at >= keptMs) throw new Error('no copy is at hand', { cause: failure });
    return copy.value;
  }

  return {
    async get() {
      if (copy === undefined || now() - copy.at >= freshMs) await renew();
      return usable();
    },
    async renewed() {
      await renew();
      return usable();
    },
  };
}
