/**
 * Random histories over HTTP, as random people and in parallel: whatever they try, the invariants hold. A failure prints its seed and
 * path; P2P_PROPERTY_SEED and P2P_PROPERTY_PATH run it again, P2P_PROPERTY_ONLY names the invariants to ask, P2P_PROPERTY_RUNS the
 * number of histories.
 */
import fc from 'fast-check';
import t from 'tap';
import { testApi } from '../support/api.ts';
import { EXAMPLES } from './examples.ts';
import { historyOf } from './history.ts';
import { INVARIANTS, type InvariantName } from './invariants/index.ts';
import { breachesOf } from './run.ts';
import { foundCompany } from './world.ts';

const { P2P_PROPERTY_SEED: seed, P2P_PROPERTY_PATH: path, P2P_PROPERTY_ONLY: only } = process.env;
const runs = Number(process.env['P2P_PROPERTY_RUNS'] ?? 2);
const STEPS = 25;
const EVERY = Object.keys(INVARIANTS) as InvariantName[];
const asked = only === undefined ? EVERY : (only.split(',') as InvariantName[]);

const api = await testApi(t);
const company = await foundCompany(api);

for (const { title, breaks, history } of seed === undefined ? EXAMPLES : [])
  if (asked.includes(breaks))
    t.test(title, async (t) => t.strictSame(await breachesOf(api, company, history, asked), []));

async function holdOver(seed: number): Promise<void> {
  const property = fc.asyncProperty(historyOf(STEPS), async (history) => {
    const breaches = await breachesOf(api, company, history, asked);
    if (breaches.length > 0) throw new Error(breaches.join('\n'));
  });
  // Shrinking runs a history many times over; its seed and path are enough.
  await fc.assert(property, { seed, numRuns: runs, endOnFailure: true, ...(path === undefined ? {} : { path }) });
}

for (const each of seed === undefined ? [20260701, Date.now() % 0x7fffffff] : [Number(seed)])
  t.test(`whatever people try, money, goods and files stay right (seed ${each})`, (t) => t.resolves(holdOver(each)));
