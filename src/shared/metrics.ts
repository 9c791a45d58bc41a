/** Metrics as CloudWatch's embedded metric format: a JSON line of the log that CloudWatch counts, so that nothing has to be reached. */

/** Units of infra/metrics.json, which alarms and dashboard read; a test holds the two together. */
export const METRIC_UNITS = {
  invoices_matched: 'Count',
  invoice_exceptions: 'Count',
  payments: 'Count',
  queue_age_seconds: 'Seconds',
  overdue_invoices: 'Count',
  request_duration_ms: 'Milliseconds',
  requests_failed: 'Count',
  transaction_retries: 'Count',
  job_succeeded: 'Count',
  job_failed: 'Count',
} as const;

export type MetricName = keyof typeof METRIC_UNITS;

export interface Metric {
  readonly name: MetricName;
  readonly value: number;
  /** Those of infra/metrics.json, and no other. */
  readonly dimensions?: Readonly<Record<string, string>>;
}

/** One line, without its end. */
export function metricLine(namespace: string, { name, value, dimensions = {} }: Metric, at: Date): string {
  const metric = { Name: name, Unit: METRIC_UNITS[name] };
  return JSON.stringify({
    _aws: {
      Timestamp: at.getTime(),
      CloudWatchMetrics: [{ Namespace: namespace, Dimensions: [Object.keys(dimensions)], Metrics: [metric] }],
    },
    ...dimensions,
    [name]: value,
  });
}
