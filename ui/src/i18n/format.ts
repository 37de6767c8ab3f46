// Times and days as the person's system writes them.
import { dayOf } from '../state/rows';
import { catalogue, t } from './catalogue';

const clock = new Intl.DateTimeFormat(catalogue.locale, { hour: '2-digit', minute: '2-digit' });
const weekday = new Intl.DateTimeFormat(catalogue.locale, { weekday: 'long' });
const weekdayShort = new Intl.DateTimeFormat(catalogue.locale, { weekday: 'short' });
const dayMonth = new Intl.DateTimeFormat(catalogue.locale, { day: 'numeric', month: 'long' });
const dayMonthShort = new Intl.DateTimeFormat(catalogue.locale, { day: 'numeric', month: 'short' });
const dayMonthYear = new Intl.DateTimeFormat(catalogue.locale, { day: 'numeric', month: 'long', year: 'numeric' });

const DAY = 86_400_000;

/** The time of day, such as 14:05. */
export function timeOf(at: number): string {
  return clock.format(at);
}

/** A moment for machines, for the `datetime` attribute. */
export function isoOf(at: number): string {
  return new Date(at).toISOString();
}

/** The heading of a day in the timeline: Today, Yesterday, Tuesday, 19 November. */
export function dayHeading(at: number, now: number): string {
  if (dayOf(at) === dayOf(now)) return t('today');
  if (dayOf(at) === dayOf(now - DAY)) return t('yesterday');
  if (at < now && now - at < 6 * DAY) return weekday.format(at);
  return fullDay(at, now);
}

/** A day inside of a sentence: 12 November, with the year if it is not this one. */
export function fullDay(at: number, now: number): string {
  const sameYear = new Date(at).getFullYear() === new Date(now).getFullYear();
  return (sameYear ? dayMonth : dayMonthYear).format(at);
}

/** The moment beside a name in the list: 14:31, Yesterday, Tue, 9 Nov. */
export function listTime(at: number, now: number): string {
  if (dayOf(at) === dayOf(now)) return timeOf(at);
  if (dayOf(at) === dayOf(now - DAY)) return t('yesterday');
  return at < now && now - at < 6 * DAY ? weekdayShort.format(at) : dayMonthShort.format(at);
}
