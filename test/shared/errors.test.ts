import t from 'tap';
import { conflictError, DomainError, notFound, refusalOf, refuseIfAny } from '../../src/shared/errors.ts';

t.test('a check that passes refuses nothing, one that refuses is collected, and a defect is thrown on', async (t) => {
  const refused = conflictError('invoice.wrong-status', 'It is paid.');
  t.equal(
    refusalOf(() => undefined),
    undefined,
  );
  t.equal(
    refusalOf(() => {
      throw refused;
    }),
    refused,
  );
  t.throws(
    () =>
      refusalOf(() => {
        throw new RangeError('defect');
      }),
    RangeError,
  );
});

t.test('findings refuse with all of them, and none of them refuses nothing', async (t) => {
  const errors = [{ pointer: '/currency', detail: 'is not a currency' }];
  t.match(
    refusalOf(() => refuseIfAny('vendor.invalid', 'No.', errors)),
    { kind: 'rule', errors },
  );
  t.equal(
    refusalOf(() => refuseIfAny('vendor.invalid', 'No.', [])),
    undefined,
  );
  const cause = new Error('reset');
  t.equal(new DomainError('unavailable', 'store.busy', 'Busy.', { cause }).cause, cause);
  t.match(notFound('purchase_order', 'po_1'), { kind: 'not_found', message: /purchase order with id po_1/ });
});
