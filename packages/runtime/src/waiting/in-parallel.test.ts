import { expect, test } from 'vitest';
import { inParallel } from './in-parallel.ts';
import { sleep } from './sleep.ts';

test('inParallel does the work for each thing, for at most the given number at once', async () => {
  const done: number[] = [];
  let underWay = 0;
  let most = 0;
  await inParallel(Array.from({ length: 20 }).keys(), 3, async (thing) => {
    most = Math.max(most, ++underWay);
    await sleep(thing % 3);
    underWay--;
    done.push(thing);
  });
  expect(done.sort((a, b) => a - b)).toEqual([...Array(20).keys()]);
  expect(most).toBe(3);
});

test('inParallel starts nothing more after the first failure, and waits for work in progress', async () => {
  const begun: string[] = [];
  const ended: string[] = [];
  const first = Promise.withResolvers<void>();
  const work = inParallel(['slow', 'fails', 'fails later', 'never begun'], 3, async (thing) => {
    begun.push(thing);
    await (thing === 'fails' ? undefined : first.promise);
    ended.push(thing);
    if (thing.startsWith('fails')) throw new Error(thing);
  });
  const rejected = expect(work).rejects.toThrow(/^fails$/);
  await sleep(0);
  first.resolve();
  await rejected;
  expect(begun).toEqual(['slow', 'fails', 'fails later']);
  expect(ended).toEqual(['fails', 'slow', 'fails later']);
});

test('inParallel never reads ahead of its work, and closes the source after a failure', async () => {
  let read = 0;
  let closed = false;
  async function* source() {
    try {
      for (;;) yield ++read;
    } finally {
      closed = true;
    }
  }
  await expect(
    inParallel(source(), 2, async (thing) => {
      if (thing === 4) throw new Error('the fourth');
    }),
  ).rejects.toThrow('the fourth');
  expect(closed).toBe(true);
  expect(read).toBeLessThan(4 + 2 + 1);
});

test('inParallel fails if its source does', async () => {
  async function* source() {
    yield 1;
    throw new Error('cut off');
  }
  await expect(inParallel(source(), 2, async () => undefined)).rejects.toThrow('cut off');
});
