/**
 * One after another under a key, within this process. Decisions on one hot item would otherwise race and be decided again and again;
 * between processes the item's version decides, so this is a matter of speed and never of correctness.
 */
export interface KeyedQueue {
  inTurn<T>(key: string, run: () => Promise<T>): Promise<T>;
}

export function createKeyedQueue(): KeyedQueue {
  const tails = new Map<string, Promise<void>>();
  return {
    async inTurn(key, run) {
      const turn = (tails.get(key) ?? Promise.resolve()).then(run);
      const settled = turn.then(ignore, ignore);
      tails.set(key, settled);
      try {
        return await turn;
      } finally {
        if (tails.get(key) === settled) tails.delete(key);
      }
    },
  };
}

const ignore = (): void => undefined;
