import t from 'tap';
import {
  approvedConversions,
  changedConversions,
  noConversions,
  rejectedConversions,
} from '../../../src/modules/settings/unit-conversions.ts';
import { refusalOf } from '../../../src/shared/errors.ts';

const now = new Date('2026-06-02T09:00:00Z');
const by = (actorId: string, secondAdmin: boolean) => ({ actorId, now, secondAdmin });
const box = { from_unit: 'BX', to_unit: 'EA', factor: '12.0' };
const list = noConversions('admin');

t.test('where no second admin is asked for, a change takes effect at once', async (t) => {
  t.match(changedConversions(list, { conversions: [box] }, by('admin', false)), {
    conversions: [{ ...box, factor: '12' }],
    proposed: null,
  });
});

t.test('a proposal is approved by another admin, or rejected and gone', async (t) => {
  const proposed = changedConversions(list, { conversions: [box] }, by('admin', true));
  t.strictSame(proposed.conversions, [], 'not before it is approved');
  t.match(
    refusalOf(() => approvedConversions(proposed, 'admin')),
    { kind: 'forbidden' },
  );
  t.match(approvedConversions(proposed, 'second'), { conversions: [{ factor: '12' }], proposed: null });
  t.match(rejectedConversions(proposed), { conversions: [], proposed: null });
});

t.test('nothing is approved or rejected where no change is pending', async (t) => {
  for (const decide of [approvedConversions, rejectedConversions])
    t.match(
      refusalOf(() => decide(list, 'second')),
      { kind: 'conflict', code: 'settings.nothing-proposed' },
    );
});

t.test('all that is wrong with a list is told at once', async (t) => {
  const conversions = [
    { ...box, factor: '0' },
    { from_unit: 'EA', to_unit: 'BX', factor: '1' },
    { from_unit: 'EA', to_unit: 'PCE', factor: '1' },
    { ...box, sku: 'INK' },
    { ...box, vendor_id: 'ven_1' },
  ];
  const refused = refusalOf(() => changedConversions(list, { conversions }, by('admin', false)));
  t.strictSame(
    refused?.errors.map(({ pointer }) => pointer),
    ['/conversions/0/factor', '/conversions/1', '/conversions/2/to_unit'],
  );
});
