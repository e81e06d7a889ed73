/** Selects events by name, by type, or by type and version. */
import { EVENTS, type EventName } from '@setlist/contracts';
import type { Recorded } from '@setlist/eventlog';

const isName = (text: string): text is EventName => Object.hasOwn(EVENTS, text);
const KNOWN_TYPES = new Set(Object.values(EVENTS).map(({ type }) => type));

/**
 * The CloudEvents type meant by `ItemCompleted`, `setlist.item.completed` (both: every version) or
 * `setlist.item.completed.v1`. `undefined` where there is no such event.
 */
export function eventTypeOf(wanted: string): string | undefined {
  if (isName(wanted)) return EVENTS[wanted].type;
  return KNOWN_TYPES.has(wanted.replace(/\.v\d+$/, '')) ? wanted : undefined;
}

/** Whether a record's stored type is one of the wanted types; one without a version matches every version. */
export function isOfType(wanted: readonly string[], { raw }: Pick<Recorded, 'raw'>): boolean {
  const { type } = JSON.parse(Buffer.from(raw).toString()) as { type?: unknown };
  const withoutVersion = String(type).replace(/\.v\d+$/, '');
  return wanted.some((one) => one === type || one === withoutVersion);
}
