/** Lives a history in a company of its own, and asks the invariants. */
import type { TestApi } from '../support/api.ts';
import { live, type Step } from './history.ts';
import { INVARIANTS, type InvariantName } from './invariants/index.ts';
import { readState } from './state.ts';
import { type Company, forget, newWorld } from './world.ts';

export async function breachesOf(
  api: TestApi,
  company: Company,
  history: readonly Step[],
  asked: readonly InvariantName[],
): Promise<readonly string[]> {
  const world = newWorld(api, company);
  try {
    await live(world, history);
    const state = await readState(api, world);
    const breaches: string[] = [];
    for (const name of asked) {
      const [sentence, holds] = INVARIANTS[name];
      for (const breach of await holds(state)) breaches.push(`${name} (${sentence}): ${breach}`);
    }
    return breaches;
  } finally {
    await forget(api);
  }
}
