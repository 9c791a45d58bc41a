import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import t from 'tap';
import { collectedLog, loggerOptions } from '../../src/shared/logging.ts';

t.test('a line of the log is JSON with a level in words, and holds no secret nor bank detail', (t) => {
  const lines: string[] = [];
  const log = pino(loggerOptions('info'), { write: (line: string) => void lines.push(line) });
  const secret = 'NL91ABNA0417164300';
  log.info({ iban: secret, body: { password: secret, account: { account_number: secret } }, id: 'ven_1' }, 'kept');
  log.info({ req: { id: 'r1', method: 'GET', url: `/vendors?cursor=${secret}` } }, 'asked');
  log.info({ req: { id: 'r2', method: 'GET' } }, 'asked');
  log.debug('not at this level');
  t.equal(lines.length, 3);
  t.notMatch(lines.join(), new RegExp(secret));
  const [first, second] = lines.map((line) => JSON.parse(line));
  t.match(first, { level: 'info', msg: 'kept', iban: '[redacted]', id: 'ven_1', time: /^\d{4}-.*Z$/ });
  t.same(second.req, { id: 'r1', method: 'GET', path: '/vendors' });
  t.end();
});

t.test('lines are collected, and written before long though few come', async (t) => {
  const file = join(t.testdir(), 'log');
  const destination = collectedLog(file);
  t.teardown(() => destination.destroy());
  const written = () => readFileSync(file, 'utf8');
  await new Promise((resolve) => destination.once('ready', resolve));
  pino(loggerOptions('info'), destination).info('one line');
  t.equal(written(), '');
  for (let waited = 0; waited < 5000 && written() === ''; waited += 50) await sleep(50);
  t.match(JSON.parse(written()), { msg: 'one line' });
});
