/** Injects faults, so that clients can be tested against a failing service; the same seed gives the same faults. */
import { z } from 'zod';

const share = z.number().min(0).max(1);

/** Shares of all calls, from 0 to 1; 0 if missing. */
export const faultsSchema = z.strictObject({
  /** Answered with ThrottlingException. */
  throttle: share.default(0),
  /** Answered with ServiceFailureException. */
  serverError: share.default(0),
  /** Audio that ends half way, but is billed. */
  cut: share.default(0),
  /** The delay of every call, in ms: at least and at most. */
  latencyMs: z
    .tuple([z.number().min(0), z.number().min(0)])
    .refine(([least, most]) => least <= most, 'the first number must not be the larger one')
    .default([0, 0]),
  /** The seed; setting the same one again restarts the same sequence. */
  seed: z.int().default(1),
});
export type FaultSettings = z.output<typeof faultsSchema>;

export type Fault = {
  readonly latencyMs: number;
  readonly kind: 'none' | 'throttle' | 'serverError' | 'cut';
};

export type Faults = {
  readonly settings: FaultSettings;
  set(settings: FaultSettings): void;
  /** What happens to the next call. */
  next(): Fault;
};

export function createFaults(initial: FaultSettings): Faults {
  let settings = initial;
  let chance = randomNumbers(initial.seed);
  return {
    get settings() {
      return settings;
    },
    set(changed) {
      settings = changed;
      chance = randomNumbers(changed.seed);
    },
    next() {
      const [least, most] = settings.latencyMs;
      // Always two draws per call, so that changing one share doesn't affect the others.
      const latencyMs = least + chance() * (most - least);
      return { latencyMs, kind: kindOf(chance(), settings) };
    },
  };
}

function kindOf(draw: number, { throttle, serverError, cut }: FaultSettings): Fault['kind'] {
  if (draw < throttle) return 'throttle';
  if (draw < throttle + serverError) return 'serverError';
  return draw < throttle + serverError + cut ? 'cut' : 'none';
}

/** Mulberry32, whose 32 bits of state are enough here. Numbers from 0 to below 1. */
function randomNumbers(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
