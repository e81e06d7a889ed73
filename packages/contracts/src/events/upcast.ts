/** The one place where old event versions are lifted to the newest; the rest of the code sees only today's. */

/** Turns the data of one stored version into the next: `{ type: 'setlist.item.completed.v2', data }`. */
export type Lift = (data: unknown) => { type: string; data: unknown };

/**
 * By stored type: how it becomes the next version. A chain of lifts ends at a type of the catalogue.
 * To change a published event: raise its version there, add its lift here, keep its old fixture.
 */
export const LIFTS: ReadonlyMap<string, Lift> = new Map<string, Lift>();

/** Follows the lifts from a stored version to the newest. Unknown types come back as they are. */
export function liftToNewest(
  type: string,
  data: unknown,
  lifts: ReadonlyMap<string, Lift> = LIFTS,
): { type: string; data: unknown } {
  let current = { type, data };
  for (let lift = lifts.get(current.type); lift; lift = lifts.get(current.type)) {
    current = lift(current.data);
  }
  return current;
}
