import { readFileSync } from 'node:fs';
import t from 'tap';
import { createMetrics, METRIC_UNITS, metricLine } from '../../src/shared/metrics.ts';

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

t.test('what is counted is added up, what is observed is kept apart, and a line holds at most 100 of it', async (t) => {
  const lines: Record<string, unknown>[] = [];
  const metrics = createMetrics({
    namespace: 'p2p',
    write: (line) => lines.push(JSON.parse(line)),
    everyMs: 3_600_000,
  });
  metrics.count('payments', 2, { state: 'settled' });
  metrics.count('payments', 1, { state: 'settled' });
  metrics.count('payments', 1, { state: 'failed' });
  metrics.count('requests_failed');
  for (let ms = 1; ms <= 101; ms += 1) metrics.observe('request_duration_ms', ms);
  t.match(lines, [{ request_duration_ms: Array.from({ length: 100 }, (_, index) => index + 1) }]);
  metrics.flush();
  t.match(lines.slice(1), [
    { state: 'settled', payments: 3 },
    { state: 'failed', payments: 1 },
    { requests_failed: 1 },
    { request_duration_ms: [101] },
  ]);
  metrics.flush();
  t.equal(lines.length, 5, 'nothing is written twice');
  metrics.count('requests_failed');
  metrics.close();
  t.match(lines[5], { requests_failed: 1 });
});

t.test('lines are written by themselves from time to time', async (t) => {
  const line = await new Promise<string>((resolve) => {
    const metrics = createMetrics({ namespace: 'p2p', write: resolve, everyMs: 1 });
    t.teardown(() => metrics.close());
    // The timer holds no process; the test waits for it.
    const alive = setInterval(() => undefined, 1_000);
    t.teardown(() => clearInterval(alive));
    metrics.count('transaction_retries');
  });
  t.match(JSON.parse(line), { transaction_retries: 1 });
});
