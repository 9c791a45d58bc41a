/** Every request is answered by a decision: no failure of the server, nothing written by a dry run, the same reply under the same key. */
import type { Invariant } from '../state.ts';

export const noFailure: Invariant = ({ world }) =>
  world.exchanges
    .filter(({ status }) => status >= 500)
    .map(({ method, path, status, body, key }) => `${method} ${path} ${JSON.stringify(body)} ${key ?? ''}: ${status}`);

export const dryRuns: Invariant = ({ world, chains }) => {
  const dry = new Set(world.exchanges.filter(({ dryRun }) => dryRun).map(({ request_id }) => request_id));
  return [...chains.values()]
    .flat()
    .filter(({ request_id }) => dry.has(request_id))
    .map(({ entity_id, action }) => `a dry run left the event ${action} of ${entity_id}`);
};

export const repeats: Invariant = ({ world }) => {
  const keyed = world.exchanges.filter(({ key, dryRun }) => key !== undefined && !dryRun);
  return keyed.flatMap((first, at) =>
    keyed
      .slice(at + 1)
      .filter(({ key }) => key === first.key && first.status < 300)
      .filter(({ status, reply }) => status !== first.status || reply?.id !== first.reply?.id)
      .map(({ status }) => `${first.method} ${first.path} under one key: ${first.status}, then ${status}`),
  );
};
