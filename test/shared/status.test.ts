import t from 'tap';
import { requireStatus } from '../../src/shared/decisions/status.ts';
import { refusalOf } from '../../src/shared/errors.ts';

t.test('a refusal names the action, the status and where the action is allowed from', async (t) => {
  const hold = { action: 'hold', from: ['active', 'payment_hold'] };
  t.doesNotThrow(() => requireStatus('vendor', 'active', hold));
  t.match(
    refusalOf(() => requireStatus('vendor', 'pending', hold)),
    {
      code: 'vendor.wrong-status',
      message: 'Cannot hold a vendor that is pending; allowed from: active, payment hold.',
    },
  );
  const freed = { action: 'free-number', from: ['rejected'], advice: 'Reject it first.' };
  t.match(
    refusalOf(() => requireStatus('invoice', 'pending_approval', freed)),
    {
      message: 'Cannot free number an invoice that is pending approval; allowed from: rejected. Reject it first.',
    },
  );
});
