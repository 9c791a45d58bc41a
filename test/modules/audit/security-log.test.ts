import t from 'tap';
import { createLogBook, createSecurityLog, type SecurityFacts } from '../../../src/modules/audit/index.ts';
import type { LogLink } from '../../../src/modules/audit/log-book.ts';
import { createLogChain, logHash } from '../../../src/modules/audit/log-chain.ts';

/** The store is out of reach: what is recorded then is lost, and told. */
const lost = () => {
  const written: SecurityFacts[] = [];
  const log = createSecurityLog({
    async put(facts) {
      written.push(facts);
      throw new Error('out of reach');
    },
    list: async () => ({ data: [], next_cursor: null }),
    linksOf: async function* () {},
    allLinks: async function* () {},
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

t.test('the entry after one that was lost names it, and a chain begins anew each day', (t) => {
  const chain = createLogChain('w');
  const at = (day: string) => new Date(`${day}T10:00:00Z`);
  const [one, two] = [1, 2].map(() => chain.next({ kind: 'denied' }, 'evt', at('2026-01-01')));
  if (one === undefined || two === undefined) throw new Error('no entries');
  chain.lost(one);
  chain.lost(two);
  const three = chain.next({ kind: 'denied' }, 'evt', at('2026-01-01'));
  t.same(three.lost, ['2026-01-01#w#1', '2026-01-01#w#2']);
  chain.lost(three);
  const next = chain.next({ kind: 'denied' }, 'evt', at('2026-01-02'));
  t.match(next, { seq: 1, chain: '2026-01-02#w', prev_hash: '0'.repeat(64) });
  t.same(next.lost, ['2026-01-01#w#1', '2026-01-01#w#2', '2026-01-01#w#3']);
  t.equal(chain.next({ kind: 'denied' }, 'evt', at('2026-01-02')).lost, undefined, 'and no other');
  t.equal(next.hash, logHash(next));
  t.end();
});

t.test('entries are checked in the order of their chains, in whichever they come', (t) => {
  const [a, b] = [createLogChain('a'), createLogChain('b')];
  const entries = [a, a, b, a, b, a].map((chain, at) =>
    chain.next({ kind: 'denied', detail: `${at}` }, `evt_${at}`, new Date('2026-01-01T10:00:00Z')),
  );
  const checked = (links: readonly LogLink[]) => {
    const book = createLogBook();
    for (const link of links) book.take(link);
    return [...book.findings(), ...book.missing()].map(({ entity_id, seq, reason }) => `${entity_id} ${seq} ${reason}`);
  };
  const whole = createLogBook();
  for (const link of [...entries].reverse()) whole.take(link);
  t.same([whole.findings(), whole.missing(), whole.entries], [[], [], 6]);
  t.match(whole.heads().get('2026-01-01#a'), { seq: 4, hash: entries[5]?.hash });
  const [first, second, , third] = entries;
  if (first === undefined || second === undefined || third === undefined) throw new Error('no entries');
  t.same(checked([first, third]), ['2026-01-01#a 2 entry 2 is missing']);
  t.same(checked([first, second, second]), ['2026-01-01#a 2 it is there twice']);
  t.same(checked([third, third]), [
    '2026-01-01#a 3 it is there twice',
    ...[1, 2].map((n) => `2026-01-01#a ${n} entry ${n} is missing`),
  ]);
  t.same(checked([first, { ...second, prev_hash: 'f' }]), ['2026-01-01#a 2 it does not follow the entry before it']);
  t.same(checked([{ ...first, broken: 'changed' }]), ['2026-01-01#a 1 changed']);
  const telling = createLogBook();
  telling.take({ ...first, lost: ['2026-01-01#w#9'] });
  t.same([...telling.told], ['2026-01-01#w#9']);
  t.end();
});
