/** A place in the log as a person names it: a sequence, or a time on the broker's clock. */
import { isDay } from '@setlist/contracts';

/** Everything up to and including a sequence, or everything stored at or before a time. */
export type Moment = { readonly seq: number } | { readonly time: Date };

const TIME = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d)?)?$/;
const ZONE = /(?:Z|[+-]\d\d:\d\d)$/;

/** Reads `4711`, `2026-11-22`, `2026-11-22T06:00` or `2026-11-22T06:00:00+01:00`; without a zone it is UTC. */
export function parseMoment(text: string): Moment | undefined {
  const wanted = text.trim();
  if (/^\d{1,15}$/.test(wanted)) return { seq: Number(wanted) };
  if (!TIME.test(wanted)) return undefined;
  const iso = wanted.replace(' ', 'T');
  const time = new Date(iso.includes('T') && !ZONE.test(iso) ? `${iso}Z` : iso);
  return Number.isNaN(time.getTime()) || !isDay(wanted.slice(0, 10)) ? undefined : { time };
}

/** Whether a record comes after the moment. */
export const isAfter = (moment: Moment, { seq, time }: { seq: number; time: Date }): boolean =>
  'seq' in moment ? seq > moment.seq : time > moment.time;
