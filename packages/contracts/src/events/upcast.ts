/** The one place where old event versions are lifted to the newest; the rest of the code sees only today's. */

/** The data of one version of an event: `setlist.item.completed.v2` and what it says. */
export interface Versioned {
  readonly type: string;
  readonly data: unknown;
}

/** Turns the data of one stored version into the next; into several events where one was split. */
export type Lift = (data: unknown) => Versioned | readonly Versioned[];

/**
 * By stored type: how it becomes the next version. A chain of lifts ends at a type of the catalogue.
 * To change a published event: raise its version there, add its lift here, keep its old fixture.
 */
export const LIFTS: ReadonlyMap<string, Lift> = new Map<string, Lift>();

/**
 * Follows the lifts from a stored version to the newest: one event, or several where it was split on the way, in
 * the order in which its lift gives them. Unknown types come back as they are.
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
  if (first === undefined)
    throw new RangeError(`the lift of ${type} makes nothing of an event that was published`);
  return [first, ...others];
}
