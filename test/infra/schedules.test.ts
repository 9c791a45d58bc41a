/** What Terraform schedules must be there: a schedule of a job that the command line has not fails every few minutes. */
import { readFileSync } from 'node:fs';
import t from 'tap';
import { JOBS } from '../../src/jobs/index.ts';

const infra = (path: string): string => readFileSync(new URL(`../../infra/${path}`, import.meta.url), 'utf8');
const names = Object.keys(JOBS).sort();

t.test('prod schedules every job of the command line, and nothing else', async (t) => {
  const schedules = infra('environments/prod/schedules.tf').matchAll(/^ +([a-z-]+) += "(?:rate|cron)\(/gm);
  t.strictSame([...schedules].map(([, name]) => name).sort(), names);
});

t.test('the module takes a schedule for every job of the command line, and for nothing else', async (t) => {
  const [, list = ''] =
    /setsubtract\(keys\(var\.schedules\), (\[[^\]]*\])\)/.exec(infra('modules/jobs/variables.tf')) ?? [];
  t.strictSame((JSON.parse(list) as string[]).sort(), names);
});
