/** The days that a date may lie in. A mistyped year would sort before every other date, or never fall due. Both ends are included. */
import type { ErrorItem } from './errors.ts';

export interface DateWindow {
  readonly first: string;
  readonly last: string;
}

/** No document of the company is older. */
const FIRST_DOCUMENT = '2000-01-01';

/** Of a document: from 2000 to so many years after today. */
export const documentWindow = (today: string, yearsAhead: number): DateWindow => ({
  first: FIRST_DOCUMENT,
  last: yearsAfter(today, yearsAhead),
});

/** Of a payment: from today to a year after. */
export const paymentWindow = (today: string): DateWindow => ({ first: today, last: yearsAfter(today, 1) });

/** What lies outside; a date that is absent does not. */
export const outsideWindow = (
  window: DateWindow,
  dates: Readonly<Record<string, string | null | undefined>>,
): readonly ErrorItem[] =>
  Object.entries(dates).flatMap(([pointer, day]) => {
    if (day === null || day === undefined) return [];
    if (day < window.first) return [{ pointer, detail: `is before ${window.first}` }];
    return day > window.last ? [{ pointer, detail: `is after ${window.last}` }] : [];
  });

/** 29 February becomes 28 February. */
function yearsAfter(day: string, years: number): string {
  const year = String(Number(day.slice(0, 4)) + years).padStart(4, '0');
  return `${year}-${day.slice(5) === '02-29' ? '02-28' : day.slice(5)}`;
}
