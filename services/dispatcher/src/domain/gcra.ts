/** The arithmetic of the shared rate: a generic cell rate algorithm (GCRA) that gives out absolute times. */

/** A limit of the account. */
export interface RateLimit {
  readonly rps: number;
  /** Calls that can come at once after a pause. */
  readonly burst: number;
}

/** The small document that all replicas share. Times are in ms by the broker's clock. */
export interface RateState {
  /** Theoretical arrival time: when the next call is due if calls come without a pause. */
  readonly tat: number;
  /** The same for the slightly faster pace at which the rest of a burst is given out; missing in old states. */
  readonly pacedTat?: number;
  /** The current rate in calls per second; at most the limit's. */
  readonly rps: number;
  /** When the rate last changed, or the state was created. */
  readonly changedAt: number;
  /** When a call was last throttled; 0 for never. */
  readonly throttledAt: number;
}

/** How far ahead slots are reserved at most: a replica that dies takes its reserved slots with it. */
export const LEASE_MS = 250;
/** How much the replicas' clocks can differ. A time further ahead comes from a clock that has since gone back. */
const CLOCKS_DIFFER_BY_MS = 1_000;
/** How long a slot can go unused before it is dropped: late calls would crowd those behind them. */
export const STALE_AFTER_MS = 100;
/**
 * The shares of the burst that are given out: first at once, then in all; the difference is given out gradually. Calls
 * that start together delay each other, and network jitter must not overdraw the rest; once calls flow, less slack is
 * enough.
 */
const BURST_AT_ONCE = 0.75;
const BURST_IN_ALL = 0.9;
/** The factor by which the rest of the burst speeds up the rate. */
const REST_FASTER_BY = 1.02;
/** The factors for the first throttle, which is mostly network jitter, and for more, which mean a lower limit. */
const LOWER_FIRST_BY = 0.95;
const LOWER_AGAIN_BY = 0.8;
const LOWEST_SHARE = 0.05;
/** How long further throttles don't lower the rate again. */
const LOWER_EVERY_MS = 250;
const QUIET_BEFORE_RAISING_MS = 3_000;
/** The calls without a throttle that make a quiet time where calls are rare. */
const QUIET_CALLS = 8;
const RAISE_SHARE_PER_SECOND = 0.05;

/** The state before the first call: the account is at rest, with its whole burst. */
export const freshRate = (limit: RateLimit, now: number): RateState => ({
  tat: now - (limit.burst * 1_000) / limit.rps,
  pacedTat: now - (limit.burst * 1_000) / limit.rps,
  rps: limit.rps,
  changedAt: now,
  throttledAt: 0,
});

/** Whether a slot is further ahead than any is ever given out. */
export const isOutOfReach = (slot: number, now: number): boolean =>
  slot > now + LEASE_MS + CLOCKS_DIFFER_BY_MS;

/** The furthest that any reservation leaves the state: one call's spacing beyond the lease. */
const furthestOf = ({ rps }: RateState, now: number): number => now + LEASE_MS + 1_000 / rps;

/** Whether the state is from the future: the broker's clock went back, or ours is behind. */
export function isOfLater(state: RateState, now: number): boolean {
  const { tat, pacedTat = tat, changedAt, throttledAt } = state;
  const furthest = furthestOf(state, now);
  const ahead = Math.max(tat - furthest, pacedTat - furthest, changedAt - now, throttledAt - now);
  return ahead > CLOCKS_DIFFER_BY_MS;
}

/**
 * The state by the current clock: if the broker's went back, no time is further ahead than a reservation made now would
 * leave it. Callers have made sure that their own clock isn't behind.
 */
function sinceClockWentBack(state: RateState, now: number): RateState {
  if (!isOfLater(state, now)) return state;
  const { tat, pacedTat = tat, rps, changedAt, throttledAt } = state;
  const furthest = furthestOf(state, now);
  return {
    tat: Math.min(tat, furthest),
    pacedTat: Math.min(pacedTat, furthest),
    rps,
    changedAt: Math.min(changedAt, now),
    throttledAt: Math.min(throttledAt, now),
  };
}

