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

const slot = new Intl.DateTimeFormat(catalogue.locale, { weekday: 'long', day: 'numeric', month: 'long', hour: '2-digit', minute: '2-digit' });
const minutes = new Intl.NumberFormat(catalogue.locale, { style: 'unit', unit: 'minute', unitDisplay: 'short' });

/** A date to choose: when it begins, and how long it lasts if that is known. */
export function slotOf(at: number, seconds: number | null): string {
  return seconds === null ? slot.format(at) : `${slot.format(at)} (${minutes.format(Math.round(seconds / 60))})`;
}

const UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const;

/** A size in bytes, in the unit that suits it. */
export function sizeOf(bytes: number): string {
  let at = 0;
  let value = bytes;
  while (value >= 1000 && at < UNITS.length - 1) {
    value /= 1000;
    at++;
  }
  const digits = at === 0 || value >= 100 ? 0 : 1;
  return new Intl.NumberFormat(catalogue.locale, { style: 'unit', unit: UNITS[at], unitDisplay: at === 0 ? 'long' : 'short', maximumFractionDigits: digits }).format(value);
}

/** Minutes and seconds that are left, as on a clock. */
export function countdownOf(milliseconds: number): string {
  const seconds = Math.max(0, Math.ceil(milliseconds / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

/** How long something took, in minutes, or hours and minutes. */
export function durationOf(milliseconds: number): string {
  const all = Math.round(milliseconds / 60_000);
  if (all < 60) return minutes.format(all);
  const hours = new Intl.NumberFormat(catalogue.locale, { style: 'unit', unit: 'hour', unitDisplay: 'short' });
  return all % 60 === 0 ? hours.format(all / 60) : `${hours.format(Math.floor(all / 60))} ${minutes.format(all % 60)}`;
}

const moment = new Intl.DateTimeFormat(catalogue.locale, { day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit' });

/** A moment with its day. */
export function momentOf(at: number): string {
  return moment.format(at);
}
