import { readFileSync } from 'node:fs';
import t from 'tap';
import { METRIC_UNITS, metricLine } from '../../src/shared/metrics.ts';

t.test('metrics and units are those that alarms and dashboard read', async (t) => {
  const { metrics } = JSON.parse(readFileSync('infra/metrics.json', 'utf8')) as {
    metrics: Record<string, { unit: string }>;
  };
  t.strictSame(Object.fromEntries(Object.entries(metrics).map(([name, { unit }]) => [name, unit])), METRIC_UNITS);
});

t.test('a metric is a line that CloudWatch counts, with its dimensions or without any', async (t) => {
  const at = new Date('2026-02-01T10:00:00Z');
  t.strictSame(JSON.parse(metricLine('p2p', { name: 'overdue_invoices', value: 3 }, at)), {
    _aws: {
      Timestamp: at.getTime(),
      CloudWatchMetrics: [
        { Namespace: 'p2p', Dimensions: [[]], Metrics: [{ Name: 'overdue_invoices', Unit: 'Count' }] },
      ],
    },
    overdue_invoices: 3,
  });
  t.match(JSON.parse(metricLine('p2p', { name: 'job_failed', value: 1, dimensions: { job: 'backup' } }, at)), {
    _aws: { CloudWatchMetrics: [{ Dimensions: [['job']] }] },
    job: 'backup',
    job_failed: 1,
  });
});
