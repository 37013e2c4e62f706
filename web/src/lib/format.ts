/** Defaults to the browser's language and time zone. Tests set both. */
export interface Locale {
  language?: string | undefined;
  zone?: string | undefined;
}

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

const unit = (value: number, name: string, { language }: Locale, digits = 0): string =>
  new Intl.NumberFormat(language, {
    style: 'unit',
    unit: name,
    unitDisplay: 'narrow',
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(value);

const pairs = [
  ['day', day, 'hour', hour],
  ['hour', hour, 'minute', minute],
  ['minute', minute, 'second', second],
] as const;

/** `4.2s`, `42s`, `3m 20s`, `2h 5m`, `3d 4h`. Negative values, from clocks that differ, count as 0. */
export const formatDuration = (ms: number, locale: Locale = {}): string => {
  const positive = Math.max(0, ms);
  if (positive < 9_950) return unit(positive / second, 'second', locale, 1);
  if (positive < minute - second / 2) return unit(Math.round(positive / second), 'second', locale);
  // Rounded before it is divided, or 59m 59.9s would read `59m 60s`.
  const rounded = (smallMs: number) => Math.round(positive / smallMs) * smallMs;
  const [big, bigMs, small, smallMs] = pairs.find(([, ms, , smallMs]) => rounded(smallMs) >= ms) ?? pairs[2];
  const bigs = unit(Math.floor(rounded(smallMs) / bigMs), big, locale);
  const rest = (rounded(smallMs) % bigMs) / smallMs;
  return rest === 0 ? bigs : `${bigs} ${unit(rest, small, locale)}`;
};

const dayOf = (at: Date, { zone }: Locale): string => new Intl.DateTimeFormat('en-CA', { timeZone: zone }).format(at);

const formatTime = (at: Date, { language, zone }: Locale = {}): string =>
  new Intl.DateTimeFormat(language, { timeStyle: 'short', timeZone: zone }).format(at);

/** `at 19:04`, `tomorrow at 09:00`, `on Tue, Nov 24 at 09:00`. */
export const formatWhen = (at: Date, now: Date, locale: Locale = {}): string => {
  const time = `at ${formatTime(at, locale)}`;
  if (dayOf(at, locale) === dayOf(now, locale)) return time;
  if (dayOf(at, locale) === dayOf(new Date(now.getTime() + day), locale)) return `tomorrow ${time}`;
  const { language, zone } = locale;
  const date = new Intl.DateTimeFormat(language, { weekday: 'short', month: 'short', day: 'numeric', timeZone: zone });
  return `on ${date.format(at)} ${time}`;
};

const steps = [
  ['day', day],
  ['hour', hour],
  ['minute', minute],
] as const;

/** `3 minutes ago`, `just now`. */
export const formatAgo = (at: Date, now: Date, { language }: Locale = {}): string => {
  const passed = now.getTime() - at.getTime();
  const step = steps.find(([, ms]) => passed >= ms);
  if (step === undefined) return 'just now';
  return new Intl.RelativeTimeFormat(language, { numeric: 'auto' }).format(-Math.floor(passed / step[1]), step[0]);
};

export const formatDateTime = (at: Date, { language, zone }: Locale = {}): string =>
  new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short', timeZone: zone }).format(at);

export const formatDate = (at: Date, { language, zone }: Locale = {}): string =>
  new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeZone: zone }).format(at);
