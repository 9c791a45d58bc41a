/** The command line: which command, with which options, and which exit code. It reads no process: everything is given. */
import { parseArgs } from 'node:util';
import { type Config, ConfigError } from '../config.ts';
import { decisionMetrics } from '../decision-metrics.ts';
import { createDependencies } from '../dependencies.ts';
import { openAws, type RunningInfrastructure } from '../infrastructure.ts';
import { openLocal } from '../local/open-local.ts';
import { withSecretValues } from '../secret-values.ts';
import type { UnitOfWorkObserver } from '../shared/dynamo/unit-of-work.ts';
import { createMetrics } from '../shared/metrics.ts';
import { JOBS } from './index.ts';
import { type Job, type JobContext, type Outcome, UsageError } from './job.ts';
import { moveWritingRegion, requireRunsIn } from './move-writing-region.ts';
import { createReporter, type Output, type Reporter } from './report.ts';
import { reseal } from './reseal.ts';
import { markRestored, restore } from './restore.ts';
import { setup } from './setup.ts';
import { repair } from './verification/repair.ts';
import { verify } from './verification/verify.ts';
import { verifyAudit } from './verify-audit.ts';

export interface CommandLine {
  readonly args: readonly string[];
  /** Read when a command needs it: help does not. */
  readonly config: () => Config;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly signal: AbortSignal;
  readonly version: string;
  readonly now?: () => Date;
}

/** Schedulers and scripts act on these. */
export const EXIT = { ok: 0, failed: 1, usage: 2, findings: 3 } as const;

export async function runCommandLine(line: CommandLine): Promise<number> {
  try {
    return await dispatch(line);
  } catch (error) {
    if (error instanceof UsageError) {
      line.stderr.write(`${error.message}\n`);
      return EXIT.usage;
    }
    line.stderr.write(`${sentenceOf(error)}\n`);
    return error instanceof ConfigError ? EXIT.usage : EXIT.failed;
  }
}

async function dispatch(line: CommandLine): Promise<number> {
  const [command = 'help', ...rest] = line.args;
  switch (command) {
    case 'help':
    case '--help':
    case '-h':
      line.stdout.write(help(line.version));
      return EXIT.ok;
    case '--version':
      line.stdout.write(`${line.version}\n`);
      return EXIT.ok;
    case 'setup': {
      const { dryRun } = optionsOf(rest);
      const config = line.config();
      return reported(line, config, 'setup', (report) => setup({ config, dryRun, report }));
    }
    case 'job': {
      const { positionals, dryRun } = optionsOf(rest, { positionals: 1 });
      const [name, job] = jobOf(positionals[0]);
      return overStore(line, { command: name, dryRun, counted: true }, async (context) => {
        if (!dryRun) await context.dependencies.writingRegion.requireHere();
        return job.run(context);
      });
    }
    case 'verify-audit': {
      const { dryRun } = optionsOf(rest);
      return overStore(line, { command, dryRun }, verifyAudit);
    }
    case 'restore': {
      const { dryRun, values } = optionsOf(rest, { required: ['from', 'prefix'] });
      const options = { from: values['from'] ?? '', prefix: values['prefix'] ?? '' };
      return overStore(line, { command, dryRun }, (context) => restore(context, options));
    }
    case 'mark-restored': {
      const { dryRun, values } = optionsOf(rest, { required: ['from'] });
      return overStore(line, { command, dryRun }, (context) => markRestored(context, values['from'] ?? ''));
    }
    case 'move-writing-region': {
      const { dryRun, values } = optionsOf(rest, { required: ['to'] });
      const to = values['to'] ?? '';
      requireRunsIn(line.config(), to);
      return overStore(line, { command, dryRun }, (context) => moveWritingRegion(context, to));
    }
    case 'verify':
      return overStore(line, { command, dryRun: optionsOf(rest).dryRun }, verify);
    case 'reseal': {
      const { dryRun } = optionsOf(rest);
      return overStore(line, { command, dryRun }, async (context) => {
        if (!dryRun) await context.dependencies.writingRegion.requireHere();
        return reseal(context);
      });
    }
    case 'repair':
      return overStore(line, { command, dryRun: optionsOf(rest).dryRun }, repair);
    default:
      throw new UsageError(`There is no command '${command}'; p2p help lists them.`);
  }
}

function jobOf(name: string | undefined): readonly [string, Job] {
  const known = Object.keys(JOBS).join(', ');
  if (name === undefined) throw new UsageError(`p2p job needs a name: ${known}.`);
  const job = Object.hasOwn(JOBS, name) ? JOBS[name] : undefined;
  if (job === undefined) throw new UsageError(`There is no job '${name}'; there are ${known}.`);
  return [name, job];
}

interface Carried {
  readonly command: string;
  readonly dryRun: boolean;
  /** A run of a job counts as a success or a failure in the metrics, whatever ended it. */
  readonly counted?: boolean;
}

