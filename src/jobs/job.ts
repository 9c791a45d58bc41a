/** What every command of `p2p` is given, and what it answers. */
import type { Dependencies, Infrastructure } from '../dependencies.ts';
import { type Command, idSource } from '../shared/command.ts';
import type { Reporter } from './report.ts';

export interface JobContext {
  readonly dependencies: Dependencies;
  readonly infrastructure: Infrastructure;
  readonly now: () => Date;
  /** Nothing is written; the report says what would be. */
  readonly dryRun: boolean;
  readonly report: Reporter;
  /** Aborted by SIGTERM: what is begun is ended, nothing more is begun. */
  readonly signal: AbortSignal;
}

export interface Outcome {
  /** `findings`: it ran well and found what a person must look at. `failed`: some of the work is left for the next run. */
  readonly result: 'ok' | 'findings' | 'failed';
  /** One sentence for a person. */
  readonly sentence: string;
  readonly facts: Readonly<Record<string, unknown>>;
}

export interface Job {
  /** What it does, for the help. */
  readonly summary: string;
  run(context: JobContext): Promise<Outcome>;
}

/** Jobs act as themselves: no person signs in as one, and no person is barred by what one did. */
export const JOB_ACTOR = 'system_jobs';

export const jobCommand = ({ now, dryRun }: Pick<JobContext, 'now' | 'dryRun'>, job: string): Command => ({
  actor: { id: JOB_ACTOR, roles: [], permissions: new Set() },
  now: now(),
  request_id: `job:${job}`,
  dryRun,
  ids: idSource(),
});

/** Wrong use of the command line: told in one sentence, without a stack. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UsageError';
  }
}
