import t from 'tap';
import { barredFrom, everyoneIn, withKeyMakers } from '../../../src/shared/decisions/history.ts';
import { keyHandsAfter, refuseKeyMaker } from '../../../src/shared/decisions/key-hands.ts';
import { refusalOf } from '../../../src/shared/errors.ts';

const key = { id: 'owner', key_maker: 'maker' };
const pair = { by: 'owner', made_by: 'maker' };

t.test('an object keeps each pair of owner and maker once, and only for a key that another made', async (t) => {
  t.same(keyHandsAfter(undefined, { id: 'owner' }), {});
  t.same(keyHandsAfter(undefined, key), { key_hands: [pair] });
  t.same(keyHandsAfter({}, key), { key_hands: [pair] });
  t.same(keyHandsAfter({ key_hands: [pair] }, key), { key_hands: [pair] });
  t.same(keyHandsAfter({ key_hands: [pair] }, { id: 'owner' }), { key_hands: [pair] }, 'it is never forgotten');
  const other = { by: 'other', made_by: 'maker' };
  t.same(keyHandsAfter({ key_hands: [pair] }, { id: 'other', key_maker: 'maker' }), { key_hands: [pair, other] });
});

t.test('the maker is barred by what the owner did, and by nothing that another did', async (t) => {
  const payment = { created_by: 'owner', key_hands: [pair] };
  t.same([...barredFrom('approve_payment', payment)].sort(), ['maker', 'owner']);
  t.same([...barredFrom('approve_payment', { ...payment, created_by: 'somebody' })], ['somebody']);
  t.same(withKeyMakers(payment, ['owner', null, undefined]), ['owner', 'maker']);
  t.same(withKeyMakers({}, ['owner']), ['owner'], 'an object from before it was kept');
});

t.test('a key decides nothing that its maker had a hand in, and does its other work', async (t) => {
  const CASES: readonly (readonly [object, string, boolean])[] = [
    [{ created_by: 'maker' }, 'approve', true],
    [{ created_by: 'maker' }, 'updated', false],
    [{ created_by: 'other' }, 'approve', false],
    [{ created_by: 'other', closed_by: 'maker' }, 'reopen', true],
    [{ created_by: 'other', bank_answers: [{ recorded_by: 'maker' }] }, 'correct', true],
    [{ created_by: 'other', proposed: { proposed_by: 'maker' } }, 'approve', true],
    [{ created_by: 'other', proposed: { proposed_by: 'x', also_proposed_by: ['maker'] } }, 'approve', true],
    [{ created_by: 'maker', cancellation: { requested_by: 'maker' } }, 'cancel', true],
    [{ created_by: 'maker', cancellation: null }, 'cancel', false],
    [{ created_by: 'maker' }, 'cancel', false],
  ];
  for (const [before, action, barred] of CASES)
    t.equal(
      refusalOf(() => refuseKeyMaker('payment', key, before, action))?.code,
      barred ? 'payment.segregation-of-duties' : undefined,
      `${action} of ${JSON.stringify(before)}`,
    );
  t.equal(
    refusalOf(() => refuseKeyMaker('payment', { id: 'owner' }, { created_by: 'maker' }, 'approve')),
    undefined,
  );
  t.same([...everyoneIn({ created_by: 'a', proposed: null })], ['a']);
});
