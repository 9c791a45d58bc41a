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
  integrity_failures: 'Count',
  security_entries_lost: 'Count',
  job_succeeded: 'Count',
  job_failed: 'Count',
} as const;

export type MetricName = keyof typeof METRIC_UNITS;

export interface Metric {
  readonly name: MetricName;
  /** Several observations in one line, at most 100. */
  readonly value: number | readonly number[];
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

export interface Metrics {
  /** Adds up until the next line. */
  count(name: MetricName, more?: number, dimensions?: Readonly<Record<string, string>>): void;
  /** Kept apart from the others, so that percentiles can be told. */
  observe(name: MetricName, value: number): void;
  /** Writes what was gathered. */
  flush(): void;
  /** Writes the last, and gathers no more. */
  close(): void;
}

export interface MetricsOptions {
  readonly namespace: string;
  readonly write: (line: string) => unknown;
  readonly now?: () => Date;
  readonly everyMs?: number;
}

/** CloudWatch's own limit of values in a line. */
const MAX_VALUES = 100;

/** A line a metric every ten seconds instead of a line a request. */
export function createMetrics({ namespace, write, now = () => new Date(), everyMs = 10_000 }: MetricsOptions): Metrics {
  const counts = new Map<string, Metric & { readonly value: number }>();
  const observed = new Map<MetricName, number[]>();
  const emit = (metric: Metric): void => void write(`${metricLine(namespace, metric, now())}\n`);
  const flush = (): void => {
    for (const metric of counts.values()) emit(metric);
    for (const [name, value] of observed) emit({ name, value });
    counts.clear();
    observed.clear();
  };
  const timer = setInterval(flush, everyMs).unref();
  return {
    count(name, more = 1, dimensions = {}) {
      const key = JSON.stringify([name, dimensions]);
      counts.set(key, { name, dimensions, value: (counts.get(key)?.value ?? 0) + more });
    },
    observe(name, value) {
      const values = observed.get(name) ?? [];
      values.push(value);
      observed.set(name, values);
      if (values.length < MAX_VALUES) return;
      observed.delete(name);
      emit({ name, value: values });
    },
    flush,
    close() {
      clearInterval(timer);
      flush();
    },
  };
}
