import t from 'tap';
import { createLastUse } from '../../../src/modules/api-keys/last-use.service.ts';

t.test('a key is marked once a day, and again after a mark that was lost', async (t) => {
  const written: string[] = [];
  let lost = true;
  const use = createLastUse({
    lastUsedOn: async () => new Map([['key_1', '2026-01-02']]),
    markUsed: async (id, day) => {
      written.push(`${id} ${day}`);
      if (lost) throw new Error('lost');
    },
  });
  const at = (day: string) => new Date(`${day}T10:00:00Z`);
  use.note('key_1', at('2026-01-01'));
  await new Promise(setImmediate);
  lost = false;
  for (const day of ['2026-01-01', '2026-01-01', '2026-01-02']) use.note('key_1', at(day));
  t.same(written, ['key_1 2026-01-01', 'key_1 2026-01-01', 'key_1 2026-01-02']);
  t.same(await use.of([{ id: 'key_1' }, { id: 'key_2' }]), [
    { id: 'key_1', last_used_on: '2026-01-02' },
    { id: 'key_2', last_used_on: null },
  ]);
});
