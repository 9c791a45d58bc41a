import t from 'tap';
import * as clock from '../../src/shared/clock.ts';

t.test('the calendar day is that of the time zone', (t) => {
  const at = new Date('2026-03-29T23:30:00Z');
  t.equal(clock.calendarDay(at, 'UTC'), '2026-03-29');
  t.equal(clock.calendarDay(at, 'Europe/Amsterdam'), '2026-03-30');
  t.equal(clock.calendarDay(at, 'America/New_York'), '2026-03-29');
  t.equal(clock.timestamp(at), '2026-03-29T23:30:00.000Z');
  const before = Date.now();
  const now = clock.systemClock.now().getTime();
  t.ok(now >= before && now <= Date.now());
  t.end();
});

t.test('days are added over months and leap years', (t) => {
  t.equal(clock.addDays('2026-12-31', 1), '2027-01-01');
  t.equal(clock.addDays('2028-02-28', 1), '2028-02-29');
  t.equal(clock.addDays('2026-03-01', -1), '2026-02-28');
  t.equal(clock.endOfMonth('2028-02-01'), '2028-02-29');
  t.equal(clock.endOfMonth('2026-12-15'), '2026-12-31');
  t.end();
});

t.test('a week begins on Monday (ISO 8601)', (t) => {
  t.same(['2026-11-23', '2026-11-28', '2026-11-29'].map(clock.isoWeekday), [1, 6, 7]);
  t.end();
});

t.test('only a day of the calendar is one', (t) => {
  const given = ['2026-02-28', '2026-02-30', '2026-13-01', '26-01-01', '2028-02-29'];
  t.same(given.map(clock.isCalendarDay), [true, false, false, false, true]);
  t.end();
});
