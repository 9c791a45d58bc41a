/** Banking days: TARGET is the calendar of euro payments (ECB, TARGET closing days); a bank profile may bring another. */
import { addDays, isoWeekday } from './clock.ts';

export interface BankingCalendar {
  readonly name: string;
  isBankingDay(day: string): boolean;
}

/** Closed at weekends, on 1 January, Good Friday, Easter Monday, 1 May, 25 and 26 December. */
export const TARGET: BankingCalendar = {
  name: 'TARGET',
  isBankingDay: (day) => isoWeekday(day) < 6 && !CLOSED_EVERY_YEAR.has(day.slice(5)) && !isEasterHoliday(day),
};

export const isBankingDay = (day: string, calendar: BankingCalendar = TARGET): boolean => calendar.isBankingDay(day);

/** The day itself where it is a banking day, else the first one after it. */
export function nextBankingDay(day: string, calendar: BankingCalendar = TARGET): string {
  let candidate = day;
  while (!calendar.isBankingDay(candidate)) candidate = addDays(candidate, 1);
  return candidate;
}

/** Easter Sunday of a year of the Gregorian calendar (the anonymous algorithm, Meeus, Astronomical Algorithms, chapter 8). */
export function easterSunday(year: number): string {
  const century = Math.floor(year / 100);
  const golden = year % 19;
  const leapCenturies = Math.floor(century / 4);
  const correction = Math.floor((century - Math.floor((century + 8) / 25) + 1) / 3);
  const epact = (19 * golden + century - leapCenturies - correction + 15) % 30;
  const yearOfCentury = year % 100;
  const weekday = (32 + 2 * (century % 4) + 2 * Math.floor(yearOfCentury / 4) - epact - (yearOfCentury % 4)) % 7;
  const late = Math.floor((golden + 11 * epact + 22 * weekday) / 451);
  const days = epact + weekday - 7 * late + 114;
  return `${String(year).padStart(4, '0')}-0${Math.floor(days / 31)}-${String((days % 31) + 1).padStart(2, '0')}`;
}

const CLOSED_EVERY_YEAR: ReadonlySet<string> = new Set(['01-01', '05-01', '12-25', '12-26']);

function isEasterHoliday(day: string): boolean {
  const easter = easterSunday(Number(day.slice(0, 4)));
  return day === addDays(easter, -2) || day === addDays(easter, 1);
}
