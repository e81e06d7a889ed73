import { beforeEach, describe, expect, test } from 'vitest';
import { StallGrace } from './stall-grace.ts';

const GRACE_MS = 300_000;
const EVERY_MS = 60_000;

let nowMs: number;
let answersAfterMs: number;
/** How far the broker's clock is ahead. */
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

/** Hears of the broker as often as agreed, for so long. */
async function hearFor(ms: number): Promise<void> {
  for (const end = nowMs + ms; nowMs < end; ) {
    nowMs += EVERY_MS;
    await grace.hear();
  }
}

describe('the time to go on', () => {
  test('is given after the start, once', async () => {
    await hearFor(GRACE_MS - EVERY_MS);
    expect(grace.isOver).toBe(false);
    await hearFor(EVERY_MS);
    expect(grace.isOver).toBe(true);
    await hearFor(10 * GRACE_MS);
    expect(grace.isOver).toBe(true);
  });

  test('is given again when the broker was away, from its return on', async () => {
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

  test('is given again when the host slept: its own clock stood still, and that of the broker has jumped', async () => {
    await hearFor(GRACE_MS);
    aheadMs += 4_000_000;
    await grace.hear();
    expect(grace.isOver).toBe(false);
    await hearFor(GRACE_MS);
    expect(grace.isOver).toBe(true);
  });

  test('is not given again for an answer that is a little late', async () => {
    await hearFor(GRACE_MS);
    answersAfterMs = EVERY_MS;
    await grace.hear();
    expect(grace.isOver).toBe(true);
  });
});
