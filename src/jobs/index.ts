/** Every job, under the name that schedules give it. */
import { backup } from './backup.ts';
import type { Job } from './job.ts';
import { resumeBatches } from './resume-batches.ts';

export const JOBS: Readonly<Record<string, Job>> = {
  backup,
  'resume-batches': resumeBatches,
};
