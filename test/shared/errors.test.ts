import t from 'tap';
import { conflictError, DomainError, notFound, refusalOf, refuseIfAny, requireNamed } from '../../src/shared/errors.ts';

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

t.test('what a body names and is not there is the body’s fault, and everything else is thrown on', async (t) => {
  t.equal(await requireNamed(Promise.resolve(7), 'payment.unknown-invoice', '/invoice_id'), 7);
  await t.rejects(
    requireNamed(Promise.reject(notFound('invoice', 'inv_1')), 'payment.unknown-invoice', '/invoice_id'),
    {
      kind: 'rule',
      code: 'payment.unknown-invoice',
      message: 'There is no invoice with id inv_1.',
      errors: [{ pointer: '/invoice_id', detail: 'names nothing' }],
    },
  );
  const conflict = conflictError('invoice.wrong-status', 'It is paid.');
  for (const other of [conflict, new RangeError('defect')])
    await t.rejects(requireNamed(Promise.reject(other), 'payment.unknown-invoice', '/invoice_id'), other);
});
