/**
 * `npm run bench:recovery`: how long a backup, its restore into a new prefix and the verification of that take for so many items, on
 * DynamoDB Local and a folder. `-- --orders=10000` makes more of them. The rate per item is what a runbook can argue with: AWS answers
 * no slower, and its tables take more at once.
 */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDependencies, type Infrastructure } from '../src/dependencies.ts';
import { backup } from '../src/jobs/backup.ts';
import { type JobContext, jobCommand, type Outcome } from '../src/jobs/job.ts';
import { createReporter } from '../src/jobs/report.ts';
import { restore } from '../src/jobs/restore.ts';
import { verify } from '../src/jobs/verification/verify.ts';
import { startDynamoDbLocal } from '../src/local/dynamodb-local.ts';
import { createVault } from '../src/shared/crypto.ts';
import { createDocumentClient } from '../src/shared/dynamo/client.ts';
import { createTables } from '../src/shared/dynamo/create-tables.ts';
import { tableNames } from '../src/shared/dynamo/tables.ts';
import { folderStorage } from '../src/shared/storage/folder-storage.ts';

const orders = Number(
  process.argv.find((argument) => argument.startsWith('--orders='))?.slice('--orders='.length) ?? 3000,
);
const AT_ONCE = 8;
const folder = mkdtempSync(join(tmpdir(), 'p2p-recovery-'));
const dynamodb = await startDynamoDbLocal({});
try {
  const client = createDocumentClient({ ...dynamodb, region: 'local' });
  const secret = randomBytes(32).toString('base64');
  const bucket = (name: string) => folderStorage({ root: folder, bucket: name, baseUrl: () => '', secret });
  await createTables(client, 'bench_');
  const infrastructure: Infrastructure = {
    client,
    tableNames: tableNames('bench_'),
    vault: createVault(secret),
    storage: { payments: bucket('payments'), documents: bucket('documents'), backups: bucket('backups') },
    coolingHours: 0,
    secondAdmin: false,
    mail: { send: async () => undefined },
    showLinks: true,
  };
  const context = contextOf(infrastructure);
  const rows = [['step', 'seconds', 'items a second', 'said']];
  const timed = async (name: string, run: () => Promise<Outcome>): Promise<Outcome> => {
    const began = performance.now();
    const outcome = await run();
    const seconds = (performance.now() - began) / 1000;
    const items = Number(outcome.facts['items'] ?? rows.length);
    rows.push([name, seconds.toFixed(1), (items / seconds).toFixed(0), outcome.sentence]);
    return outcome;
  };
  await fill(context);
  const { facts } = await timed('backup', () => backup.run(context));
  const items = Number(facts['items']);
  await timed('restore', () => restore(context, { from: String(facts['backup']), prefix: 'restored_' }));
  const restored = contextOf({ ...infrastructure, tableNames: tableNames('restored_') });
  await timed('verify', async () => {
    const outcome = await verify(restored);
    return { ...outcome, facts: { ...outcome.facts, items } };
  });
  for (const [step = '', seconds = '', rate = '', said = ''] of rows)
    console.log(`${step.padEnd(8)}  ${seconds.padStart(8)}  ${rate.padStart(14)}  ${said}`);
  client.destroy();
} finally {
  await dynamodb.stop();
  rmSync(folder, { recursive: true, force: true });
}

function contextOf(infrastructure: Infrastructure): JobContext {
  const now = () => new Date();
  return {
    infrastructure,
    dependencies: createDependencies(infrastructure),
    now,
    dryRun: false,
    report: createReporter({ command: 'bench', namespace: 'bench', output: { write: () => undefined }, now }),
    signal: new AbortController().signal,
  };
}

/** Orders of three lines: each an entity, its event and its claim. */
async function fill(context: JobContext): Promise<void> {
  const { vendors, purchaseOrders } = context.dependencies;
  const vendor = await vendors.create(jobCommand(context, 'bench'), {
    name: 'Bench Paper',
    email: 'billing@vendor.example',
    payment_terms: 'NET 30',
    currency: 'EUR',
  });
  const command = jobCommand(context, 'bench');
  const another = { ...command, actor: { ...command.actor, id: 'another' } };
  await vendors.act(another, vendor.id, 'approve', undefined);
  const line = { quantity: '100', unit: 'EA', unit_price: '2.50', tax_rate: '21' };
  const line_items = Array.from({ length: 3 }, (_, n) => ({ description: `Copier paper, box ${n}`, ...line }));
  let left = orders;
  const work = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      await purchaseOrders.create(jobCommand(context, 'bench'), { vendor_id: vendor.id, currency: 'EUR', line_items });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
}
