/** A set's deadline as people write it: a length of time after its acceptance, or a moment. */
import { isDay } from '@setlist/contracts';

const UNIT_MS = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const LENGTH = /^([1-9]\d{0,5})([mhd])$/;
const MOMENT =
  /^(\d{4}-\d\d-\d\d)T(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,3})?)?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;
/** A longer time is a typing error. */
const LONGEST_MS = 366 * UNIT_MS.d;

/** The forms of a deadline, for remedies and help texts. */
export const DEADLINE_FORMS =
  'a length of time such as 90m, 2h or 1d (a year at most), or a moment with its zone such as 2026-11-22T20:00:00Z';

/**
 * The moment of the deadline for a set accepted at `accepted`; nothing if the text is not a deadline. Lengths are in
 * minutes, hours or days; moments are ISO 8601 with a time zone.
 */
export function deadlineAt(text: string, accepted: Date): Date | undefined {
  const [, amount, unit] = LENGTH.exec(text) ?? [];
  if (amount !== undefined && unit !== undefined) {
    const ms = Number(amount) * UNIT_MS[unit as keyof typeof UNIT_MS];
    return ms > LONGEST_MS ? undefined : new Date(accepted.getTime() + ms);
  }
  const [, day] = MOMENT.exec(text) ?? [];
  if (day === undefined || !isDay(day)) return undefined;
  const moment = new Date(text);
  // In UTC, the moment can fall outside the years that ISO 8601 writes with four digits.
  const year = moment.getUTCFullYear();
  return year < 0 || year > 9_999 ? undefined : moment;
}
