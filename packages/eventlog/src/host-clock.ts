/** The host's time on a clock that steps of its wall clock don't move, and that goes on while the host sleeps. */
import { uptime } from 'node:os';

/** What a host tells of the time, in ms. */
export interface HostTime {
  /** Since 1970, on a clock that never jumps. On Linux it stands still while the host sleeps. */
  readonly steady: () => number;
  /** Since 1970, as the host has it: put right now and then. */
  readonly wall: () => number;
  /** Since the host was started, its sleep included. It costs a look at a file. */
  readonly up: () => number;
}

const ofThisHost: HostTime = {
  steady: () => performance.timeOrigin + performance.now(),
  wall: () => Date.now(),
  up: () => uptime() * 1_000,
};

/** From one look to the next, less is no more than a clock that runs a little fast or slow. */
const STEPPED_MS = 500;
/** Some hosts tell the time since their start in whole seconds. */
const SLEPT_MS = 1_000;

export class HostClock {
  readonly #time: HostTime;
  /** How far the wall clock was ahead of the steady one at the last look. */
  #wallAhead: number;
  readonly #upAhead: number;
  #sleptMs = 0;
  /** Called where the wall clock stepped, as it does by a sleep too. */
  onStep: () => void = () => {};

  constructor(time: HostTime = ofThisHost) {
    this.#time = time;
    this.#wallAhead = time.wall() - time.steady();
    this.#upAhead = time.up() - time.steady();
  }

  /** In ms since 1970, if the wall clock was right when the process began. */
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
