/** The shared rate as arithmetic: a generic cell rate algorithm (GCRA) that hands out absolute times. */

/** A limit as the account has it. */
export interface RateLimit {
  readonly rps: number;
  /** Calls that may come at once after a pause. */
  readonly burst: number;
}

/** What all replicas share, as one small document. Times are the broker's clock, in ms. */
export interface RateState {
  /** Theoretical arrival time: when the next call is due if calls come without a pause. */
  readonly tat: number;
  /** The same for the slightly faster pace at which the rest of a burst is given out; not in states of old. */
  readonly pacedTat?: number;
  /** Calls a second that are given out now; at most the limit's. */
  readonly rps: number;
  /** When the rate was last changed, or the state made. */
  readonly changedAt: number;
  /** When a call was last throttled; 0 for never. */
  readonly throttledAt: number;
}

/** How far ahead slots are reserved at most: what a replica that dies takes with it. */
export const LEASE_MS = 250;
/** By how much the clocks of replicas may differ. A time further ahead than any may be was given by a clock that has since gone back. */
const CLOCKS_DIFFER_BY_MS = 1_000;
/** A slot not used within this time is dropped: late calls would crowd those behind them. */
export const STALE_AFTER_MS = 100;
/**
 * The shares of the burst that are given out: first those at once, the rest little by little. Calls that start together
 * keep each other waiting, and the way's jitter must not overdraw what is left; once they flow, less is enough.
 */
const BURST_AT_ONCE = 0.75;
const BURST_IN_ALL = 0.9;
/** How much faster than the rate, while there is a rest of the burst. */
const REST_FASTER_BY = 1.02;
/** One throttle after quiet time is mostly a jam on the way; more of them mean that the account allows less. */
const LOWER_FIRST_BY = 0.95;
const LOWER_AGAIN_BY = 0.8;
const LOWEST_SHARE = 0.05;
/** Several throttles of one moment lower the rate once. */
const LOWER_EVERY_MS = 250;
const QUIET_BEFORE_RAISING_MS = 3_000;
/** Where calls are rare, so many without a throttle make a quiet time. */
const QUIET_CALLS = 8;
const RAISE_SHARE_PER_SECOND = 0.05;

/** Before the first call the account is at rest: its whole burst is there. */
export const freshRate = (limit: RateLimit, now: number): RateState => ({
  tat: now - (limit.burst * 1_000) / limit.rps,
  pacedTat: now - (limit.burst * 1_000) / limit.rps,
  rps: limit.rps,
  changedAt: now,
  throttledAt: 0,
});

/** Whether a slot lies further ahead than one is ever given out. */
export const isOutOfReach = (slot: number, now: number): boolean =>
  slot > now + LEASE_MS + CLOCKS_DIFFER_BY_MS;

/** One call's spacing behind the lease is the furthest that a reservation leaves the state, whoever reserved. */
const furthestOf = ({ rps }: RateState, now: number): number => now + LEASE_MS + 1_000 / rps;

/** Whether the state can't have been written by now: the broker's clock went back, or ours is behind. */
export function isOfLater(state: RateState, now: number): boolean {
  const { tat, pacedTat = tat, changedAt, throttledAt } = state;
  const furthest = furthestOf(state, now);
  const ahead = Math.max(tat - furthest, pacedTat - furthest, changedAt - now, throttledAt - now);
  return ahead > CLOCKS_DIFFER_BY_MS;
}

/**
 * The state by today's clock: where the broker's went back, nothing lies further ahead than a reservation made now would
 * leave it. Whoever asks has made sure that it is not their own clock that is behind.
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

/** Quiet time raises a lowered rate again, by a twentieth of the limit each second. */
function raised(state: RateState, limit: RateLimit, now: number): RateState {
  if (state.rps >= limit.rps) return state.rps === limit.rps ? state : { ...state, rps: limit.rps };
  const since = Math.max(state.changedAt, state.throttledAt + QUIET_BEFORE_RAISING_MS);
  if (now <= since) return state;
  const rps = Math.min(limit.rps, state.rps + limit.rps * RAISE_SHARE_PER_SECOND * ((now - since) / 1_000));
  return { ...state, rps, changedAt: now };
}

/** Evenly spaced moments, of which a share of the burst may lie in the past: due at once. */
function row({ tat, now, spacing, atOnce }: { tat: number; now: number; spacing: number; atOnce: number }) {
  const earliest = Math.max(tat, now - (Math.max(1, Math.floor(atOnce)) - 1) * spacing);
  return {
    moment: (index: number): number => earliest + index * spacing,
    /** How many of them lie no later. */
    until: (time: number): number => Math.max(0, Math.floor((time - earliest) / spacing) + 1),
  };
}

export interface Wanted {
  readonly now: number;
  /** Calls that could be made this moment. */
  readonly waiting: number;
  /** Calls to reserve for, at least those that wait, so that one reservation serves those that soon follow. */
  readonly ahead: number;
}

export interface Reservation {
  /** To be stored; the same as before where nothing was reserved, unless the clock went back. */
  readonly state: RateState;
  /** When calls may be made: broker's clock, ms. Those that the burst allows at once are due now. */
  readonly slots: readonly number[];
  /** How many more the burst would have allowed at once. */
  readonly spare: number;
  /** Where others have reserved all of the lease: for how long, in ms. */
  readonly inMs: number;
}

/** Reserves slots: of a burst no more than wait for one, since what lies unused grows too old; of the rate up to `ahead`. */
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

/** A call was throttled: everybody slows down. Nothing changes when that has just been done. */
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
