#!/usr/bin/env node
/** The process of the command line: what a terminal or a scheduler gave, and the exit code. */
import { readFileSync } from 'node:fs';
import { readConfig, withoutSdkAdvice } from './config.ts';
import { runCommandLine } from './jobs/command-line.ts';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

withoutSdkAdvice(process.env);
const stop = new AbortController();
for (const signal of ['SIGTERM', 'SIGINT'] as const)
  process.on(signal, () => {
    if (stop.signal.aborted) process.exit(1);
    stop.abort();
  });

process.exitCode = await runCommandLine({
  args: process.argv.slice(2),
  config: () => readConfig(process.env),
  stdout: process.stdout,
  stderr: process.stderr,
  signal: stop.signal,
  version,
});
