/** A host clock that ignores steps of the wall clock and keeps running while the host sleeps. */
import { uptime } from 'node:os';

/** The host's three sources of time, in ms. */
export interface HostTime {
  /** Since 1970, on a clock that never jumps. On Linux it stands still while the host sleeps. */
  readonly steady: () => number;
  /** Since 1970, by the host's wall clock, which is corrected from time to time. */
  readonly wall: () => number;
  /** Since the host was started, sleep included. Reads a file. */
  readonly up: () => number;
}

const ofThisHost: HostTime = {
  steady: () => performance.timeOrigin + performance.now(),
  wall: () => Date.now(),
  up: () => uptime() * 1_000,
};

/** A smaller change between two readings is drift, not a step. */
const STEPPED_MS = 500;
/** A smaller difference is not a sleep: some hosts report their uptime in whole seconds. */
const SLEPT_MS = 1_000;

export class HostClock {
  readonly #time: HostTime;
  /** How far the wall clock was ahead of the steady one at the last reading. */
  #wallAhead: number;
  readonly #upAhead: number;
  #sleptMs = 0;
  /** Called when the wall clock stepped, as it does after a sleep too. */
  onStep: () => void = () => {};

  constructor(time: HostTime = ofThisHost) {
    this.#time = time;
    this.#wallAhead = time.wall() - time.steady();
    this.#upAhead = time.up() - time.steady();
  }

  /** In ms since 1970, provided that the wall clock was right when the process started. */
  now(): number {
    const { steady, wall, up } = this.#time;
    const at = steady();
    const wallAhead = wall() - at;
    const hasStepped = Math.abs(wallAhead - this.#wallAhead) > STEPPED_MS;
    this.#wallAhead = wallAhead;
    if (hasStepped) {
      const sleptMs = up() - at - this.#upAhead;
      if (sleptMs - this.#sleptMs > SLEPT_MS) this.#sleptMs = sleptMs;
      this.onStep();
    }
    return at + this.#sleptMs;
  }
}
