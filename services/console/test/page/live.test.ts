/** How the page listens for changes while no console answers. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

/** Imported dynamically, since it needs browser types, which this project doesn't have. */
const LIVE: string = new URL('../../page/src/api/live.ts', import.meta.url).href;
const { listen } = (await import(LIVE)) as {
  listen(topic: string, listener: object): { stop(): void };
};

/** Listeners for an abort that were added and neither removed nor called. */
let waiting = 0;
let asked = 0;
const page = Object.assign(new EventTarget(), { hidden: false });

beforeEach(() => {
  vi.useFakeTimers();
  [waiting, asked, page.hidden] = [0, 0, false];
  vi.stubGlobal('document', page);
  vi.stubGlobal('fetch', async () => {
    asked++;
    throw new TypeError('Failed to fetch');
  });
  const { addEventListener, removeEventListener } = EventTarget.prototype;
  vi.spyOn(AbortSignal.prototype, 'addEventListener').mockImplementation(function (
    this: AbortSignal,
    ...added
  ) {
    waiting++;
    addEventListener.apply(this, added as never);
  });
  vi.spyOn(AbortSignal.prototype, 'removeEventListener').mockImplementation(function (
    this: AbortSignal,
    ...removed
  ) {
    waiting--;
    removeEventListener.apply(this, removed as never);
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

const forNothing = { since: 0, onChange: () => undefined, onReset: () => undefined };

test('a long outage of the console leaks no listeners of pauses', async () => {
  const before = waiting;
  const listening = listen('', forNothing);
  await vi.advanceTimersByTimeAsync(600_000);
  expect(asked).toBeGreaterThan(50);
  expect(waiting - before).toBe(1);
  listening.stop();
  const tries = asked;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(asked).toBe(tries);
});

test('a tab has a stream while it is seen: it opens none before, and closes it soon after', async () => {
  const open = new Set<AbortSignal>();
  vi.stubGlobal('fetch', async (_: string, { signal }: { signal: AbortSignal }) => {
    open.add(signal);
    const start = (controller: ReadableStreamDefaultController): void => {
      signal.onabort = () => void (open.delete(signal) && controller.error(signal.reason));
    };
    return new Response(new ReadableStream({ start }));
  });
  const show = async (isShown: boolean, forMs: number): Promise<number> => {
    page.hidden = !isShown;
    page.dispatchEvent(new Event('visibilitychange'));
    await vi.advanceTimersByTimeAsync(forMs);
    return open.size;
  };
  page.hidden = true;
  const listening = listen('', forNothing);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(open.size).toBe(0);
  expect(await show(true, 0)).toBe(1);
  expect(await show(false, 3_000)).toBe(1);
  expect(await show(true, 10_000)).toBe(1);
  expect(await show(false, 10_000)).toBe(0);
  expect(await show(true, 0)).toBe(1);
  listening.stop();
});

test('a tab that is shown and hidden leaks none either', async () => {
  const before = waiting;
  const listening = listen('', forNothing);
  for (let looks = 0; looks < 50; looks++) {
    page.hidden = !page.hidden;
    page.dispatchEvent(new Event('visibilitychange'));
    await vi.advanceTimersByTimeAsync(10_000);
  }
  expect(asked).toBeGreaterThan(25);
  expect(waiting - before).toBe(1);
  listening.stop();
});
