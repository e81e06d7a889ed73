/** Formats numbers, times, money and file names for people, in the browser's language. */
const whole = new Intl.NumberFormat();
const moment = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });
const clock = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' });
const dayAndClock = new Intl.DateTimeFormat(undefined, {
  month: 'short',
  day: 'numeric',
  hour: 'numeric',
  minute: '2-digit',
  second: '2-digit',
});
/** In UTC, as money is summed by UTC days. */
const day = new Intl.DateTimeFormat(undefined, { month: 'short', day: 'numeric', timeZone: 'UTC' });
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto', style: 'short' });

const MINUTE = 60;
const HOUR = 3_600;
const DAY = 86_400;

export const dayOf = (ms: number): string => day.format(new Date(ms));
export const grouped = (count: number): string => whole.format(count);
export const dateAndTime = (iso: string): string => moment.format(new Date(iso));
export const timeOfDay = (ms: number): string => clock.format(new Date(ms));

/** Formats times between two moments, with the day unless both are on the same day. */
export function timesBetween(fromMs: number, toMs: number): (ms: number) => string {
  const isOneDay = new Date(fromMs).toDateString() === new Date(toMs).toDateString();
  return isOneDay ? timeOfDay : (ms) => dayAndClock.format(new Date(ms));
}

/** `$12.30`; below a dollar, to a hundredth of a cent, since one phrase costs less than a cent. */
export function dollars(usd: string): string {
  const amount = Number(usd);
  if (amount >= 1 || amount === 0) return `$${amount.toFixed(2)}`;
  if (amount < 0.000_1) return 'less than $0.0001';
  return `$${amount.toFixed(4).replace(/00$/, '')}`;
}

/** Turns `it is so` into `It is so.` */
export const sentence = (text: string): string =>
  `${text.charAt(0).toUpperCase()}${text.slice(1)}${text === '' || /[.!?…]$/.test(text) ? '' : '.'}`;

/** The problem and its remedy, as sentences. */
export const sentences = ({ message, remedy = '' }: { message: string; remedy?: string }): string =>
  `${sentence(message)} ${sentence(remedy)}`.trim();

/** `1 item`, `2 items`. */
export const countOf = (count: number, noun: string): string =>
  `${grouped(count)} ${noun}${count === 1 ? '' : 's'}`;

/** `3 min. ago`; the date, if more than a day ago. */
export function ago(iso: string, nowMs: number): string {
  const seconds = Math.max(0, (nowMs - Date.parse(iso)) / 1_000);
  if (seconds < MINUTE) return 'just now';
  if (seconds < HOUR) return relative.format(-Math.round(seconds / MINUTE), 'minute');
  if (seconds < DAY) return relative.format(-Math.round(seconds / HOUR), 'hour');
  return dateAndTime(iso);
}

export function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return '–';
  if (seconds < 1) return 'under 1 s';
  if (seconds < 90) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.round(hours / 24)} days`;
}

/** `0.4 items/s`, `41 items/s`. */
export const perSecond = (rate: number): string =>
  `${rate < 10 ? rate.toFixed(1) : grouped(Math.round(rate))} items/s`;

/** Duration of audio: `0.9 s`, `0:14`, `12:30`. */
export function audioLength(ms: number): string {
  if (ms < 10_000) return `${(ms / 1_000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1_000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

/**
 * The last segment of a URI. In `file:` URIs it is percent-encoded; in `s3:` URIs it is the raw key, where `%` has no
 * special meaning.
 */
export function fileNameOf(uri: string): string {
  const name = uri.split('/').at(-1) ?? '';
  try {
    return uri.startsWith('file:') ? decodeURIComponent(name) : name;
  } catch {
    return name;
  }
}

export function fileSize(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`;
  return bytes < 1_000_000 ? `${(bytes / 1_000).toFixed(1)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}
