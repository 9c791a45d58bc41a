/**
 * `npm run bench`: Node CPU per request of the server beside a floor, a bare Fastify route that makes the same DynamoDB calls with no
 * sign-in, validation, audit or logging. Both run in processes of their own over one in-memory DynamoDB Local; runs alternate and the
 * median of 5 is printed as a ratio, since machines are noisy. `npm run bench -- --quick` takes fewer requests, `--only=POST` the cases
 * with that in their names; `--profile` leaves a CPU profile of each process in the folder it runs in.
 */
import { startDynamoDbLocal } from '../src/local/dynamodb-local.ts';
import { createDynamoClient } from '../src/shared/dynamo/client.ts';
import { createTables } from '../src/shared/dynamo/create-tables.ts';
import { type Case, prepareCases } from './cases.ts';
import { type Child, startChild } from './child.ts';
import { drive } from './drive.ts';
import { sealCosts } from './seals.ts';

const RUNS = 5;
const TURNS = 8;
const TARGET = 1.35;
const quick = process.argv.includes('--quick');
const only = process.argv.find((argument) => argument.startsWith('--only='))?.slice('--only='.length) ?? '';

interface Result {
  readonly name: string;
  readonly calls: string;
  readonly server: number;
  readonly floor: number;
  readonly held: boolean;
}

const dynamodb = await startDynamoDbLocal({});
try {
  const { endpoint, region, credentials } = dynamodb;
  const client = createDynamoClient({ endpoint, region, credentials });
  await createTables(client, 'bench_');
  client.destroy();
  const flags = process.argv.includes('--profile') ? ['--cpu-prof'] : [];
  const [server, floor] = await Promise.all([
    startChild('server', { endpoint, credentials }, flags),
    startChild('floor', { endpoint, credentials }, flags),
  ]);
  const results: Result[] = [];
  const cases = (await prepareCases(server, floor)).filter(({ name }) => name.includes(only));
  // All first, so that none is measured by code that is not compiled yet.
  for (const one of cases)
    for (const { child, request } of sidesOf(one, server, floor)) await drive(child.url, request, requestsOf(one));
  for (const one of cases) {
    const result = await measure(one, server, floor);
    results.push(result);
    process.stderr.write(`${one.name}: ${(result.server / result.floor).toFixed(2)}\n`);
  }
  print(results);
  server.stop();
  floor.stop();
} finally {
  await dynamodb.stop();
}

function requestsOf({ weight }: Case): number {
  return Math.max(20, Math.round((quick ? 80 : 1200) / weight));
}

function sidesOf(one: Case, server: Child, floor: Child) {
  return [
    { child: server, request: one.server, costs: [] as number[] },
    { child: floor, request: one.floor, costs: [] as number[] },
  ];
}

async function measure(one: Case, server: Child, floor: Child): Promise<Result> {
  const requests = requestsOf(one);
  const sides = sidesOf(one, server, floor);
  for (const { child, request } of sides) await drive(child.url, request, requests);
  for (let run = 0; run < RUNS; run += 1) {
    const spent = sides.map(() => 0);
    // In short turns, so that what else the machine does falls on both alike.
    for (let turn = 0; turn < TURNS; turn += 1)
      for (const [index, { child, request }] of sides.entries()) {
        const before = await child.cpu();
        await drive(child.url, request, Math.ceil(requests / TURNS));
        spent[index] = (spent[index] ?? 0) + (await child.cpu()) - before;
      }
    for (const [index, { costs }] of sides.entries())
      costs.push((spent[index] ?? 0) / (Math.ceil(requests / TURNS) * TURNS));
  }
  const [ours = [], bare = []] = sides.map(({ costs }) => costs);
  return { name: one.name, calls: one.calls, server: median(ours), floor: median(bare), held: one.held };
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

function print(results: readonly Result[]): void {
  const rows = [
    ['request', 'DynamoDB calls', 'CPU us', 'floor us', 'ratio', `<= ${TARGET}`],
    ...results.map(({ name, calls, server: ours, floor: bare, held }) => {
      const ratio = ours / bare;
      const verdict = held ? (ratio <= TARGET ? 'yes' : 'NO') : 'reported';
      return [name, calls, ours.toFixed(0), bare.toFixed(0), ratio.toFixed(2), verdict];
    }),
  ];
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  for (const row of rows)
    console.log(
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    );
  console.log(
    `\nNode ${process.version}, median of ${RUNS} runs in turn, the embedded store's commit barrier left out.`,
  );
  console.log(`\nSeals, within the above:\n${sealCosts().join('\n')}`);
}
