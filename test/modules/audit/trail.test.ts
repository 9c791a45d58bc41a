import t from 'tap';
import { entityOf, isIdOf, verdictOn } from '../../../src/modules/audit/trail.ts';
import { newId } from '../../../src/shared/ids.ts';

t.test('an item is of the kind that its table and its id say', (t) => {
  const [order, debtor] = [newId('purchase_order'), newId('debtor_account')];
  const cases = [
    [order, 'purchase_orders', 'purchase_order'],
    [order, undefined, 'purchase_order'],
    [order, 'invoices', undefined],
    [`${order}#counters`, 'purchase_orders', undefined],
    [debtor, 'settings', 'debtor_account'],
    ['company', 'settings', 'settings'],
    ['writing_region', 'settings', 'settings'],
    ['recovery#restoring', 'settings', undefined],
  ] as const;
  for (const [id, table, entity] of cases) t.equal(entityOf(id, table), entity, `${id} in ${table}`);
  t.equal(isIdOf({ entity: 'settings', entity_id: debtor }), false, 'an id is no name of a setting');
  t.end();
});

t.test('a chain whose entity is not what this system wrote is broken at its end', (t) => {
  const verdict = verdictOn({ entity: 'vendor', entity_id: 'ven_1' }, [], {
    exists: true,
    head: undefined,
    broken: true,
  });
  t.match(verdict, { valid: false, first_broken: { seq: 1, reason: /not what this system wrote/ } });
  t.end();
});
