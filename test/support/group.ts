/** Test files in one process: to start one costs more than most of them take to run. Each still runs alone by its path. */
import { readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import t from 'tap';

/** Folders whose test files may share a process: none of them starts, kills or reconfigures one. */
const SHARING = ['test/jobs', 'test/modules', 'test/plugins', 'test/shared'];
/** Of these folders, those that run a command as its own process: package.json names them. */
const ALONE = ['test/jobs/command-line.test.ts', 'test/jobs/setup.test.ts'];

/** Every file of the shared folders, sorted. */
export const groupedFiles = (): readonly string[] =>
  SHARING.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((file) => `${folder}/${file}`),
  )
    .filter((file) => file.endsWith('.test.ts') && !ALONE.includes(file))
    .sort();

export const isJobs = (file: string): boolean => file.startsWith('test/jobs/');

/** Files that run over a whole server. */
export const isRoutes = (file: string): boolean => file.endsWith('.routes.test.ts');

/** Runs files one after the other, each under a line with its name, and closes what one opened before the next. */
export async function runGroup(files: readonly string[]): Promise<void> {
  if (files.length === 0) throw new Error('a group of tests without a file');
  let closing: (() => unknown)[] = [];
  // The root test's own teardown would wait for the last file, and end the root as soon as it idles between two.
  t.teardown = (close: () => unknown) => void closing.push(close);
  for (const file of files) {
    await import(pathToFileURL(resolve(file)).href);
    // Tests of one file run in turn: this one, being last, ends when they have.
    await t.test(file, async (t) => t.pass('has run'));
    for (const close of closing.reverse()) await close();
    closing = [];
  }
}
