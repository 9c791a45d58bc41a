import t from 'tap';
import { keptCopy } from '../../../src/modules/oidc/kept-copy.ts';

function copyOf(load: () => Promise<number>) {
  const clock = { at: 0 };
  return { clock, copy: keptCopy({ load, now: () => clock.at, freshMs: 100, keptMs: 1000, cooldownMs: 10 }) };
}

t.test('a copy is used while it is fresh, and asked for once whoever asks meanwhile', async (t) => {
  let loads = 0;
  const { clock, copy } = copyOf(async () => {
    loads += 1;
    return loads;
  });
  t.same(await Promise.all([copy.get(), copy.get(), copy.renewed()]), [1, 1, 1]);
  clock.at = 99;
  t.equal(await copy.get(), 1);
  clock.at = 100;
  t.same(await Promise.all([copy.get(), copy.get()]), [2, 2]);
});

t.test('another copy is asked for no more often than the cooldown allows', async (t) => {
  let loads = 0;
  const { clock, copy } = copyOf(async () => {
    loads += 1;
    return loads;
  });
  await copy.get();
  t.equal(await copy.renewed(), 1);
  clock.at = 10;
  t.equal(await copy.renewed(), 2);
  clock.at = 19;
  t.equal(await copy.renewed(), 2);
});

t.test(
  'while no other can be had the last copy is used, up to its time, and failures have their cooldown too',
  async (t) => {
    let loads = 0;
    let fails = true;
    const { clock, copy } = copyOf(async () => {
      loads += 1;
      if (fails) throw new Error(`failure ${loads}`);
      return loads;
    });
    await t.rejects(copy.get(), { cause: { message: 'failure 1' } });
    await t.rejects(copy.get(), { cause: { message: 'failure 1' } });
    t.equal(loads, 1);
    fails = false;
    clock.at = 10;
    t.equal(await copy.get(), 2);
    fails = true;
    for (const at of [200, 1009]) {
      clock.at = at;
      t.equal(await copy.get(), 2);
    }
    clock.at = 1020;
    await t.rejects(copy.get(), { cause: { message: 'failure 5' } });
  },
);
