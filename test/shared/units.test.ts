import t from 'tap';
import { sameUnit, unitCode } from '../../src/shared/units.ts';

t.test('one unit has many names', async (t) => {
  for (const name of ['EA', 'ea', ' H87 ', 'C62', 'PCE', 'Stk.', 'ST', 'NMB', 'pc', 'Stück', 'ＥＡ'])
    t.equal(unitCode(name), 'H87', name);
  for (const [one, other] of [
    ['KGM', 'kg'],
    ['LTR', 'l'],
    ['MTR', 'm'],
    ['HUR', 'h'],
    ['DAY', 'days'],
    ['MON', 'Month'],
  ] as const)
    t.ok(sameUnit(one, other), `${one} ${other}`);
});

t.test('other units stay what they are, and apart', async (t) => {
  t.equal(unitCode('reel of  50 m'), 'REEL OF 50 M');
  t.ok(sameUnit('Reel', 'REEL'));
  for (const [one, other] of [
    ['EA', 'KGM'],
    ['MTR', 'MTK'],
    ['MTR', 'MMT'],
    ['EA', 'PR'],
    ['EA', 'SET'],
    ['EA', 'BOX'],
    ['MIN', 'MON'],
  ] as const)
    t.notOk(sameUnit(one, other), `${one} ${other}`);
});
