/** The one place where old event versions are lifted to the newest; the rest of the code sees only the newest. */

/** One version of an event: its type, such as `setlist.item.completed.v2`, and its data. */
export interface Versioned {
  readonly type: string;
  readonly data: unknown;
}

/** Turns the data of one stored version into the next; into several events where the event was split. */
export type Lift = (data: unknown) => Versioned | readonly Versioned[];

/**
 * By stored type: its lift to the next version. A chain of lifts ends at a type of the catalogue.
 * To change a published event: raise its version there, add its lift here, keep its old fixture.
 */
export const LIFTS: ReadonlyMap<string, Lift> = new Map<string, Lift>();

/**
 * Follows the lifts from a stored version to the newest. The result is one event, or several where it was split on the
 * way, in the order that its lift gives. Unknown types are returned unchanged.
 */
export function liftToNewest(
  type: string,
  data: unknown,
  lifts: ReadonlyMap<string, Lift> = LIFTS,
): readonly [Versioned, ...Versioned[]] {
  const lifted = lifts.get(type)?.(data);
  if (lifted === undefined) return [{ type, data }];
  const parts = [lifted].flat() as readonly Versioned[];
  const [first, ...others] = parts.flatMap((part) => liftToNewest(part.type, part.data, lifts));
  if (first === undefined) throw new RangeError(`the lift of ${type} turns a published event into nothing`);
  return [first, ...others];
}
