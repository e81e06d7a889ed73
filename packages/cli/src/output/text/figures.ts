/** Numbers as people read them; counts are the same everywhere (`@setlist/contracts`). */
import { formatUsd, parseUsd, type Usd } from '@setlist/polly';

/** `$12.50`, `$0.0046`. */
export const dollars = (amount: Usd | string): string =>
  `$${formatUsd(typeof amount === 'string' ? parseUsd(amount) : amount)}`;

/** `55 %`; 100 % only when all of it is done. */
export const percent = (part: number, whole: number): string =>
  `${whole === 0 ? 100 : Math.floor((100 * part) / whole)} %`;

/** `0.8 s`, `3 s`, `42 s`, `3 min 20 s`, `2 h 5 min`. */
export function duration(seconds: number): string {
  if (seconds < 10) return `${Number.isInteger(seconds) ? seconds : seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3_600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3_600)} h ${Math.floor((whole % 3_600) / 60)} min`;
}

/** `92/s`, `4.1/s`. */
export const rate = (perSecond: number): string =>
  `${perSecond < 10 ? perSecond.toFixed(1) : Math.round(perSecond)}/s`;
