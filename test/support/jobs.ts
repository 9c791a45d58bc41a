/** Runs a job in this process over a test's own tables, and keeps what it said. */
import type { JobContext } from '../../src/jobs/job.ts';
import { createReporter } from '../../src/jobs/report.ts';
import type { Json, TestApi } from './api.ts';

export interface TestJob {
  readonly context: JobContext;
  /** Every line, findings included. */
  readonly said: Json[];
}

export function jobOver(
  api: Pick<TestApi, 'infrastructure' | 'dependencies'>,
  more: Partial<Pick<JobContext, 'dryRun' | 'now' | 'signal'>> = {},
): TestJob {
  const said: Json[] = [];
  const now = more.now ?? (() => new Date());
  const output = { write: (text: string) => void said.push(JSON.parse(text) as Json) };
  return {
    said,
    context: {
      dependencies: api.dependencies,
      infrastructure: api.infrastructure,
      now,
      dryRun: false,
      report: createReporter({ command: 'test', namespace: 'tests', output, now }),
      signal: new AbortController().signal,
      ...more,
    },
  };
}
