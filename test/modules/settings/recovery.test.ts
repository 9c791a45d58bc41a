import t from 'tap';
import type { Recovery } from '../../../src/modules/settings/recovery.schema.ts';
import {
  nothingRestored,
  opened,
  paymentsHeld,
  readOnly,
  released,
  restored,
} from '../../../src/modules/settings/recovery.ts';

const at = new Date('2026-01-02T03:04:05.000Z');
const begun = restored({ from: 'a backup', by: 'system_jobs', at });
const saved = { ...begun, version: 1, created_at: at.toISOString(), updated_at: at.toISOString() } as Recovery;

t.test('what was restored is read first, opened by one, and pays again when another has released it', async (t) => {
  t.match(begun, { status: 'read_only', restored_at: at.toISOString(), opened_by: null, released_by: null });
  const open = { ...saved, ...opened(saved, 'usr_1') } as Recovery;
  t.match(open, { status: 'payments_held', opened_by: 'usr_1', released_by: null });
  t.match(released(open, 'usr_2'), { status: 'released', opened_by: 'usr_1', released_by: 'usr_2' });
  const refused = { kind: 'conflict', code: 'recovery.wrong-status' };
  t.throws(() => released(saved, 'usr_2'), {
    ...refused,
    message: /read only; release takes one that is payments held/,
  });
  t.throws(() => opened(open, 'usr_1'), { ...refused, message: /payments held; open takes one that is read only/ });
});

t.test('each refusal says what to wait for', async (t) => {
  t.match(nothingRestored(), { kind: 'conflict', message: /nothing to open or release/ });
  t.match(readOnly(), { kind: 'unavailable', code: 'service.read-only', retryAfter: 60 });
  t.match(paymentsHeld(), { kind: 'conflict', code: 'payment_batch.held-after-restore', message: /treasurer/ });
});
