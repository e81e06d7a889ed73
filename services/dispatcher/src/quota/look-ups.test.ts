import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { CallFailed } from '../adapters/failures.ts';
import { LookUps } from './look-ups.ts';

const failing = (code: string) => () =>
  Promise.reject(new CallFailed({ from: 'provider', code, message: code, billed: true }));

const started = () => {
  const rate = { slowed: 0, acquire: async () => true, slowDown: async () => void rate.slowed++ };
  return { rate, lookUps: new LookUps(rate, new AbortController().signal) };
};

test('a failed look-up is not a failed call: nothing was billed, and only a throttled one slows look-ups', async () => {
  const { rate, lookUps } = started();
  for (const code of ['AccessDeniedException', 'ThrottlingException']) {
    const failure = { code, billed: false, isLookUp: true };
    await expect(lookUps.one(failing(code))).rejects.toMatchObject({ failure });
  }
  expect(rate.slowed).toBe(1);
  const failure = { code: 'AccessDeniedException', billed: false, isLookUp: true };
  await expect(lookUps.pages(failing(failure.code)).next()).rejects.toMatchObject({ failure });
  expect(rate.slowed).toBe(1);
});

describe('a list of many pages', () => {
  /** Without pauses. */
  beforeEach(() => void vi.spyOn(Math, 'random').mockReturnValue(0));
  afterEach(() => void vi.restoreAllMocks());

  /** Starts to read a list of which the pages behind the first are throttled so many times each. */
  function reading(lookUps: LookUps, throttledTimes: number, onThrottled = () => {}) {
    const asked: number[] = [];
    const pageAt = async (start = '0') => {
      const page = Number(start);
      asked.push(page);
      const times = asked.filter((each) => each === page).length;
      if (page > 0 && times <= throttledTimes) {
        onThrottled();
        await failing('ThrottlingException')();
      }
      return { entries: [page], ...(page < 3 && { next: `${page + 1}` }) };
    };
    return { asked, read: Array.fromAsync(lookUps.pages(pageAt)) };
  }

  test('is read to its end although pages are throttled, and from its beginning only once', async () => {
    const { rate, lookUps } = started();
    const { asked, read } = reading(lookUps, 2);
    expect(await read).toEqual([0, 1, 2, 3]);
    expect(asked).toEqual([0, 1, 1, 1, 2, 2, 2, 3, 3, 3]);
    expect(rate.slowed).toBe(6);
  });

  test('is given up once a page was throttled ten times', async () => {
    const { asked, read } = reading(started().lookUps, 10);
    const failure = { code: 'ThrottlingException', isLookUp: true };
    await expect(read).rejects.toMatchObject({ failure });
    expect(asked).toEqual([0, ...Array.from({ length: 10 }, () => 1)]);
  });

  test('is read no further after a stop that comes while a page is throttled', async () => {
    const stop = new AbortController();
    const { asked, read } = reading(new LookUps(undefined, stop.signal), 1, () => stop.abort());
    await expect(read).rejects.toMatchObject({ name: 'AbortError' });
    expect(asked).toEqual([0, 1]);
  });
});

test('a look-up that a stop ends is not made, and throws the reason of the stop', async () => {
  const lookUps = new LookUps(
    { acquire: async () => false, slowDown: async () => undefined },
    AbortSignal.abort(),
  );
  const made = lookUps.one(async () => 'made');
  await expect(made).rejects.toMatchObject({ name: 'AbortError' });
  const unlimited = new LookUps(undefined, AbortSignal.abort()).one(async () => 'made');
  await expect(unlimited).rejects.toMatchObject({ name: 'AbortError' });
});
