/**
 * `npm run bench:e-invoices`: CPU and peak memory of reading and checking a UBL invoice of 1,000 lines, beside a plain parse of the same
 * bytes by the same library as the floor. Each runs in a process of its own, so that the peak is its own; the median of its warm runs counts.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { XMLParser } from 'fast-xml-parser';
import { readEInvoice } from '../src/modules/e-invoices/formats/e-invoice.ts';
import { checkEInvoice } from '../src/modules/e-invoices/formats/rules/en16931.ts';
import { ublInvoice } from '../test/support/e-invoices.ts';

const LINES = 1000;
const RUNS = 15;
const TARGET_MS = 150;

const WORK: Readonly<Record<string, (bytes: Buffer) => unknown>> = {
  floor: (bytes) => new XMLParser({ preserveOrder: true, ignoreAttributes: false }).parse(bytes.toString(), true),
  ours: (bytes) => checkEInvoice(readEInvoice(bytes)),
};

const [, , part] = process.argv;
const work = part === undefined ? undefined : WORK[part];
if (work === undefined) compareParts();
else console.log(JSON.stringify(measure(work)));

interface Measured {
  readonly ms: number;
  readonly peakMb: number;
}

/** The complete example with its second line so often that it has 1,000. */
function invoice(): Buffer {
  const xml = ublInvoice();
  const [line = ''] = /<cac:InvoiceLine><cbc:ID>2.*<\/cac:InvoiceLine>/.exec(xml) ?? [];
  return Buffer.from(xml.replace(line, line.repeat(LINES - 1)));
}

function measure(run: (bytes: Buffer) => unknown): Measured {
  const bytes = invoice();
  const costs = Array.from({ length: RUNS }, () => {
    const before = process.cpuUsage();
    run(bytes);
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  });
  const warm = costs.slice(5).sort((a, b) => a - b);
  return { ms: warm[Math.floor(warm.length / 2)] ?? 0, peakMb: process.resourceUsage().maxRSS / 1024 };
}

function compareParts(): void {
  const [floor, ours] = ['floor', 'ours'].map(measured);
  console.log(`UBL, ${LINES} lines, ${(invoice().length / 1024).toFixed(0)} KB   CPU ms   peak RSS MB`);
  for (const [name, result] of Object.entries({ 'plain parse (floor)': floor, 'read and check': ours }))
    console.log(`${name.padEnd(28)}${result?.ms.toFixed(0).padStart(9)}${result?.peakMb.toFixed(0).padStart(14)}`);
  console.log(`at most ${TARGET_MS} ms: ${(ours?.ms ?? Infinity) <= TARGET_MS ? 'yes' : 'NO'}`);
}

function measured(name: string): Measured {
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    [...process.execArgv, fileURLToPath(import.meta.url), name],
    { encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`${name} failed: ${stderr}`);
  return JSON.parse(stdout) as Measured;
}
