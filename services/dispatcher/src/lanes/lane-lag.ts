/** How much work each lane has over all sets and replicas, by the broker's count. */
import type { EventLog } from '@setlist/eventlog';

/** Items without an outcome, by lane. */
export async function laneLag(
  log: Pick<EventLog, 'existingLanes'>,
): Promise<(readonly [items: number, of: { readonly lane: string }])[]> {
  const items = new Map<string, number>();
  for (const { lane, unfinished } of await log.existingLanes()) {
    items.set(lane, (items.get(lane) ?? 0) + unfinished);
  }
  return [...items].map(([lane, count]) => [count, { lane }]);
}
