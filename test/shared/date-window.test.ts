import t from 'tap';
import { documentWindow, outsideWindow, paymentWindow } from '../../src/shared/date-window.ts';

t.test('both ends of a window are inside, and 29 February ends a window of years on the 28th', async (t) => {
  const window = documentWindow('2024-02-29', 2);
  t.strictSame(window, { first: '2000-01-01', last: '2026-02-28' });
  t.strictSame(outsideWindow(window, { '/a': '2000-01-01', '/b': '2026-02-28', '/c': null, '/d': undefined }), []);
  t.strictSame(outsideWindow(window, { '/a': '1999-12-31', '/b': '2026-03-01' }), [
    { pointer: '/a', detail: 'is before 2000-01-01' },
    { pointer: '/b', detail: 'is after 2026-02-28' },
  ]);
  t.strictSame(paymentWindow('2026-07-01'), { first: '2026-07-01', last: '2027-07-01' });
});
