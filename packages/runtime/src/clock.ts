/** Time as something that is handed in, so that what depends on it can be tested without waiting. */

export type Clock = {
  /** Milliseconds since the Unix epoch. */
  now(): number;
};

export const systemClock: Clock = { now: () => Date.now() };
