/** What Terraform schedules must be there: a schedule of a job that the command line has not fails every few minutes. */
import { readFileSync } from 'node:fs';
import t from 'tap';
import { JOBS } from '../../src/jobs/index.ts';

const SCHEDULES = readFileSync(new URL('../../infra/environments/prod/schedules.tf', import.meta.url), 'utf8');

t.test('every schedule of prod names a job of the command line', async (t) => {
  const scheduled = [...SCHEDULES.matchAll(/^ +([a-z-]+) += "(?:rate|cron)\(/gm)].map(([, name = '']) => name);
  t.ok(scheduled.length > 0, 'schedules were found');
  for (const name of scheduled) t.ok(Object.hasOwn(JOBS, name), name);
});
