/** What a job says while it runs: one line that moves on a terminal, JSON lines anywhere else. */
import { type Metric, metricLine } from '../shared/metrics.ts';

export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
}

export interface Reporter {
  /** How far it is; `total` where it is known. Cheap enough to be called for every item. */
  progress(what: string, done: number, total?: number): void;
  /** One finding, or one thing done. */
  line(message: string, facts?: Readonly<Record<string, unknown>>): void;
  metric(metric: Metric): void;
  /** Ends the moving line. */
  end(): void;
}

export interface ReporterOptions {
  readonly command: string;
  readonly namespace: string;
  readonly output: Output;
  readonly now: () => Date;
}

/** A log needs a sign of life; a terminal a movement. */
const EVERY_MS = { log: 5_000, terminal: 100 };

export const createReporter = (options: ReporterOptions): Reporter =>
  options.output.isTTY === true ? onTerminal(options) : asJson(options);

function asJson({ command, namespace, output, now }: ReporterOptions): Reporter {
  const due = every(EVERY_MS.log, now);
  const line: Reporter['line'] = (message, facts = {}) =>
    void output.write(
      `${JSON.stringify({ level: 'info', time: now().toISOString(), command, ...facts, msg: message })}\n`,
    );
  return {
    progress: (what, done, total) => {
      if (due()) line('progress', { what, done, ...(total === undefined ? {} : { total }) });
    },
    line,
    metric: (metric) => void output.write(`${metricLine(namespace, metric, now())}\n`),
    end: () => undefined,
  };
}

function onTerminal({ output, now }: ReporterOptions): Reporter {
  const due = every(EVERY_MS.terminal, now);
  let moving = false;
  const clear = (): void => {
    if (moving) output.write('\r\u001b[K');
    moving = false;
  };
  return {
    progress: (what, done, total) => {
      if (!due() && done !== total) return;
      output.write(`\r\u001b[K${bar(what, done, total).slice(0, (output.columns ?? 80) - 1)}`);
      moving = true;
    },
    line: (message, facts = {}) => {
      clear();
      const said = Object.entries(facts).map(([name, value]) => `${name}=${plain(value)}`);
      output.write(`${[message, ...said].join('  ')}\n`);
    },
    metric: () => undefined,
    end: clear,
  };
}

const WIDTH = 24;

function bar(what: string, done: number, total: number | undefined): string {
  if (total === undefined || total === 0) return `${what}  ${done}`;
  const full = Math.round((Math.min(done, total) / total) * WIDTH);
  return `[${'#'.repeat(full)}${'-'.repeat(WIDTH - full)}] ${done}/${total}  ${what}`;
}

const plain = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** True at most once in that many milliseconds. */
function every(milliseconds: number, now: () => Date): () => boolean {
  let last = Number.NEGATIVE_INFINITY;
  return () => {
    const at = now().getTime();
    if (at - last < milliseconds) return false;
    last = at;
    return true;
  };
}
