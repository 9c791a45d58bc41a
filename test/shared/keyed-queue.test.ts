import t from 'tap';
import { createKeyedQueue } from '../../src/shared/keyed-queue.ts';

const gate = () => {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
};

t.test('under one key one runs after another, in the order they came, also after a failure', async (t) => {
  const queue = createKeyedQueue();
  const told: string[] = [];
  const first = gate();
  const run = (name: string, waits: Promise<void>) =>
    queue.inTurn('order', async () => {
      told.push(`${name} begins`);
      await waits;
      told.push(`${name} ends`);
      return name;
    });
  const one = run('one', first.opened);
  const failing = queue.inTurn('order', async () => {
    told.push('two fails');
    throw new Error('two');
  });
  const three = run('three', Promise.resolve());
  const other = await queue.inTurn('another', async () => 'at once');
  t.equal(other, 'at once');
  t.same(told, ['one begins']);
  first.open();
  await t.rejects(failing, { message: 'two' });
  t.same(await Promise.all([one, three]), ['one', 'three']);
  t.same(told, ['one begins', 'one ends', 'two fails', 'three begins', 'three ends']);
});
