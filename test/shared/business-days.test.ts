import t from 'tap';
import { easterSunday, isBankingDay, nextBankingDay, TARGET } from '../../src/shared/business-days.ts';
import { isoWeekday } from '../../src/shared/clock.ts';

t.test('Easter is on the day the church keeps', async (t) => {
  const days = ['1818-03-22', '2000-04-23', '2008-03-23', '2019-04-21', '2024-03-31', '2025-04-20', '2026-04-05'];
  const later = ['2027-03-28', '2028-04-16', '2038-04-25', '2049-04-18', '2076-04-19', '2285-03-22'];
  for (const day of [...days, ...later]) t.equal(easterSunday(Number(day.slice(0, 4))), day);
  for (let year = 1900; year < 2200; year++) {
    const day = easterSunday(year);
    t.ok(isoWeekday(day) === 7 && day.slice(5) >= '03-22' && day.slice(5) <= '04-25', day);
  }
});

t.test('TARGET is closed at weekends and on six holidays a year', async (t) => {
  const closed = [
    '2026-01-01',
    '2026-04-03',
    '2026-04-06',
    '2026-05-01',
    '2026-12-25',
    '2026-12-26',
    '2026-07-04',
    '2026-07-05',
  ];
  for (const day of closed) t.notOk(isBankingDay(day), day);
  const open = [
    '2026-01-02',
    '2026-04-02',
    '2026-04-07',
    '2026-05-14',
    '2026-05-25',
    '2026-10-05',
    '2026-12-24',
    '2026-12-31',
  ];
  for (const day of open) t.ok(isBankingDay(day), day);
});

t.test('the next banking day is the day itself where it is one', async (t) => {
  const cases: [string, string][] = [
    ['2026-07-03', '2026-07-03'],
    ['2026-07-04', '2026-07-06'],
    ['2026-04-03', '2026-04-07'],
    ['2026-12-25', '2026-12-28'],
    ['2027-12-31', '2027-12-31'],
    ['2028-01-01', '2028-01-03'],
    ['2024-02-29', '2024-02-29'],
  ];
  for (const [day, next] of cases) t.equal(nextBankingDay(day), next, day);
});

t.test('a profile may bring a calendar of its own', async (t) => {
  const closedInSummer = {
    name: 'summer',
    isBankingDay: (day: string) => !day.includes('-07-') && TARGET.isBankingDay(day),
  };
  t.notOk(isBankingDay('2026-07-01', closedInSummer));
  t.equal(nextBankingDay('2026-07-01', closedInSummer), '2026-08-03');
});