async function overStore(
  line: CommandLine,
  { command, dryRun, counted = false }: Carried,
  run: (context: JobContext) => Promise<Outcome>,
): Promise<number> {
  const config = line.config();
  const now = line.now ?? (() => new Date());
  return reported(line, config, command, async (report) => {
    let ended: 'job_succeeded' | 'job_failed' = 'job_failed';
    // A terminal is no place for them, as in the reporter.
    const write = (text: string): void => void (line.stdout.isTTY === true || line.stdout.write(text));
    const metrics = createMetrics({ namespace: config.metricsNamespace, write, now });
    try {
      const outcome = await withStore(config, decisionMetrics(metrics), (opened) =>
        run({ ...opened, now, dryRun, report, signal: line.signal }),
      );
      if (outcome.result !== 'failed') ended = 'job_succeeded';
      return outcome;
    } finally {
      metrics.close();
      if (counted && !dryRun) report.metric({ name: ended, value: 1, dimensions: { job: command } });
    }
  });
}

/** Opens what the environment names, and closes it whatever happens. */
async function withStore<T>(
  config: Config,
  observer: UnitOfWorkObserver,
  run: (opened: Pick<JobContext, 'dependencies' | 'infrastructure'>) => Promise<T>,
): Promise<T> {
  const running: RunningInfrastructure =
    config.store === 'local' ? await openLocal(config) : openAws(await withSecretValues(config));
  try {
    const { infrastructure } = running;
    return await run({ infrastructure, dependencies: createDependencies({ ...infrastructure, observer }) });
  } finally {
    await running.stop();
  }
}

async function reported(
  line: CommandLine,
  config: Config,
  command: string,
  run: (report: Reporter) => Promise<Outcome>,
): Promise<number> {
  const report = createReporter({
    command,
    namespace: config.metricsNamespace,
    output: line.stdout,
    now: line.now ?? (() => new Date()),
  });
  try {
    const { result, sentence, facts } = await run(report);
    report.line(sentence, line.stdout.isTTY === true ? {} : { result, ...facts });
    return EXIT[result];
  } finally {
    report.end();
  }
}

interface Options {
  readonly positionals: readonly string[];
  readonly dryRun: boolean;
  readonly values: Readonly<Record<string, string | undefined>>;
}

interface Expected {
  /** How many arguments besides options it takes at most. */
  readonly positionals?: number;
  /** Options with a value, each of which must be there. */
  readonly required?: readonly string[];
}

/** @throws UsageError for what the command does not take, or lacks. */
function optionsOf(args: readonly string[], { positionals: most = 0, required = [] }: Expected = {}): Options {
  const { values, positionals } = parsed(args, required);
  if (positionals.length > most) throw new UsageError(`'${positionals[most]}' is one argument too many.`);
  const texts = Object.fromEntries(required.map((name) => [name, textOf(values[name])]));
  const missing = required.filter((name) => texts[name] === undefined);
  if (missing.length > 0)
    throw new UsageError(`It needs ${missing.map((name) => `--${name}`).join(' and ')}; p2p help says more.`);
  return { positionals, dryRun: values['dry-run'] === true, values: texts };
}

const textOf = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

function parsed(args: readonly string[], texts: readonly string[]) {
  const options: Record<string, { type: 'string' | 'boolean' }> = { 'dry-run': { type: 'boolean' } };
  for (const name of texts) options[name] = { type: 'string' };
  try {
    return parseArgs({ args: [...args], allowPositionals: true, options });
  } catch (error) {
    if (error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS'))
      throw new UsageError(`${error.message.split(/[.\n]/)[0]}; p2p help lists the options.`);
    throw error;
  }
}

/** What a person can act on; a defect keeps its stack. */
function sentenceOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error instanceof TypeError || error instanceof ReferenceError ? (error.stack ?? error.message) : error.message;
}

function help(version: string): string {
  const jobs = Object.entries(JOBS).map(([name, { summary }]) => `    ${name.padEnd(16)} ${summary}`);
  return [
    `ERP-Lite Procure-to-Pay ${version}`,
    '',
    'p2p setup               makes tables and buckets at the endpoints that the environment names, never on AWS itself',
    'p2p job NAME            runs a job; safe to run twice, or two at once:',
    ...jobs,
    '',
    'p2p restore --from BACKUP --prefix PREFIX',
    '                        a backup (backups/..., or latest) into tables of a new prefix, held against its manifest',
    'p2p mark-restored --from MOMENT',
    '                        for tables that AWS restored to a moment: the service starts read-only on them',
    'p2p move-writing-region --to REGION',
    '                        lets the Region write in which it runs, once the one that wrote is lost and stopped',
    '',
    'p2p verify-audit        holds every audit chain and the security log against themselves, entities and the anchors of anchor-audit; writes nothing',
    'p2p verify              holds seals, claims, counters, balances, batches, trails and payment files against each other; writes nothing',
    'p2p reseal              seals and encrypts anew what another key did, or none; may be stopped and run again',
    'p2p repair              mends what of that can be mended, on restored tables before the service is opened',
    '',
    '--dry-run               says what would be done, and writes nothing',
    '',
    'The environment is that of the server. Exit code 0: done; 1: failed, run it again; 2: wrong use; 3: done, with findings.',
    '',
  ].join('\n');
}
