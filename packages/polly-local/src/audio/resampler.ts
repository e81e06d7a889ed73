/** Changes a stream's sample rate by a windowed-sinc filter, piece by piece, so memory doesn't grow with length. */

export type Resampler = {
  /** Returns the samples that can be computed so far; the rest come with the next call. */
  push(pcm: Int16Array): Int16Array;
  /** Returns the remaining samples, as if silence followed. */
  flush(): Int16Array;
};

/** Zero crossings of the filter on each side. */
const HALF_WIDTH = 12;
/** A little below the Nyquist frequency, to leave room for the filter's slope. */
const CUTOFF = 0.94;

const filters = new Map<string, Filter>();

export function createResampler(from: number, to: number): Resampler {
  if (from === to) return { push: (pcm) => pcm, flush: () => new Int16Array() };
  const divisor = greatestCommonDivisor(from, to);
  const filter = filterFor(to / divisor, from / divisor);
  const { half, up, down } = filter;
  let held = new Int16Array(half);
  /** Position in the input of `held[0]`, and of the next output sample in units of 1/up input samples. */
  let heldFrom = -half;
  let next = 0;

  const run = (end: number): Int16Array => {
    const ready = Math.max(0, Math.ceil((end * up - next) / down));
    const out = new Int16Array(ready);
    for (let i = 0; i < ready; i++) {
      out[i] = sampleAt(held, filter, next, heldFrom);
      next += down;
    }
    const keepFrom = Math.floor(next / up) - half;
    if (keepFrom > heldFrom) {
      held = held.slice(keepFrom - heldFrom);
      heldFrom = keepFrom;
    }
    return out;
  };
  const append = (pcm: Int16Array) => {
    const grown = new Int16Array(held.length + pcm.length);
    grown.set(held);
    grown.set(pcm, held.length);
    held = grown;
  };
  return {
    push(pcm) {
      append(pcm);
      return run(heldFrom + held.length - half);
    },
    flush() {
      const end = heldFrom + held.length;
      append(new Int16Array(half));
      return run(end);
    },
  };
}

type Filter = {
  readonly up: number;
  readonly down: number;
  readonly half: number;
  /** `up` phases of `2 × half` taps each; each phase sums to one. */
  readonly taps: Float64Array;
};

function filterFor(up: number, down: number): Filter {
  const key = `${up}/${down}`;
  const known = filters.get(key);
  if (known) return known;
  const half = Math.ceil(HALF_WIDTH * Math.max(1, down / up));
  const cutoff = Math.min(1, up / down) * CUTOFF;
  const taps = new Float64Array(up * 2 * half);
  for (let phase = 0; phase < up; phase++)
    fillPhase(taps.subarray(phase * 2 * half, (phase + 1) * 2 * half), phase / up, cutoff);
  const filter = { up, down, half, taps };
  filters.set(key, filter);
  return filter;
}

function fillPhase(taps: Float64Array, fraction: number, cutoff: number): void {
  const half = taps.length / 2;
  let sum = 0;
  for (let k = 0; k < taps.length; k++) {
    const t = k - half + 1 - fraction;
    const x = Math.PI * t * cutoff;
    const sinc = x === 0 ? 1 : Math.sin(x) / x;
    const window = Math.abs(t) < half ? 0.5 + 0.5 * Math.cos((Math.PI * t) / half) : 0;
    taps[k] = sinc * window;
    sum += sinc * window;
  }
  for (let k = 0; k < taps.length; k++) taps[k] = (taps[k] ?? 0) / sum;
}

function sampleAt(held: Int16Array, { up, half, taps }: Filter, position: number, heldFrom: number): number {
  const centre = Math.floor(position / up);
  const base = (position % up) * 2 * half;
  const first = centre - half + 1 - heldFrom;
  let sum = 0;
  for (let k = 0; k < 2 * half; k++) sum += (taps[base + k] ?? 0) * (held[first + k] ?? 0);
  return Math.max(-32_768, Math.min(32_767, Math.round(sum)));
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
