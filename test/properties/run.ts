/** Lives a history in a company of its own, and asks the invariants. */
import type { TestApi } from '../support/api.ts';
import { live, type Step } from './history.ts';
import { INVARIANTS } from './invariants/index.ts';
import { readState } from './state.ts';
import { type Company, forget, newWorld } from './world.ts';

/** Names of those to ask, from P2P_PROPERTY_ONLY; all where it is absent. */
const only = process.env['P2P_PROPERTY_ONLY']?.split(',');

export async function breachesOf(api: TestApi, company: Company, history: readonly Step[]): Promise<readonly string[]> {
  const world = newWorld(api, company);
  try {
    await live(world, history);
    if (process.env['P2P_PROPERTY_TELL'] !== undefined)
      for (const { actor, method, path, status, reply } of world.exchanges)
        if (method !== 'GET') console.error(actor.slice(-4), method, path, status, reply?.status, reply?.code ?? '');
    const state = await readState(api, world);
    const breaches: string[] = [];
    for (const [name, [sentence, holds]] of Object.entries(INVARIANTS)) {
      if (only !== undefined && !only.includes(name)) continue;
      for (const breach of await holds(state)) breaches.push(`${name} (${sentence}): ${breach}`);
    }
    return breaches;
  } finally {
    await forget(api);
  }
}
