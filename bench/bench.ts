/**
 * `npm run bench`: Node CPU per request of the server beside a floor, a bare Fastify route that makes the same DynamoDB calls with no
 * sign-in, validation, audit or logging. Both run in processes of their own over one in-memory DynamoDB Local; runs alternate and the
 * median of 5 is printed as a ratio, since machines are noisy. `npm run bench -- --quick` takes fewer requests.
 */
import { startDynamoDbLocal } from '../src/local/dynamodb-local.ts';
import { createDynamoClient } from '../src/shared/dynamo/client.ts';
import { createTables } from '../src/shared/dynamo/create-tables.ts';
import { type Case, prepareCases } from './cases.ts';
import { type Child, startChild } from './child.ts';
import { drive } from './drive.ts';

const RUNS = 5;
const TARGET = 1.35;
const quick = process.argv.includes('--quick');

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
  const [server, floor] = await Promise.all([
    startChild('server', { endpoint, credentials }),
    startChild('floor', { endpoint, credentials }),
  ]);
  const results: Result[] = [];
  for (const one of await prepareCases(server, floor)) {
    process.stderr.write(`\r${one.name.padEnd(40)}`);
    results.push(await measure(one, server, floor));
  }
  process.stderr.write('\r');
  print(results);
  server.stop();
  floor.stop();
} finally {
  await dynamodb.stop();
}

async function measure(one: Case, server: Child, floor: Child): Promise<Result> {
  const requests = Math.max(20, Math.round((quick ? 80 : 400) / one.weight));
  const sides = [
    { child: server, request: one.server, costs: [] as number[] },
    { child: floor, request: one.floor, costs: [] as number[] },
  ];
  for (const { child, request } of sides) await drive(child.url, request, requests);
  for (let run = 0; run < RUNS; run += 1)
    for (const { child, request, costs } of sides) {
      const before = await child.cpu();
      await drive(child.url, request, requests);
      costs.push(((await child.cpu()) - before) / requests);
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
}
