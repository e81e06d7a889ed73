/** How much work each lane has over all sets and replicas, by the broker's count. */
import type { EventLog } from '@setlist/eventlog';
import { ENGINES } from '@setlist/polly';

/**
 * Items without an outcome, by lane. A lane whose sets have all ended is counted too, with 0: telemetry goes on
 * exporting the last value of a lane that is left out.
 */
export async function laneLag(
  log: Pick<EventLog, 'existingLanes'>,
): Promise<(readonly [items: number, of: { readonly lane: string }])[]> {
  const items = new Map<string, number>(ENGINES.map((engine) => [engine, 0]));
  for (const { lane, unfinished } of await log.existingLanes()) {
    items.set(lane, (items.get(lane) ?? 0) + unfinished);
  }
  return [...items].map(([lane, count]) => [count, { lane }]);
}
