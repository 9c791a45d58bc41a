/** What the documents tell people to type must be there. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import t from 'tap';
import { readConfig } from '../src/config.ts';
import { EXIT, runCommandLine } from '../src/jobs/command-line.ts';
import { JOBS } from '../src/jobs/index.ts';

const FILES = ['README.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'infra/README.md', ...markdownUnder('docs')];

function markdownUnder(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md'))
    .map((file) => join(folder, file));
}

async function help(): Promise<string> {
  let text = '';
  const code = await runCommandLine({
    args: ['help'],
    config: () => readConfig({}),
    stdout: { write: (part: string) => (text += part) },
    stderr: { write: () => undefined },
    signal: new AbortController().signal,
    version: '0.0.0',
  });
  t.equal(code, EXIT.ok);
  return text;
}

t.test('every command that a document names is one that help tells of', async (t) => {
  const commands = new Set([...(await help()).matchAll(/^p2p ([a-z-]+)/gm)].map(([, name]) => name));
  t.ok(commands.size > 5);
  let named = 0;
  for (const file of FILES)
    for (const [, command = '', job = ''] of readFileSync(file, 'utf8').matchAll(
      /`[^`\n]*\b(?:p2p|cli\.js) ([a-z][a-z-]+)(?: ([a-z][a-z-]+))?/g,
    )) {
      named += 1;
      t.ok(command === 'help' || commands.has(command), `${file}: p2p ${command}`);
      if (command === 'job' && job !== '') t.ok(Object.hasOwn(JOBS, job), `${file}: p2p job ${job}`);
    }
  t.ok(named > 15, 'commands were found');
});

t.test('every file that a document links to, and every step of a runbook it names, exists', async (t) => {
  for (const file of FILES) {
    const text = readFileSync(file, 'utf8');
    for (const [, link = ''] of text.matchAll(/\]\((?!http|#)([^)#]+)/g))
      t.doesNotThrow(() => readFileSync(join(dirname(file), link)), `${file}: ${link}`);
    for (const [, runbook = '', from, to] of text.matchAll(/([a-z-]+\.md), steps? (\d+)(?: to (\d+))?/g)) {
      const steps = readFileSync(join('docs/runbooks', runbook), 'utf8');
      for (const step of [from, to ?? from])
        t.match(steps, new RegExp(`^${step}\\. `, 'm'), `${file}: ${runbook}, ${step}`);
    }
  }
});

t.test('the README names every job, and nothing as one that is none', async (t) => {
  const [, list = ''] = /`p2p job NAME` +\|[^:|]*: ([^|]+)\|/.exec(readFileSync('README.md', 'utf8')) ?? [];
  t.strictSame([...list.matchAll(/`([a-z-]+)`/g)].map(([, name]) => name).sort(), Object.keys(JOBS).sort());
});

t.test('every record of a decision is in the list of them', async (t) => {
  const list = readFileSync('docs/adr/README.md', 'utf8');
  for (const file of readdirSync('docs/adr')) if (file !== 'README.md') t.match(list, `(${file})`, file);
});

t.test('every rule that code or a document cites has its heading', async (t) => {
  const headings = new Map<string, ReadonlySet<string>>();
  const anchorsOf = (file: string): ReadonlySet<string> => {
    const known = headings.get(file);
    if (known !== undefined) return known;
    const found = new Set([...readFileSync(file, 'utf8').matchAll(/^#+ (.+)$/gm)].map(([, text = '']) => anchor(text)));
    headings.set(file, found);
    return found;
  };
  let cited = 0;
  for (const file of [...FILES, ...sources()]) {
    const text = readFileSync(file, 'utf8');
    t.notMatch(text, /(?<![\w/])(?:api|rules)\.md, [A-Z]/, `${file} cites a rule by its anchor`);
    for (const [, page = '', name = ''] of text.matchAll(/\b((?:docs\/)?(?:rules|contract|glossary)\.md)#([\w-]+)/g)) {
      cited += 1;
      const from = page.startsWith('docs/') ? page : join('docs', page);
      t.ok(anchorsOf(from).has(name), `${file}: ${page}#${name}`);
    }
  }
  t.ok(cited > 30, 'citations were found');
});

/** As GitHub makes it of a heading. */
const anchor = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\w\- ]/g, '')
    .replaceAll(' ', '-');

const sources = (): string[] =>
  ['src', 'test', 'scripts'].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && !file.endsWith('docs.test.ts'))
      .map((file) => join(folder, file)),
  );
