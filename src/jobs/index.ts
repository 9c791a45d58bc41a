/** Every job, under the name that schedules give it. */
import { anchorAudit } from './anchor-audit.ts';
import { backup } from './backup.ts';
import { cleanup } from './cleanup.ts';
import { exportMonitor } from './export-monitor.ts';
import type { Job } from './job.ts';
import { matchReceived } from './match-received.ts';
import { reportOverdue } from './report-overdue.ts';
import { resumeBatches } from './resume-batches.ts';
import { verify } from './verification/verify.ts';
import { verifyAudit } from './verify-audit.ts';

export const JOBS: Readonly<Record<string, Job>> = {
  'anchor-audit': anchorAudit,
  backup,
  cleanup,
  'export-monitor': exportMonitor,
  'match-received': matchReceived,
  'report-overdue': reportOverdue,
  'resume-batches': resumeBatches,
  verify: { summary: 'holds the books, seals and files against each other, as p2p verify does', run: verify },
  'verify-audit': { summary: 'holds the trails against the anchors, as p2p verify-audit does', run: verifyAudit },
};
