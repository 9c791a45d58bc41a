/** Time as the domain sees it: an RFC 3339 UTC timestamp and the company's calendar day, both given from outside. */

export interface Clock {
  now(): Date;
}

export const systemClock: Clock = { now: () => new Date() };

export const timestamp = (at: Date): string => at.toISOString();

/** The calendar day (`YYYY-MM-DD`) at that moment in an IANA time zone. */
export function calendarDay(at: Date, timeZone: string): string {
  const format = calendarOf.get(timeZone) ?? calendarIn(timeZone);
  return format.format(at);
}

/** To make one takes longer than what most requests do besides. A company has few zones. */
const calendarOf = new Map<string, Intl.DateTimeFormat>();

function calendarIn(timeZone: string): Intl.DateTimeFormat {
  const format = new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' });
  calendarOf.set(timeZone, format);
  return format;
}

const DAY_MS = 86_400_000;

/** Adds days to a `YYYY-MM-DD` date. */
export const addDays = (day: string, days: number): string =>
  new Date(Date.parse(`${day}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);

/** Last day of the date's month. */
export function endOfMonth(day: string): string {
  const [year, month] = [Number(day.slice(0, 4)), Number(day.slice(5, 7))];
  return new Date(Date.UTC(year, month, 0)).toISOString().slice(0, 10);
}

/** 1 is Monday, 7 is Sunday (ISO 8601). */
export const isoWeekday = (day: string): number => new Date(`${day}T00:00:00Z`).getUTCDay() || 7;

/** True for a date that exists in the calendar: 2026-02-30 does not. */
export const isCalendarDay = (day: string): boolean =>
  /^\d{4}-\d{2}-\d{2}$/.test(day) &&
  !Number.isNaN(Date.parse(`${day}T00:00:00Z`)) &&
  new Date(`${day}T00:00:00Z`).toISOString().slice(0, 10) === day;
