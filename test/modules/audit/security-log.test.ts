import t from 'tap';
import { createSecurityLog, type SecurityFacts } from '../../../src/modules/audit/index.ts';

/** The store is out of reach: what is recorded then is lost, and told. */
const lost = () => {
  const written: SecurityFacts[] = [];
  const log = createSecurityLog({
    async put(facts) {
      written.push(facts);
      throw new Error('out of reach');
    },
    list: async () => ({ data: [], next_cursor: null }),
  });
  return { log, written };
};

t.test('an entry that cannot be written fails nobody and is told', async (t) => {
  const { log } = lost();
  const warnings: string[] = [];
  const listen = (warning: Error) => void warnings.push(warning.message);
  process.on('warning', listen);
  t.teardown(() => void process.off('warning', listen));
  log.record({ kind: 'signed_in', actor_id: 'usr_1' });
  await log.drain();
  await new Promise(setImmediate);
  t.match(warnings.join(), /entry of the security log is lost: Error: out of reach/);
  const told: SecurityFacts[] = [];
  log.reportTo((_error, facts) => void told.push(facts));
  log.record({ kind: 'signed_out', actor_id: 'usr_1' });
  await log.drain();
  t.match(told, [{ kind: 'signed_out' }]);
});

t.test('what a stranger repeats is kept once, and what is remembered of strangers is bounded', async (t) => {
  const { log, written } = lost();
  log.reportTo(() => undefined);
  const refused = (ip: string) => log.recordOnce({ kind: 'token_refused', ip, detail: 'auth.invalid' });
  for (let n = 0; n < 5; n += 1) refused('192.0.2.1');
  refused('192.0.2.2');
  t.equal(written.length, 2);
  for (let n = 0; n < 10_000; n += 1) refused(`stranger ${n}`);
  refused('192.0.2.1');
  t.equal(written.length, 2 + 10_000 + 1, 'remembered again after so many');
  await log.drain();
});