/** Raises a lowered rate again after quiet time, by a twentieth of the limit per second. */
function raised(state: RateState, limit: RateLimit, now: number): RateState {
  if (state.rps >= limit.rps) return state.rps === limit.rps ? state : { ...state, rps: limit.rps };
  const since = Math.max(state.changedAt, state.throttledAt + QUIET_BEFORE_RAISING_MS);
  if (now <= since) return state;
  const rps = Math.min(limit.rps, state.rps + limit.rps * RAISE_SHARE_PER_SECOND * ((now - since) / 1_000));
  return { ...state, rps, changedAt: now };
}

/** Evenly spaced times. Up to `atOnce` of them can be in the past, and so are due at once. */
function row({ tat, now, spacing, atOnce }: { tat: number; now: number; spacing: number; atOnce: number }) {
  const earliest = Math.max(tat, now - (Math.max(1, Math.floor(atOnce)) - 1) * spacing);
  return {
    moment: (index: number): number => earliest + index * spacing,
    /** How many of them are no later than `time`. */
    until: (time: number): number => Math.max(0, Math.floor((time - earliest) / spacing) + 1),
  };
}

export interface Wanted {
  readonly now: number;
  /** Calls that could be made right now. */
  readonly waiting: number;
  /** Calls to reserve for: the waiting ones, and those that soon follow, so that one reservation serves them all. */
  readonly ahead: number;
}

export interface Reservation {
  /** The state to store; the same as before if nothing was reserved, unless the clock went back. */
  readonly state: RateState;
  /** When calls can be made, in ms by the broker's clock. Those that the burst allows at once are due now. */
  readonly slots: readonly number[];
  /** How many more the burst would have allowed at once. */
  readonly spare: number;
  /** In how many ms to ask again, if others have reserved all of the lease; otherwise 0. */
  readonly inMs: number;
}

/** Reserves slots: from a burst only for waiting calls, since unused slots grow stale; from the rate up to `ahead`. */
export function reserve(stored: RateState, limit: RateLimit, { now, waiting, ahead }: Wanted): Reservation {
  const state = sinceClockWentBack(stored, now);
  const current = raised(state, limit, now);
  const spacing = 1_000 / current.rps;
  const { tat, pacedTat = tat } = current;
  const whole = row({ tat, now, spacing, atOnce: limit.burst * BURST_IN_ALL });
  const paced = row({
    tat: pacedTat,
    now,
    spacing: spacing / REST_FASTER_BY,
    atOnce: limit.burst * BURST_AT_ONCE,
  });
  const allowedUntil = (time: number): number => Math.min(whole.until(time), paced.until(time));
  const withinLease = allowedUntil(now + LEASE_MS);
  if (withinLease === 0) {
    const inMs = Math.max(whole.moment(0), paced.moment(0)) - LEASE_MS - now;
    return { state, slots: [], spare: 0, inMs: Math.max(1, inMs) };
  }
  const atOnce = allowedUntil(now);
  const count = Math.max(1, Math.min(atOnce > waiting ? waiting : ahead, withinLease));
  const slots = Array.from({ length: count }, (_, index) =>
    Math.max(now, whole.moment(index), paced.moment(index)),
  );
  const after = { ...current, tat: whole.moment(count), pacedTat: paced.moment(count) };
  return { state: after, slots, spare: Math.max(0, atOnce - count), inMs: 0 };
}

/** Lowers the rate after a throttled call, unless that has just been done. */
export function lowered(stored: RateState, limit: RateLimit, now: number): RateState {
  const state = sinceClockWentBack(stored, now);
  const quietForMs = now - state.throttledAt;
  if (quietForMs < LOWER_EVERY_MS) return state;
  const quiet = Math.max(QUIET_BEFORE_RAISING_MS, (QUIET_CALLS * 1_000) / state.rps);
  const by = quietForMs < quiet ? LOWER_AGAIN_BY : LOWER_FIRST_BY;
  return {
    tat: Math.max(state.tat, now),
    pacedTat: Math.max(state.pacedTat ?? state.tat, now),
    rps: Math.max(limit.rps * LOWEST_SHARE, state.rps * by),
    changedAt: now,
    throttledAt: now,
  };
}
