/** Runs a script of the repository with stand-ins for aws, docker and curl, and answers with what it asked them. */
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Each command with its arguments, in order. */
  readonly said: readonly (readonly string[])[];
}
/**
 * What aws prints, by its first two words, which may be followed by more that the call must hold; null for a failure. A list is the
 * answers to one call after another; the last one stays.
 */
export type Answers = Readonly<Record<string, string | null | readonly (string | null)[]>>;

const STAND_IN = `#!/usr/bin/env node
const fs = require('node:fs');
const [name, ...args] = [__filename.split('/').pop(), ...process.argv.slice(2)];
let input = '';
if (args.some((arg) => arg.endsWith('/dev/stdin') || arg === '--password-stdin')) input = fs.readFileSync(0, 'utf8');
fs.appendFileSync(process.env.SAID, JSON.stringify([name, ...args, ...(input && name === 'aws' ? [input] : [])]) + '\\n');
const answers = JSON.parse(fs.readFileSync(process.env.ANSWERS, 'utf8'));
const words = [name, ...args].join(' ');
const keys = Object.keys(answers).filter((key) => key.split(' ').every((word) => words.split(/[ =]/).includes(word)));
const key = keys.sort((a, b) => b.length - a.length)[0];
let answer = key === undefined ? '' : answers[key];
if (Array.isArray(answer)) {
  const [first, ...rest] = answer;
  answer = first;
  if (rest.length > 0) {
    answers[key] = rest;
    fs.writeFileSync(process.env.ANSWERS, JSON.stringify(answers));
  }
}
if (answer === null) process.exit(254);
process.stdout.write(answer + '\\n');
`;

export function ran(script: string, args: readonly string[], answers: Answers = {}, more: NodeJS.ProcessEnv = {}): Ran {
  const folder = mkdtempSync(join(tmpdir(), 'release-'));
  try {
    const said = join(folder, 'said');
    const bin = join(folder, 'bin');
    mkdirSync(bin);
    for (const name of ['aws', 'docker', 'curl']) {
      writeFileSync(join(bin, name), STAND_IN);
      chmodSync(join(bin, name), 0o755);
    }
    writeFileSync(join(folder, 'answers'), JSON.stringify(answers));
    const env = { PATH: `${bin}:${process.env['PATH']}`, SAID: said, ANSWERS: join(folder, 'answers'), ...more };
    const { status, stdout, stderr } = spawnSync(script, args, { encoding: 'utf8', env, input: '' });
    const lines = existsSync(said) ? readFileSync(said, 'utf8').trimEnd().split('\n') : [];
    return { status, stdout, stderr, said: lines.map((line) => JSON.parse(line)) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
