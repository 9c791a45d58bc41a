/** Every job, under the name that schedules give it. */
import { anchorAudit } from './anchor-audit.ts';
import { backup } from './backup.ts';
import { cleanup } from './cleanup.ts';
import { exportMonitor } from './export-monitor.ts';
import type { Job } from './job.ts';
import { matchReceived } from './match-received.ts';
import { reportOverdue } from './report-overdue.ts';
import { reseal } from './reseal.ts';
import { resumeBatches } from './resume-batches.ts';

export const JOBS: Readonly<Record<string, Job>> = {
  'anchor-audit': anchorAudit,
  backup,
  cleanup,
  'export-monitor': exportMonitor,
  'match-received': matchReceived,
  'report-overdue': reportOverdue,
  reseal,
  'resume-batches': resumeBatches,
};
