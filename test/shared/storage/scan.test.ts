import { Readable } from 'node:stream';
import t from 'tap';
import { commandScan, tagScan } from '../../../src/shared/storage/scan.ts';
import type { StoredObject } from '../../../src/shared/storage/storage.ts';

const holding = (text: string) => ({
  get: async (key: string): Promise<StoredObject | undefined> =>
    key === 'there' ? { body: Readable.from([Buffer.from(text)]), size: text.length, content_type: 'x' } : undefined,
});
/** A scanner of its own: it finds the word "bad", as ClamAV would say it. */
const SCRIPT = 'test/support/scanner';

t.test('the end of a command is its verdict', async (t) => {
  const verdict = (text: string, key = 'there') => commandScan(holding(text), SCRIPT)?.(key);
  t.same(await verdict('good'), { kind: 'clean' });
  t.same(await verdict('bad'), { kind: 'infected', found: 'Test.Word' });
  t.same(await verdict('nameless'), { kind: 'infected', found: 'unnamed' });
  t.same(await verdict('x'.repeat(3_000_000)), { kind: 'clean' }, 'more than it reads');
  t.same(await verdict('bad', 'elsewhere'), { kind: 'pending' });
  t.equal(commandScan(holding('bad'), undefined), undefined);
});

t.test('a scanner that fails, or is not there, lets nothing pass', async (t) => {
  const failed = { kind: 'unavailable', code: 'document.scan-unavailable', retryAfter: 30 };
  await t.rejects(async () => commandScan(holding('fail'), SCRIPT)?.('there'), failed);
  await t.rejects(async () => commandScan(holding('good'), 'no-such-scanner --at all')?.('there'), failed);
});

t.test('a tag tells what GuardDuty found, and anything but no threat is one', async (t) => {
  const scan = tagScan(async (key) => (key === 'new' ? undefined : key));
  t.same(await scan('new'), { kind: 'pending' });
  t.same(await scan('NO_THREATS_FOUND'), { kind: 'clean' });
  for (const status of ['THREATS_FOUND', 'UNSUPPORTED', 'ACCESS_DENIED', 'FAILED'])
    t.same(await scan(status), { kind: 'infected', found: status });
});
