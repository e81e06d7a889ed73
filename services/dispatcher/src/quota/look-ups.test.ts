import { expect, test } from 'vitest';
import { CallFailed } from '../adapters/failures.ts';
import { LookUps } from './look-ups.ts';

const failing = (code: string) => () =>
  Promise.reject(new CallFailed({ from: 'provider', code, message: code, billed: true }));

test('a failed look-up is not a failed call: nothing was billed, and only a throttled one slows look-ups', async () => {
  let slowed = 0;
  const rate = { acquire: async () => true, slowDown: async () => void slowed++ };
  const lookUps = new LookUps(rate, new AbortController().signal);
  for (const code of ['AccessDeniedException', 'ThrottlingException']) {
    const failure = { code, billed: false, isLookUp: true };
    await expect(lookUps.one(failing(code))).rejects.toMatchObject({ failure });
    const listed = lookUps.pages(async function* (beforePage) {
      await beforePage();
      yield await failing(code)();
    });
    await expect(listed.next()).rejects.toMatchObject({ failure });
  }
  expect(slowed).toBe(2);
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
