/** When keys were used last, to the day: one write per key, day and server, which no request waits for. */
import type { ApiKeyRepository } from './api-key.repository.ts';

export interface LastUse {
  /** Never fails and never delays a request: a day that is lost is written with the next use. */
  note(id: string, now: Date): void;
  of<T extends { readonly id: string }>(keys: readonly T[]): Promise<(T & { readonly last_used_on: string | null })[]>;
}

const MOST_REMEMBERED = 10_000;

export function createLastUse(repository: Pick<ApiKeyRepository, 'lastUsedOn' | 'markUsed'>): LastUse {
  const noted = new Map<string, string>();
  return {
    note(id, now) {
      const day = now.toISOString().slice(0, 10);
      if (noted.get(id) === day) return;
      if (noted.size >= MOST_REMEMBERED) noted.clear();
      noted.set(id, day);
      void repository.markUsed(id, day).catch(() => noted.delete(id));
    },
    async of(keys) {
      const days = await repository.lastUsedOn(keys.map(({ id }) => id));
      return keys.map((key) => ({ ...key, last_used_on: days.get(key.id) ?? null }));
    },
  };
}
