import { beforeEach, describe, expect, test } from 'vitest';
import { StallGrace } from './stall-grace.ts';

const GRACE_MS = 300_000;
const EVERY_MS = 60_000;

let nowMs: number;
let answersAfterMs: number;
/** How far the broker's clock is ahead, in ms. */
let aheadMs: number;
let grace: StallGrace;

beforeEach(() => {
  nowMs = 0;
  answersAfterMs = 0;
  aheadMs = 1_000_000;
  const head = async (): Promise<number> => {
    nowMs += answersAfterMs;
    return 1;
  };
  const log = { head, clock: { now: () => nowMs + aheadMs } };
  grace = new StallGrace({ log, graceMs: GRACE_MS, hearEveryMs: EVERY_MS, now: () => nowMs });
});

/** Hears from the broker every {@link EVERY_MS}, for `ms`. */
async function hearFor(ms: number): Promise<void> {
  for (const end = nowMs + ms; nowMs < end; ) {
    nowMs += EVERY_MS;
    await grace.hear();
  }
}

describe('the grace', () => {
  test('is given after the start, once', async () => {
    await hearFor(GRACE_MS - EVERY_MS);
    expect(grace.isOver).toBe(false);
    await hearFor(EVERY_MS);
    expect(grace.isOver).toBe(true);
    await hearFor(10 * GRACE_MS);
    expect(grace.isOver).toBe(true);
  });

  test('starts over when the broker returns after an outage', async () => {
    await hearFor(GRACE_MS);
    answersAfterMs = 4_000_000;
    await grace.hear();
    answersAfterMs = 0;
    expect(grace.isOver).toBe(false);
    await hearFor(GRACE_MS - EVERY_MS);
    expect(grace.isOver).toBe(false);
    await hearFor(EVERY_MS);
    expect(grace.isOver).toBe(true);
  });

  test('starts over after the host slept, when only the broker’s clock has advanced', async () => {
    await hearFor(GRACE_MS);
    aheadMs += 4_000_000;
    await grace.hear();
    expect(grace.isOver).toBe(false);
    await hearFor(GRACE_MS);
    expect(grace.isOver).toBe(true);
  });

  test('does not start over for an answer that is slightly late', async () => {
    await hearFor(GRACE_MS);
    answersAfterMs = EVERY_MS;
    await grace.hear();
    expect(grace.isOver).toBe(true);
  });
});
