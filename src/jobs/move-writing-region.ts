/** Writing goes to the Region in which this runs: every server of the others refuses payments once the tables there have heard of it. */
import type { Config } from '../config.ts';
import { type JobContext, jobCommand, type Outcome, UsageError } from './job.ts';

/** @throws UsageError where it does not run in that Region, or the environment lets another one write */
export function requireRunsIn({ store, region, writingRegion }: Config, to: string): void {
  if (store === 'local') throw new UsageError('p2p move-writing-region needs P2P_STORE=aws: elsewhere is no Region.');
  if (region !== to)
    throw new UsageError(`It must run in the Region that is to write: AWS_REGION is ${region}, not ${to}.`);
  if (writingRegion !== undefined && writingRegion !== to)
    throw new UsageError(`P2P_WRITING_REGION is ${writingRegion}: set it to ${to}, here and for the servers in ${to}.`);
}

export async function moveWritingRegion(context: JobContext, to: string): Promise<Outcome> {
  const from = await context.dependencies.writingRegion.move(jobCommand(context, 'move-writing-region'));
  const facts = { from: from ?? null, to };
  if (from === to) return { result: 'ok', sentence: `${to} writes already.`, facts };
  const before = from === undefined ? '' : `, no longer ${from}: let no server run there`;
  return { result: 'ok', sentence: `${to} ${context.dryRun ? 'would write' : 'writes'} from now on${before}.`, facts };
}
