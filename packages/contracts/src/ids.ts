/** Ids derive from what they name: a run's from its drop, a set's from its name and run, an event's from its data. */
import { slugify } from './text/slug/slugify.ts';

const RUN_ID = /^\d{8}t\d{6}-[0-9a-z]{6}$/;
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

/**
 * The id of one drop of a set file, sortable by time: `20261122t205012-k3f9q2`.
 * @param now moment of the drop
 * @param random at least six random bytes
 */
export function runId(now: Date, random: Uint8Array): string {
  const stamp = now.toISOString().slice(0, 19).replace(/[-:]/g, '').replace('T', 't');
  const tail = Array.from(random.subarray(0, 6), (byte) => ALPHABET[byte % 32]).join('');
  return `${stamp}-${tail}`;
}

export const isRunId = (text: string): boolean => RUN_ID.test(text);

/** A set's id: its name as a safe token (at most 40 ASCII letters, digits and dashes), then its run. */
export function setId(name: string, run: string): string {
  return `${slugify(name, 40) || 'set'}-${run}`;
}

/** The run id at the end of a set id, or undefined when the text is not a set id. */
export function runOfSet(id: string): string | undefined {
  const tail = id.split('-').slice(-2).join('-');
  return isRunId(tail) ? tail : undefined;
}
